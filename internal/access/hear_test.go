package access

import (
	"slices"
	"testing"

	"packhorse/internal/fulfillment"
)

// TestHears: who may see something may hear of it, and nobody else.
func TestHears(t *testing.T) {
	t.Parallel()
	const own, other = fulfillment.ID(7), fulfillment.ID(8)
	kinds := map[Ownership]fulfillment.ID{MerchantManaged: 0, Assigned: own, ThirdParty: other}
	everywhere := []Ownership{MerchantManaged, Assigned, ThirdParty}
	of := map[Scope]map[string][]Ownership{
		ReadMerchantManaged: {"fulfillment_orders": {MerchantManaged}, "fulfillments": {MerchantManaged}},
		ReadAssigned:        {"fulfillment_orders": {Assigned}, "fulfillments": {Assigned}},
		ReadThirdParty: {
			"fulfillment_orders": {Assigned, ThirdParty}, "fulfillments": {Assigned, ThirdParty},
		},
		ReadOrders:       {"orders": everywhere, "fulfillments": everywhere, "called off": everywhere},
		ReadReturns:      {"returns": everywhere, "called off": everywhere},
		ReadFulfillments: {}, ReadLocations: {},
		// A write scope implies its read scope.
		WriteMerchantManaged: {"fulfillment_orders": {MerchantManaged}, "fulfillments": {MerchantManaged}},
		WriteAssigned:        {"fulfillment_orders": {Assigned}, "fulfillments": {Assigned}},
		WriteThirdParty: {
			"fulfillment_orders": {Assigned, ThirdParty}, "fulfillments": {Assigned, ThirdParty},
		},
		WriteOrders:       {"orders": everywhere, "fulfillments": everywhere, "called off": everywhere},
		WriteReturns:      {"returns": everywhere, "called off": everywhere},
		WriteFulfillments: {}, WriteLocations: {},
	}
	families := map[string]string{
		"fulfillment_orders/moved": "fulfillment_orders", "fulfillment_holds/added": "fulfillment_orders",
		"fulfillments/create": "fulfillments", "fulfillment_events/create": "fulfillments", "orders/paid": "orders",
		"returns/request": "returns", "returns/update": "returns", "reverse_deliveries/attach_deliverable": "returns",
		"reverse_fulfillment_orders/dispose": "returns", "returns/cancel": "called off", "returns/close": "called off",
		"returns/reopen": "called off", "inventions/create": "", "": "", "orders": "orders",
	}
	for _, scope := range Scopes() {
		rights, known := of[scope]
		if !known {
			t.Errorf("nothing says what %s lets hear", scope)
		}
		app := Caller{App: App{Scopes: []Scope{scope}}, Services: []fulfillment.ID{own}}
		for topic, family := range families {
			for kind, service := range kinds {
				want := slices.Contains(rights[family], kind)
				if got := app.Hears(topic, app.To(service)); got != want {
					t.Errorf("%s hears of %s at %s: %v, want %v", scope, topic, kind, got, want)
				}
			}
		}
	}
	all := Trusted(fulfillment.System)
	if !all.Hears("orders/paid", all.To(0)) || !all.Hears("returns/request", all.To(0)) ||
		all.Hears("inventions/create", all.To(0)) {
		t.Error("an operator hears of everything that there is, and of nothing else")
	}
}
