package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"packhorse/internal/config"
	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
)

const examplesFolder = "../examples"

// TestDemo takes the sample orders through their lives on a real stack, twice.
func TestDemo(t *testing.T) {
	t.Parallel()
	stack := workertest.Start(t)
	demo := func() (demoDocument, time.Duration) {
		t.Helper()
		var out, errOut bytes.Buffer
		a := newApp(nil, &out, &errOut)
		a.backend = &servers{log: &errOut, cli: &config.CLI{Timeout: time.Minute}, database: stack.Settings.Database, temporal: stack.Settings.Temporal, loaded: true}
		began := time.Now()
		if status := a.run(t.Context(), []string{"demo", "--examples", examplesFolder, "-o", "json"}); status != statusDone {
			t.Fatalf("status %d\n%s", status, &errOut)
		}
		var got demoDocument
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		return got, time.Since(began)
	}
	first, took := demo()
	t.Logf("the first took %s", took)
	if first.Sent == 0 || first.Places != 5 {
		t.Errorf("it sent %d commands and added %d locations", first.Sent, first.Places)
	}
	want := map[string]string{
		"01-one-line": "FULFILLED", "02-many-lines": "FULFILLED", "03-two-locations": "FULFILLED", "04-scheduled": "FULFILLED",
		"05-pre-order": "FULFILLED", "06-digital": "FULFILLED", "07-held": "FULFILLED", "08-rejected": "FULFILLED",
		"09-cancelled-late": "UNFULFILLED", "10-in-parts": "PARTIALLY_FULFILLED", "11-waiting": "ON_HOLD",
	}
	for _, item := range first.Items {
		if item.Status != want[item.Example] {
			t.Errorf("%s is %s, want %s", item.Example, item.Status, want[item.Example])
		}
		delete(want, item.Example)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	if second, _ := demo(); second.Sent != 0 || second.Places != 0 || len(second.Items) != len(first.Items) {
		t.Errorf("the second sent %d commands and added %d locations", second.Sent, second.Places)
	}
}

type demoDocument struct {
	Items []struct {
		Example string
		Status  string `json:"displayFulfillmentStatus"`
	}
	Places int `json:"addedLocations"`
	Sent   int `json:"sentCommands"`
}

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
		_, err := readExamples(folder)
		if (err == nil) != (want == "") || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", step, err, want)
		}
	}
	if _, err := readExamples(t.TempDir()); err == nil {
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
	own, services := samplePlaces()
	stocked := map[string]bool{}
	for _, l := range append(own, services...) {
		for _, sku := range l.SKUs {
			stocked[sku] = true
		}
		if l.Service != nil {
			if err := checkProvider(t.Context(), *l.Service); err != nil {
				t.Errorf("%s: %v", l.Name, err)
			}
		}
	}
	examples, err := readExamples(examplesFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		order, err := e.order(noon)
		if err == nil {
			err = order.Complete(noon)
		}
		if err != nil {
			t.Errorf("%s: %v", e.name, err)
		}
		for _, l := range order.LineItems {
			if !stocked[l.SKU] {
				t.Errorf("%s: nobody stocks %s", e.name, l.SKU)
			}
		}
		if e.Story == "" || order.ID != fulfillment.DerivedID("order", order.SourceIdentifier) {
			t.Errorf("%s has no story, or another ID", e.name)
		}
	}
}
