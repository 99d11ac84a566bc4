package access

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
)

func TestCallerFrom(t *testing.T) {
	t.Parallel()
	if _, ok := CallerFrom(context.Background()); ok {
		t.Error("a caller outside of a request")
	}
	want := callerWith(ReadOrders)
	if got, ok := CallerFrom(WithCaller(t.Context(), want)); !ok || !cmp.Equal(got, want) {
		t.Errorf("got %+v, %t", got, ok)
	}
}

// TestActor has the roles of the kinds of apps: a service's, the merchant's, and one that is both.
func TestActor(t *testing.T) {
	t.Parallel()
	service, merchant, both := callerWith(WriteAssigned), callerWith(
		WriteMerchantManaged, WriteThirdParty,
	), callerWith(Scopes()...)
	merchant.Services = nil
	for name, test := range map[string]struct {
		caller Caller
		at     fulfillment.AssignedLocation
		role   fulfillment.Role
		id     fulfillment.ID
	}{
		"a service at its location":         {service, ownService, fulfillment.RoleService, 20},
		"a service elsewhere":               {service, otherService, fulfillment.RoleMerchant, 0},
		"a service at the shop's location":  {service, shopLocation, fulfillment.RoleMerchant, 0},
		"the merchant at its location":      {merchant, shopLocation, fulfillment.RoleMerchant, 0},
		"the merchant at a service":         {merchant, ownService, fulfillment.RoleMerchant, 0},
		"an app of both at its service":     {both, ownService, fulfillment.RoleMerchant, 20},
		"an app of both at another service": {both, otherService, fulfillment.RoleMerchant, 0},
		"an app of both in the shop":        {both, shopLocation, fulfillment.RoleMerchant, 0},
		"nobody":                            {Caller{}, otherService, fulfillment.RoleMerchant, 0},
	} {
		got := test.caller.Actor(test.at)
		want := fulfillment.Actor{
			Role: test.role, App: test.caller.App.Handle, Name: test.caller.App.Name, ServiceID: test.id,
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func TestReading(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		scopes []Scope
		want   [3]bool // at the merchant's location, an own service, another service
	}{
		"nothing":            {nil, [3]bool{}},
		"orders":             {[]Scope{WriteOrders, WriteFulfillments, WriteLocations}, [3]bool{}},
		"merchant managed":   {[]Scope{ReadMerchantManaged}, [3]bool{true, false, false}},
		"assigned":           {[]Scope{ReadAssigned}, [3]bool{false, true, false}},
		"third party":        {[]Scope{ReadThirdParty}, [3]bool{false, true, true}},
		"a write scope":      {[]Scope{WriteAssigned}, [3]bool{false, true, false}},
		"an order manager's": {[]Scope{WriteMerchantManaged, WriteThirdParty}, [3]bool{true, true, true}},
		"everything":         {Scopes(), [3]bool{true, true, true}},
	} {
		c := callerWith(test.scopes...)
		kinds := c.ReadKinds()
		for i, at := range testLocations {
			if may, listed := c.MayRead(at), kinds.Includes(at); may != test.want[i] || listed != test.want[i] {
				t.Errorf("%s at %s: may read %t, lists %t; want %t", name, Ownerships[i], may, listed, test.want[i])
			}
		}
		if kinds.Everything() != (test.want == [3]bool{true, true, true}) {
			t.Errorf("%s: everything is %t", name, kinds.Everything())
		}
	}
}

func TestVisibleNowhere(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"order", "shop", "orderExplode"} {
		for _, at := range testLocations {
			if callerWith(Scopes()...).Visible(operation).Includes(at) {
				t.Errorf("%s shows fulfillment orders", operation)
			}
		}
	}
}

// TestSupportedActions depends on the asker twice: on what it is to the location, and on its scopes.
func TestSupportedActions(t *testing.T) {
	t.Parallel()
	at := func(
		l fulfillment.AssignedLocation, status fulfillment.Status, request fulfillment.RequestStatus,
	) *fulfillment.FulfillmentOrder {
		return &fulfillment.FulfillmentOrder{ID: 1, Status: status, RequestStatus: request, AssignedLocation: l,
			Lines: []fulfillment.Line{{ID: 2, Total: 1, Remaining: 1}}}
	}
	open := func(l fulfillment.AssignedLocation) *fulfillment.FulfillmentOrder {
		return at(l, fulfillment.StatusOpen, fulfillment.RequestUnsubmitted)
	}
	accepted := at(ownService, fulfillment.StatusInProgress, fulfillment.RequestAccepted)
	for name, test := range map[string]struct {
		scopes []Scope
		fo     *fulfillment.FulfillmentOrder
		want   []fulfillment.Action
	}{
		"all scopes, in the shop": {
			Scopes(), open(shopLocation), []fulfillment.Action{"CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD"},
		},
		"all scopes, own service": {
			Scopes(), open(ownService),
			[]fulfillment.Action{"REQUEST_FULFILLMENT", "CREATE_FULFILLMENT", "MOVE", "HOLD"},
		},
		"all scopes, other service": {
			Scopes(), open(otherService), []fulfillment.Action{"REQUEST_FULFILLMENT", "MOVE", "HOLD"},
		},
		"a service, its own": {
			[]Scope{WriteAssigned}, open(ownService), []fulfillment.Action{"CREATE_FULFILLMENT"},
		},
		"a service, accepted": {
			[]Scope{WriteAssigned}, accepted, []fulfillment.Action{"CREATE_FULFILLMENT"},
		},
		"a manager of services": {
			[]Scope{WriteThirdParty}, accepted, []fulfillment.Action{"REQUEST_CANCELLATION"},
		},
		"who may only read, in the shop": {[]Scope{ReadMerchantManaged}, open(shopLocation), []fulfillment.Action{}},
		"nothing to be asked about":      {Scopes(), nil, nil},
	} {
		got := callerWith(test.scopes...).SupportedActions(test.fo)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestDenied(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		denied *Denied
		want   string
		access any
	}{
		{callerWith().MayCallAt("fulfillmentOrderHold", shopLocation),
			"Access denied for fulfillmentOrderHold field. Required access: " +
				"`write_merchant_managed_fulfillment_orders` access scope.",
			"`write_merchant_managed_fulfillment_orders` access scope."},
		{callerWith().MayCall("fulfillmentOrderHold"),
			"Access denied for fulfillmentOrderHold field. Required access: " +
				"`write_merchant_managed_fulfillment_orders` access scope or `write_third_party_fulfillment_orders` " +
				"access scope.",
			"`write_merchant_managed_fulfillment_orders` access scope or `write_third_party_fulfillment_orders` " +
				"access scope."},
		{callerWith(Scopes()...).MayCallAt("fulfillmentOrderClose", otherService),
			"Access denied for fulfillmentOrderClose field. Required access: `write_assigned_fulfillment_orders` " +
				"access scope. Also: The app must own the fulfillment service.",
			"`write_assigned_fulfillment_orders` access scope. Also: The app must own the fulfillment service."},
		{callerWith().MayCall("fulfillmentOrder"),
			"Access denied for fulfillmentOrder field. Required access: `read_merchant_managed_fulfillment_orders` " +
				"access scope, `read_assigned_fulfillment_orders` access scope or " +
				"`read_third_party_fulfillment_orders` access scope.",
			"`read_merchant_managed_fulfillment_orders` access scope, `read_assigned_fulfillment_orders` access " +
				"scope or `read_third_party_fulfillment_orders` access scope."},
	} {
		if test.denied == nil {
			t.Fatalf("nothing is denied, want %s", test.want)
		}
		want := map[string]any{"code": "ACCESS_DENIED", "documentation": documentation, "requiredAccess": test.access}
		if got := test.denied.Error(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
		if diff := cmp.Diff(want, test.denied.Extensions()); diff != "" {
			t.Errorf("extensions: -want +got:\n%s", diff)
		}
	}
}

// Whoever is trusted may do all that there is to do, at any location, and is who they say they are.
func TestTrusted(t *testing.T) {
	t.Parallel()
	service := fulfillment.Actor{Role: fulfillment.RoleService, ServiceID: 9}
	c := Trusted(service)
	elsewhere := fulfillment.AssignedLocation{ServiceID: 8}
	for _, op := range Operations() {
		if c.MayCall(op.Name) != nil || c.MayCallAt(op.Name, elsewhere) != nil {
			t.Errorf("%s is denied", op.Name)
		}
	}
	if c.MayCall("nothing") == nil {
		t.Error("there is an operation that is in no table")
	}
	if c.Actor(elsewhere) != service {
		t.Errorf("it acts as %v", c.Actor(elsewhere))
	}
}
