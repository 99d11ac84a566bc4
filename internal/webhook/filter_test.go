package webhook

import (
	"strings"
	"testing"
)

const filterBody = `{
	"fulfillment_order": {
		"id": "gid://shopify/FulfillmentOrder/9007199254740993", "status": "on_hold", "preparable": true,
		"fulfill_at": "2026-03-04T19:00:00-05:00",
		"fulfillment_holds": [{"reason": "awaiting_payment", "notes": null}, {"reason": "other", "notes": "Wet paint"}]
	},
	"id": 9007199254740993, "total_price": "12.50", "name": "007", "tags": ["vip", "Wholesale"], "lines": [],
	"variants": [{"price": "9.99"}, {"price": "10.00"}]
}`

// Filters are asked of the body's own keys.
func TestFilter(t *testing.T) {
	t.Parallel()
	body, err := Decode([]byte(filterBody))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"":   true,
		"  ": true,

		"fulfillment_order.status:on_hold":                                       true,
		"fulfillment_order.status:ON_HOLD":                                       true,
		"fulfillment_order.status:open":                                          false,
		"fulfillment_order.status:open,on_hold":                                  true,
		"fulfillment_order.status:on*":                                           true,
		"fulfillment_order.status:hold*":                                         false,
		"fulfillment_order.preparable:true":                                      true,
		"fulfillment_order.preparable:false":                                     false,
		"fulfillment_order:*":                                                    true,
		"status:on_hold":                                                         false,
		"fulfillment_order.nowhere.at.all:1":                                     false,
		"-fulfillment_order.nowhere:*":                                           true,
		"fulfillment_order.fulfillment_holds.notes:*":                            true,
		`fulfillment_order.id:"gid://shopify/FulfillmentOrder/9007199254740993"`: true,

		// Of a list, one item is enough.
		"fulfillment_order.fulfillment_holds.reason:other":                                     true,
		"fulfillment_order.status:on_hold AND fulfillment_order.fulfillment_holds.reason:oth*": true,
		"fulfillment_order.fulfillment_holds.reason:incorrect_address":                         false,
		`fulfillment_order.fulfillment_holds.notes:"wet paint"`:                                true,
		"tags:wholesale": true,
		"tags:retail":    false,
		"lines:*":        false,
		"lines.sku:*":    false,

		// Numbers keep their digits, and prices are numbers.
		"id:9007199254740993":    true,
		"id:9007199254740992":    false,
		"id:>9007199254740992":   true,
		"id:<=9007199254740992":  false,
		"total_price:12.5":       true,
		"total_price:>=12.50":    true,
		"total_price:>12.50":     false,
		"variants.price:>=10.00": true,
		"variants.price:>10.00":  false,
		"variants.price:<10":     true,
		"name:7":                 false,
		"name:007":               true,
		"name:>=8":               false,
		"tags:>a":                false,
		"total_price:>1e400000":  false,
		"fulfillment_order:>0":   false,

		"fulfillment_order.fulfill_at:2026-03-05":             true,
		"fulfillment_order.fulfill_at:2026-03-04":             false,
		"fulfillment_order.fulfill_at:>=2026-03-05":           true,
		"fulfillment_order.fulfill_at:>2026-03-05":            false,
		"fulfillment_order.fulfill_at:<2026-03-05T00:00:01Z":  true,
		`fulfillment_order.fulfill_at:"2026-03-05T00:00:00Z"`: true,
		"fulfillment_order.fulfill_at:2026":                   true,

		"id:* name:7":               false,
		"id:* OR name:7":            true,
		"NOT name:7 id:*":           true,
		"-(name:007 OR name:7)":     false,
		"(name:7 OR name:007) id:*": true,
	} {
		f, err := CompileFilter(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := f.Matches(body); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// A body that was decoded without care for its digits is matched as well as it can be.
func TestFilterOfPlainJSON(t *testing.T) {
	t.Parallel()
	f, err := CompileFilter("quantity:>=2 price:1.5")
	if err != nil {
		t.Fatal(err)
	}
	if !f.Matches(map[string]any{"quantity": float64(2), "price": 1.5}) {
		t.Error("it does not match")
	}
}

func TestFilterRefusals(t *testing.T) {
	t.Parallel()
	const names = "The specified filter is invalid, please ensure you specify the field(s) you wish to filter on."
	for text, want := range map[string]string{
		"totally bogus syntax":                   names,
		"customer_id:1 word":                     names,
		"*":                                      names,
		"-word":                                  names,
		"(id:1":                                  names + " Search query, character 1: This bracket is never closed: a ) is missing.",
		strings.Repeat("id:1 ", 13106) + "id:11": "",
		strings.Repeat("id:1 ", 13106) + "id:111": "The specified filter exceeds the maximum allowed size.",
		strings.Repeat("x", MaxFilter+1):          "The specified filter exceeds the maximum allowed size.",
	} {
		got := ""
		if _, err := CompileFilter(text); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%.40s: %q, want %q", text, got, want)
		}
	}
}

// FuzzFilter: whatever the filter and the body, there is an answer.
func FuzzFilter(f *testing.F) {
	f.Add("a.b:>=1 OR -c:x*", `{"a":[{"b":1},null,[2]],"c":true}`)
	f.Add("a:1,2 b:2026-01", `{"a":"1.0","b":"2026-01-31T10:00:00Z"}`)
	f.Fuzz(func(t *testing.T, text, body string) {
		compiled, err := CompileFilter(text)
		if err != nil {
			return
		}
		if decoded, err := Decode([]byte(body)); err == nil {
			compiled.Matches(decoded)
		}
	})
}
