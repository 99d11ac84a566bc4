package chaos

import (
	"testing"

	"packhorse/internal/access"
)

// TestOverseen: an app that is told what its scopes forbid is noticed, wherever in an answer it stands.
func TestOverseen(t *testing.T) {
	t.Parallel()
	at := func(place string) string {
		return `{"data":{"fulfillmentOrders":{"nodes":[{"__typename":"FulfillmentOrder","id":"1","assignedLocation":{"name":"` +
			place + `"}}]}}}`
	}
	desk := &app{scopes: []access.Scope{access.WriteMerchantManaged}}
	own := &app{scopes: []access.Scope{access.ReadAssigned}, owns: []string{courier}}
	onlooker := &app{scopes: []access.Scope{access.ReadThirdParty}}
	for name, test := range map[string]struct {
		by   *app
		body string
		may  bool
	}{
		"merchant_at_home":       {desk, at(warehouses[0]), true},
		"merchant_at_a_service":  {desk, at(courier), false},
		"service_at_its_own":     {own, at(courier), true},
		"service_at_another":     {own, at(deaf), false},
		"service_at_home":        {own, at(warehouses[1]), false},
		"onlooker_at_a_service":  {onlooker, at(deaf), true},
		"onlooker_at_home":       {onlooker, at(warehouses[0]), false},
		"an_order":               {desk, `{"data":{"a":[{"b":{"__typename":"Order","id":"1"}}]}}`, false},
		"another_app's_callback": {desk, `{"data":null,"errors":[{"message":"` + courierURL + `"}]}`, false},
		"its_own_callback":       {own, `{"data":{"callbackUrl":"` + courierURL + `"}}`, true},
		"a_wrong_document": {
			desk, `{"errors":[{"message":"Field 'x' doesn't exist","extensions":{"code":"BAD_REQUEST"}}]}`, false,
		},
		"a_denial": {desk, `{"data":{"a":null},"errors":[{"message":"No.","extensions":{"code":"ACCESS_DENIED"}}]}`, true},
	} {
		if wrong := test.by.overseen([]byte(test.body)); (wrong == "") != test.may {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}
