package fulfillment

import (
	"errors"
	"fmt"
	"testing"
)

func TestLocationStocks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		location Location
		sku      string
		want     bool
	}{
		"what has no SKU is anywhere":            {Location{}, "", true},
		"a listed SKU":                           {Location{SKUs: []string{"A", "B"}}, "B", true},
		"another SKU":                            {Location{SKUs: []string{"A", "B"}}, "C", false},
		"nothing listed":                         {Location{}, "C", false},
		"everything":                             {Location{StocksAll: true}, "C", true},
		"a service with a list":                  {Location{ServiceID: 3, SKUs: []string{"A"}}, "C", false},
		"a service that told nothing of its own": {Location{ServiceID: 3}, "C", true},
	} {
		if got := test.location.Stocks(test.sku); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestServiceDefaults(t *testing.T) {
	t.Parallel()
	no := false
	manual, added := ManualService(7), Service{ID: 3, RequiresShippingMethod: &no}
	if manual.Type() != ServiceManual || manual.Handle != ManualHandle || !manual.NeedsShippingMethod() ||
		manual.LocationID != 7 {
		t.Errorf("the built-in service: %+v", manual)
	}
	if added.Type() != ServiceThirdParty || added.NeedsShippingMethod() {
		t.Errorf("a service: %+v", added)
	}
	own, run := Location{}, Location{ServiceID: 3, FulfillsOnlineOrders: &no}
	if own.IsFulfillmentService() || !own.ShipsInventory() || !own.TakesOnlineOrders() {
		t.Error("the merchant's own location")
	}
	if !run.IsFulfillmentService() || run.ShipsInventory() || run.TakesOnlineOrders() {
		t.Error("a service's location")
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	first, second := &Error{Message: "Name can't be blank"}, &Error{Message: "It is gone."}
	err := fmt.Errorf("add: %w", Refusals{first, second})
	if e, ok := AsError(err); !ok || e != first {
		t.Errorf("AsError found %v", e)
	}
	if all := AsRefusals(err); len(all) != 2 || all[1] != second {
		t.Errorf("AsRefusals found %v", all)
	}
	if all := AsRefusals(fmt.Errorf("add: %w", second)); len(all) != 1 || all[0] != second {
		t.Errorf("AsRefusals found %v", all)
	}
	several := &Error{Code: CodeInvalid, Message: "Both.", Problems: []Problem{
		{Field: []string{"name"}, Message: "One."}, {Code: CodeLocationNotFound, Message: "The other."},
	}}
	if all := AsRefusals(several); len(all) != 2 || all[0].Code != CodeInvalid || all[1].Code != CodeLocationNotFound {
		t.Errorf("AsRefusals found %v", all)
	}
	if all := AsRefusals(errors.New("broken")); all != nil {
		t.Errorf("AsRefusals found %v", all)
	}
	if got := (Refusals{first, second}).Error(); got != "Name can't be blank. It is gone." {
		t.Errorf("it reads %q", got)
	}
}
