package main

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"packhorse/internal/config"
	"packhorse/internal/worker/workertest"
	"packhorse/starter/demo"
)

// TestDemo takes the sample orders through their lives on a real stack, twice.
func TestDemo(t *testing.T) {
	t.Parallel()
	stack := workertest.Start(t)
	play := func() (demoDocument, time.Duration) {
		t.Helper()
		var out, errOut bytes.Buffer
		a := newApp(nil, &out, &errOut)
		a.backend = &servers{
			log: &errOut, cli: &config.CLI{Timeout: time.Minute}, database: stack.Settings.Database,
			temporal: stack.Settings.Temporal, loaded: true,
		}
		began := time.Now()
		if status := a.run(
			t.Context(), []string{"demo", "--examples", "../examples", "-o", "json"},
		); status != statusDone {
			t.Fatalf("status %d\n%s", status, &errOut)
		}
		var got demoDocument
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		return got, time.Since(began)
	}
	first, took := play()
	t.Logf("the first took %s", took)
	if first.Sent == 0 || first.Places != 5 {
		t.Errorf("it sent %d commands and added %d locations", first.Sent, first.Places)
	}
	want := map[string]string{
		"01-one-line": "FULFILLED", "02-many-lines": "FULFILLED", "03-two-locations": "FULFILLED",
		"04-scheduled": "FULFILLED",
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
	if second, _ := play(); second.Sent != 0 || second.Places != 0 || len(second.Items) != len(first.Items) {
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

// TestSampleServicesCanBeAdded asks their providers for their options.
func TestSampleServicesCanBeAdded(t *testing.T) {
	t.Parallel()
	_, services := demo.Places(demo.Warehouse{URL: "https://warehouse.example.com", SecretName: "SAMPLE_WAREHOUSE"})
	for _, l := range services {
		if _, err := checkProvider(t.Context(), *l.Service); err != nil {
			t.Errorf("%s: %v", l.Name, err)
		}
	}
}
