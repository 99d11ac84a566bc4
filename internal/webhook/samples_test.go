package webhook_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// samples is where bodies of the source are, on machines that have them.
const samples = "../../../shared/data"

// keysOf are the paths of all keys of a value; those of the items of a list are as those of one.
func keysOf(value any, at string, into map[string]bool) map[string]bool {
	switch v := value.(type) {
	case map[string]any:
		for key, of := range v {
			into[at+key] = true
			keysOf(of, at+key+".", into)
		}
	case []any:
		for _, item := range v {
			keysOf(item, at, into)
		}
	}
	return into
}

func keysIn(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return keysOf(value, "", map[string]bool{})
}

// TestKeysAreTheSources compares the keys of our examples with those of the source's samples, where both are at hand.
func TestKeysAreTheSources(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(samples, "webhooks", "*.json"))
	if err != nil || len(paths) == 0 {
		t.Skipf("the source's samples are not at %s", samples)
	}
	// What we say in addition, or leave out, on purpose.
	more := map[string][]string{
		"fulfillment_orders__cancellation_request_accepted.json": {"fulfillment_order.request_status"},
		// Addresses, people and taxes that the sample does not have.
		"fulfillments__create.json": {
			"origin_address.address1", "origin_address.address2", "origin_address.city", "origin_address.country_code",
			"origin_address.province_code", "origin_address.zip", "line_items.tax_lines.channel_liable",
			"line_items.tax_lines.price", "line_items.tax_lines.price_set", "line_items.tax_lines.rate",
			"line_items.tax_lines.title", "line_items.tax_lines.price_set.presentment_money",
			"line_items.tax_lines.price_set.presentment_money.amount",
			"line_items.tax_lines.price_set.presentment_money.currency_code",
			"line_items.tax_lines.price_set.shop_money", "line_items.tax_lines.price_set.shop_money.amount",
			"line_items.tax_lines.price_set.shop_money.currency_code", "line_items.properties.name",
			"line_items.properties.value",
		},
	}
	// The lines, which the sample counts but does not show, and their keys as they were received.
	line := []string{
		"id", "admin_graphql_api_id", "fulfillment_line_item", "fulfillment_line_item.id",
		"fulfillment_line_item.admin_graphql_api_id", "fulfillment_line_item.line_item",
		"fulfillment_line_item.line_item.id", "fulfillment_line_item.line_item.admin_graphql_api_id", "quantity",
		"return_reason", "return_reason_note", "customer_note",
	}
	for _, key := range line {
		for _, name := range []string{"returns__request.json", "returns__approve.json"} {
			more[name] = append(more[name], "return_line_items."+key)
		}
	}
	more["fulfillments__update.json"] = more["fulfillments__create.json"]
	// Null where there is no such thing: a sample shows what is in it.
	under := map[string][]string{
		"fulfillment_orders__split.json": {
			"replacement_fulfillment_order.id", "replacement_fulfillment_order.status",
		},
		"fulfillment_orders__progress_reported.json":                  {"progress_report.progress_reported_by_user.id"},
		"fulfillment_orders__manually_reported_progress_stopped.json": {"progress_stopped_by_user.id"},
		"fulfillments__create.json": {
			"line_items.total_discount_set.presentment_money", "line_items.total_discount_set.presentment_money.amount",
			"line_items.total_discount_set.presentment_money.currency_code", "line_items.total_discount_set.shop_money",
			"line_items.total_discount_set.shop_money.amount", "line_items.total_discount_set.shop_money.currency_code",
		},
	}
	under["fulfillments__update.json"] = under["fulfillments__create.json"]
	compared := 0
	for _, path := range paths {
		name := filepath.Base(path)
		own := filepath.Join("testdata", "bodies", name)
		if _, err := os.Stat(own); err != nil { // Of what is never raised here.
			continue
		}
		compared++
		want := keysIn(t, path)
		for _, key := range more[name] {
			want[key] = true
		}
		for _, key := range under[name] {
			delete(want, key)
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(keysIn(t, own)))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if compared < 35 {
		t.Errorf("%d examples were compared", compared)
	}
}

// TestKeysOfOrdersAreTheSources, in their order: a receiver may read them as they come.
func TestKeysOfOrdersAreTheSources(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(samples, "order-keys-2026-07.json"))
	if err != nil {
		text, err = os.ReadFile(filepath.Join(samples, "webhooks", "order-keys-2026-07.json"))
	}
	if err != nil {
		t.Skipf("the source's keys are not at %s", samples)
	}
	var want []string
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for _, topic := range []string{"create", "updated", "cancelled", "fulfilled", "partially_fulfilled", "paid"} {
		file, err := os.Open(filepath.Join("testdata", "bodies", "orders__"+topic+".json"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		decoder := json.NewDecoder(file)
		if _, err := decoder.Token(); err != nil {
			t.Fatal(err)
		}
		var got []string
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, key.(string))
			var value json.RawMessage
			if err := decoder.Decode(&value); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", topic, diff)
		}
	}
}
