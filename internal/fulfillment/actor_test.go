package fulfillment

import (
	"slices"
	"testing"
)

// TestActorOfBoth is an app that is the merchant's and the service's at once.
func TestActorOfBoth(t *testing.T) {
	t.Parallel()
	both := Actor{Role: RoleMerchant, App: "suite", ServiceID: peopleService.ServiceID}
	for name, test := range map[string]struct {
		at         AssignedLocation
		by         Actor
		runs, sees bool
	}{
		"the merchant at its own location": {ownLocation, merchant, true, true},
		"the merchant at a service":        {peopleService, merchant, false, true},
		"both at the own location":         {ownLocation, both, true, true},
		"both at its service":              {peopleService, both, true, true},
		"both at another service":          {automatedService, both, false, true},
		"a service at its location":        {peopleService, Actor{Role: RoleService, ServiceID: 60}, true, true},
		"a service elsewhere":              {automatedService, Actor{Role: RoleService, ServiceID: 60}, false, false},
		"a service at the own location":    {ownLocation, Actor{Role: RoleService, ServiceID: 60}, false, false},
		"a service without an ID":          {ownLocation, Actor{Role: RoleService}, false, false},
	} {
		if runs, sees := test.by.runs(test.at), test.by.sees(test.at); runs != test.runs || sees != test.sees {
			t.Errorf("%s: runs %t, sees %t; want %t, %t", name, runs, sees, test.runs, test.sees)
		}
	}

	fo := inState(peopleService, StatusOpen, RequestUnsubmitted)
	for _, a := range []Action{ActionCreateFulfillment, ActionRequestFulfillment, ActionHold, ActionMove} {
		if !slices.Contains(fo.SupportedActions(both), a) {
			t.Errorf("an app that is both can't take the action %s", a)
		}
	}
	if slices.Contains(fo.SupportedActions(merchant), ActionCreateFulfillment) {
		t.Error("the merchant ships for a service")
	}
}
