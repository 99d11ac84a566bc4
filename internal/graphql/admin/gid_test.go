package admin

import (
	"errors"
	"testing"

	"packhorse/internal/fulfillment"
)

func TestParseGID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]GID{
		"gid://shopify/Order/42":                                 {TypeOrder, 42},
		"gid://other/FulfillmentOrder/9223372036854775807":       {TypeFulfillmentOrder, 9223372036854775807},
		"gid://shopify/FulfillmentOrder/9999999999999999999999":  {TypeFulfillmentOrder, 0},
		"gid://shopify/FulfillmentService/7?id=true":             {TypeFulfillmentService, 7},
		"gid://shopify/FulfillmentService/manual":                {TypeFulfillmentService, ManualServiceID},
		"gid://shopify/FulfillmentService/manual?id=true":        {TypeFulfillmentService, ManualServiceID},
		"gid://shopify/FulfillmentOrder/0042?something=else&a=b": {TypeFulfillmentOrder, 42},
	} {
		if got, err := ParseGID(text); got != want || err != nil {
			t.Errorf("ParseGID(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "42", "gid://shopify/Order/0", "gid://shopify/Order/", "gid://shopify/Order/-1",
		"gid://shopify/Order/+1",
		"gid://shopify/Order/4x", "gid://shopify/Order/1/2", "gid:///Order/1", "gid://shopify//1",
		"gid://shopify/Order/manual",
		"gid://shopify/Order", "GID://shopify/Order/1", "gid://shopify/Or der/1", "gid://shopify/Order/٣"} {
		if got, err := ParseGID(text); !errors.Is(err, ErrInvalidID) || err.Error() != "Invalid id: "+text {
			t.Errorf("ParseGID(%q) = %v, %v; want it refused", text, got, err)
		}
	}
}

func TestParseGIDOf(t *testing.T) {
	t.Parallel()
	if id, err := ParseGIDOf("gid://shopify/LineItem/3", TypeOrder, TypeLineItem); id != 3 || err != nil {
		t.Errorf("an ID of one of the types: %v, %v", id, err)
	}
	if _, err := ParseGIDOf("gid://shopify/Location/3", TypeOrder, TypeLineItem); !errors.Is(err, ErrInvalidID) {
		t.Errorf("an ID of another type: %v, want it refused", err)
	}
}

func TestGID_Text(t *testing.T) {
	t.Parallel()
	for want, gid := range map[string]GID{
		"gid://acme/Order/42":                          {TypeOrder, 42},
		"gid://acme/FulfillmentService/7?id=true":      {TypeFulfillmentService, 7},
		"gid://acme/FulfillmentService/manual?id=true": {TypeFulfillmentService, ManualServiceID},
	} {
		got := gid.Text("acme")
		if got != want {
			t.Errorf("text %q, want %q", got, want)
		}
		if back, err := ParseGID(got); back != gid || err != nil {
			t.Errorf("ParseGID(%q) = %v, %v; want %v", got, back, err, gid)
		}
	}
	if ManualServiceID > 0 || fulfillment.ManualService(1).ID != 0 {
		t.Error("the built-in service has an ID that a stored one could have")
	}
}
