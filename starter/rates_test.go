package main

import (
	"encoding/json"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// What shipping costs is shown for people and for programs, with what the order chose.
func TestRates(t *testing.T) {
	t.Parallel()
	f := lantern()
	f.orders[0].Lines = []fulfillment.OrderLine{{LineItemID: 11, Current: 3, Unfulfilled: 2}}
	f.orders[0].ShippingOption = &fulfillment.ShippingOption{Rule: fulfillment.RuleCheapest}
	f.locations[1].Service.Options = map[string]any{"price": "4.90", "currencyCode": "EUR"}
	f.locations = append(f.locations, fulfillment.Location{ID: 12, Name: "Attic", Active: true, ServiceID: 13,
		Service: &fulfillment.Service{ID: 13, Name: "Attic", Provider: "simulated", LocationID: 12}})
	status, stdout, stderr := call(t, f, "", "rates", "1001")
	if status != statusDone {
		t.Fatalf("status %d: %s", status, stderr)
	}
	var rows []string
	for line := range strings.Lines(stdout) {
		rows = append(rows, strings.Join(strings.Fields(line), " "))
	}
	want := []string{
		"SERVICE OPTION PRICE DAYS CHOSEN WHY NOT", "Nordlicht simulated-fulfillment 4.90 EUR - yes",
		"Attic - - - - it does not stock LANTERN",
	}
	if strings.Join(rows, "\n") != strings.Join(want, "\n") {
		t.Errorf("it says\n%s", stdout)
	}
	status, stdout, stderr = call(t, f, "", "rates", "1001", "-o", "json")
	var page ratesPage
	if err := json.Unmarshal([]byte(stdout), &page); status != statusDone || err != nil {
		t.Fatalf("status %d: %s %v", status, stderr, err)
	}
	if len(page.Items) != 2 || page.Items[0].Price.Amount != "4.90" || !page.Items[0].Chosen || page.OrderID != 1001 ||
		page.Choice.Rule != fulfillment.RuleCheapest || page.Items[1].WhyNot == "" {
		t.Errorf("programs get %s", stdout)
	}
}
