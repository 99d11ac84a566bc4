package temporalio

import (
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// What callers write into their programs, and runs that are under way have, stays.
func TestWorkflowIDs(t *testing.T) {
	t.Parallel()
	if got := OrderID(7); got != "order/7" {
		t.Errorf("an order's workflow ID is %q", got)
	}
	if got := FulfillmentOrderID(7); got != "fulfillment-order/7" {
		t.Errorf("a fulfillment order's workflow ID is %q", got)
	}
	if got := ServiceDeletionID(7); got != "service-deletion/7" {
		t.Errorf("the workflow ID of a service's deletion is %q", got)
	}
	if key := fulfillment.EffectKey(7, 2); !strings.HasPrefix(key, FulfillmentOrderID(7)+"#") {
		t.Errorf("the key of an effect is %q, want its workflow's ID and the sequence", key)
	}
}

func TestParseWorkflowID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ order, fulfillmentOrder, deletion fulfillment.ID }{
		OrderID(7):                {order: 7},
		FulfillmentOrderID(7):     {fulfillmentOrder: 7},
		ServiceDeletionID(7):      {deletion: 7},
		"7":                       {},
		"":                        {},
		"order/":                  {},
		"order/0":                 {},
		"order/-7":                {},
		"fulfillment-order/seven": {},
		"my-order/7":              {},
		"order/fulfillment-order": {},
	} {
		for what, parsed := range map[string]struct {
			parse func(string) (fulfillment.ID, error)
			want  fulfillment.ID
		}{
			"order":             {ParseOrderID, want.order},
			"fulfillment order": {ParseFulfillmentOrderID, want.fulfillmentOrder},
			"deletion":          {ParseServiceDeletionID, want.deletion},
		} {
			id, err := parsed.parse(text)
			if id != parsed.want || (err == nil) != (parsed.want != 0) {
				t.Errorf("%q as the workflow ID of the %s: %d, %v, want %d", text, what, id, err, parsed.want)
			}
			if refused, ok := fulfillment.AsError(err); err != nil && (!ok || refused.Code != fulfillment.CodeInvalid) {
				t.Errorf("%q as the workflow ID of the %s: %v, want a refusal as invalid", text, what, err)
			}
		}
	}
}
