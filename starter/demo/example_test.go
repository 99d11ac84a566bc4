package demo

import (
	"os"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

const examplesFolder = "../../examples"

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

func TestExamplesAreReadStrictly(t *testing.T) {
	t.Parallel()
	good := `{"story":"s","order":{"sourceIdentifier":"x","lineItems":[{"title":"x","quantity":1}]},"steps":[%]}`
	for step, want := range map[string]string{
		``:                             "",
		`{"do":"Open"}`:                "",
		`{"do":"Dance"}`:               "step 1",
		`{"do":"Wait"}`:                "until is missing",
		`{"do":"Hold","wiht":{}}`:      "wiht",
		`{"do":"Hold","with":{"r":1}}`: "step 1",
	} {
		folder := t.TempDir()
		if err := os.WriteFile(folder+"/x.json", []byte(strings.Replace(good, "%", step, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Read(folder)
		if (err == nil) != (want == "") || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", step, err, want)
		}
	}
	if _, err := Read(t.TempDir()); err == nil {
		t.Error("an empty folder is no error")
	}
}

func TestTimesFromNow(t *testing.T) {
	t.Parallel()
	got := string(fillTimes([]byte(`{"a":"now","b":"now+90s","c":"now-1h","d":"nowhere","e":"now+soon"}`), noon))
	want := `{"a":"2026-11-27T12:00:00Z","b":"2026-11-27T12:01:30Z","c":"2026-11-27T11:00:00Z","d":"nowhere","e":"now+soon"}`
	if got != want {
		t.Errorf("got %s", got)
	}
}

// TestSamplePlacesShipTheExamples finds every SKU of the sample orders at a sample location.
func TestSamplePlacesShipTheExamples(t *testing.T) {
	t.Parallel()
	own, services := Places(Warehouse{})
	stocked := map[string]bool{}
	for _, l := range append(own, services...) {
		for _, sku := range l.SKUs {
			stocked[sku] = true
		}
	}
	examples, err := Read(examplesFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		order, err := e.order(noon)
		if err == nil {
			err = order.Complete(noon)
		}
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		for _, l := range order.LineItems {
			if !stocked[l.SKU] {
				t.Errorf("%s: nobody stocks %s", e.Name, l.SKU)
			}
		}
		if e.Story == "" || order.ID != fulfillment.OrderIDOf(order.SourceIdentifier) {
			t.Errorf("%s has no story, or another ID", e.Name)
		}
	}
}
