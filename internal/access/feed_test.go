package access

import (
	"reflect"
	"testing"

	"packhorse/internal/fulfillment"
)

// TestFeedSight: of orders, fulfillment orders and returns, an app reads the events where it may read the thing.
func TestFeedSight(t *testing.T) {
	t.Parallel()
	own := []fulfillment.ID{7}
	for name, test := range map[string]struct {
		scopes []Scope
		want   FeedSight
		denied bool
	}{
		"orders only":  {[]Scope{WriteOrders}, FeedSight{Orders: true}, false},
		"returns only": {[]Scope{WriteReturns}, FeedSight{Returns: true}, false},
		"the merchant's only": {
			[]Scope{ReadMerchantManaged}, FeedSight{FulfillmentOrders: Visibility{Merchant: true}}, false,
		},
		"its own only": {
			[]Scope{WriteAssigned}, FeedSight{FulfillmentOrders: Visibility{Assigned: true}}, false,
		},
		"all services": {
			[]Scope{ReadThirdParty}, FeedSight{FulfillmentOrders: Visibility{Assigned: true, ThirdParty: true}}, false,
		},
		"none of them": {[]Scope{WriteLocations, WriteFulfillments}, FeedSight{}, true},
		"nothing":      {nil, FeedSight{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, denied := Caller{App: App{Scopes: test.scopes}, Services: own}.FeedSight()
			if !test.denied {
				test.want.FulfillmentOrders.Services = own
			}
			if !reflect.DeepEqual(got, test.want) || (denied != nil) != test.denied {
				t.Errorf("got %+v, %v; want %+v", got, denied, test.want)
			}
			if test.denied && denied.RequiredAccess() == "" {
				t.Error("it is not told what is missing")
			}
		})
	}
	if all, denied := Trusted(fulfillment.Actor{}).FeedSight(); denied != nil || !all.Everything() {
		t.Errorf("who has the database reads %+v, %v", all, denied)
	}
}
