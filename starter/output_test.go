package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
)

var update = flag.Bool("update", false, "write what is printed to testdata/")

// TestGolden compares what people and programs get with testdata/.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]string{
		"order-show": "order show 1001", "order-list": "order list", "order-show.json": "order show 1001 -o json",
		"fulfillment-order-show":      "fulfillment-order show 4711",
		"fulfillment-order-show.json": "fulfillment-order show 4711 -o json --as service:nordlicht",
		"fulfillment-order-list":      "fulfillment-order list",
		"fulfillment-order-history":   "fulfillment-order history 4711",
		"fulfillment-show":            "fulfillment show 4714", "location-list": "location list",
		"service-list":     "service list",
		"release-hold":     "fulfillment-order release-hold 4711 --command-id c",
		"order-list.json":  "order list --output json",
		"provider-options": "provider options simulated",
		"provider-list":    "provider list", "provider-list.json": "provider list -o json",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := call(t, lantern(), "", strings.Fields(args)...)
			if status != statusDone || stderr != "" {
				t.Fatalf("status %d %s", status, stderr)
			}
			path := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(path, []byte(stdout), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), stdout); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIDsAreTextInJSON(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	err := writeJSON(&b, fulfillment.OrderCreated{
		OrderID: 9007199254740993, Name: "\"id\": 5", FulfillmentOrderIDs: []fulfillment.ID{9007199254740994},
	})
	want := `{
  "orderId": "9007199254740993",
  "name": "\"id\": 5",
  "fulfillmentOrderIds": [
    "9007199254740994"
  ]
}
`
	if err != nil || b.String() != want {
		t.Errorf("%v %s", err, &b)
	}
}
