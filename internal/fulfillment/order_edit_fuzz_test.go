package fulfillment_test

import (
	"encoding/json"
	"testing"

	"packhorse/internal/fulfillment"
)

// FuzzPlanEdit plans any edit of an order whose units are everywhere: it is refused plainly, or what it adds can be
// kept, and it takes no more units than there are. The fulfillment orders stay as they were.
func FuzzPlanEdit(f *testing.F) {
	for _, body := range []string{`{}`, `{"setQuantities":[{"id":11,"quantity":0}]}`,
		`{"setQuantities":[{"id":11,"quantity":5},{"id":12,"quantity":-1}]}`,
		`{"setQuantities":[{"id":11,"quantity":9223372036854775807},{"id":11,"quantity":1}]}`,
		`{"add":[{"title":"Cup","quantity":1,"unitPrice":"1.10","metadata":{"\u0000":"a"}}],"commandId":"a"}`,
		`{"add":[{"id":11,"title":"Cup","quantity":1},{"title":"","quantity":-1},{"id":-1,"quantity":1e3}]}`,
		`{"add":[{"title":"\u0000","quantity":1000000,"sku":"a","fulfillBy":"9999-12-31T23:59:59-23:59"}],"setQuantities":[{"id":12,"quantity":1}]}`,
		`{"add":[{"title":"Tea","quantity":2,"requiresShipping":false,"taxLines":[{"title":"T","rate":"0.1","price":"1"}]}],"actor":{"role":"KING"}}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var edit fulfillment.EditOrder
		if json.Unmarshal(body, &edit) != nil {
			return
		}
		fos := everyPart()
		before := snapshots(t, fos)
		plan, err := planEdit(fos, edit)
		if string(snapshots(t, fos)) != string(before) {
			t.Fatalf("%s changed a fulfillment order", body)
		}
		if err != nil {
			refused, ok := fulfillment.AsError(err)
			if !ok || refused.Code == "" || refused.Message == "" || !storable(refused.Message) ||
				len(refused.Message) > longestRefusal {
				t.Fatalf("%s is refused with %#v", body, err)
			}
			return
		}
		if hasNUL(marshal(t, plan)) {
			t.Fatalf("PostgreSQL keeps no NUL in a text, so this could never be committed: %s", marshal(t, plan))
		}
		for _, l := range plan.Add {
			if l.ID <= 0 || l.Quantity <= 0 || l.Quantity > fulfillment.MaxLineQuantity {
				t.Fatalf("%s adds %+v", body, l)
			}
		}
		for _, l := range plan.Raise {
			if l.ID != 11 && l.ID != 12 || l.Quantity <= 0 || l.Quantity > fulfillment.MaxLineQuantity {
				t.Fatalf("%s raises %+v", body, l)
			}
		}
		for _, cancel := range plan.Cancel {
			fo := byID(fos, cancel.FulfillmentOrderID)
			for _, q := range cancel.LineItems {
				if fo == nil || q.ID != 11 || q.Quantity <= 0 || q.Quantity > fo.RemainingUnits() {
					t.Fatalf("%s takes %+v", body, cancel)
				}
			}
		}
	})
}
