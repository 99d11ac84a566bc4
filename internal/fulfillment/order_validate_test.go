package fulfillment_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

var orderTime = time.Date(2026, 3, 4, 9, 41, 7, 123456789, time.UTC)

// validOrder is complete but for the defaults.
func validOrder() fulfillment.Order {
	return fulfillment.Order{ID: 1001, LineItems: []fulfillment.LineItem{
		{ID: 11, Title: "Mug", SKU: "MUG", Quantity: 2},
		{ID: 12, Title: "Tea", SKU: "TEA", Quantity: 1},
		{ID: 13, Title: "Book", Quantity: 3},
	}}
}

func TestOrderCompleteFillsDefaults(t *testing.T) {
	t.Parallel()
	local := time.FixedZone("", 2*60*60)
	o := validOrder()
	o.CurrencyCode = "eur"
	o.ShippingAddress = &fulfillment.Address{CountryCode: "de"}
	by := time.Date(2026, 3, 5, 12, 0, 0, 0, local)
	o.FulfillBy = &by
	no := false
	o.LineItems[1].RequiresShipping = &no
	if err := o.Complete(orderTime.In(local)); err != nil {
		t.Fatal(err)
	}
	if o.Name != "#1001" || o.DeliveryMethod != fulfillment.DeliveryShipping {
		t.Errorf("name %q, delivery method %q", o.Name, o.DeliveryMethod)
	}
	if !o.ProcessedAt.Equal(orderTime) || o.ProcessedAt.Location() != time.UTC {
		t.Errorf("processed at %v, want now in UTC", o.ProcessedAt)
	}
	if !o.FulfillBy.Equal(by) || o.FulfillBy.Location() != time.UTC || by.Location() != local {
		t.Errorf(
			"fulfill by %v (the caller's %v), want the same instant in UTC and the caller's untouched", o.FulfillBy, by,
		)
	}
	if o.CurrencyCode != "EUR" || o.ShippingAddress.CountryCode != "DE" {
		t.Errorf("currency %q, country %q, want upper case", o.CurrencyCode, o.ShippingAddress.CountryCode)
	}
	var ships []bool
	for _, l := range o.LineItems {
		ships = append(ships, *l.RequiresShipping)
	}
	if !slices.Equal(ships, []bool{true, false, true}) {
		t.Errorf("requires shipping %v", ships)
	}
}

func TestOrderCompleteKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	o := validOrder()
	at := orderTime.Add(-time.Hour)
	o.Name, o.ProcessedAt, o.DeliveryMethod = "A-1", &at, fulfillment.DeliveryPickUp
	if err := o.Complete(orderTime); err != nil {
		t.Fatal(err)
	}
	if o.Name != "A-1" || !o.ProcessedAt.Equal(at) || o.DeliveryMethod != fulfillment.DeliveryPickUp {
		t.Errorf("name %q, processed at %v, delivery method %q", o.Name, o.ProcessedAt, o.DeliveryMethod)
	}
}

func TestOrderCompleteRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 256)
	early, late := time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	turn := time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -2*60*60)) // In UTC it is the year 10000.
	for name, c := range map[string]struct {
		spoil   func(o *fulfillment.Order)
		field   string
		message string
	}{
		"no ID": {
			func(o *fulfillment.Order) { o.ID = 0 }, "id", "id: must be a positive whole number (is 0)",
		},
		"negative ID": {
			func(o *fulfillment.Order) { o.ID = -5 }, "id", "id: must be a positive whole number (is -5)",
		},
		"no lines": {
			func(o *fulfillment.Order) { o.LineItems = nil }, "lineItems", "An order needs at least one line item.",
		},
		"too many lines": {
			func(o *fulfillment.Order) { o.LineItems = make([]fulfillment.LineItem, 513) }, "lineItems",
			"lineItems: at most 512 lines are allowed (are 513)",
		},
		"quantity 0": {
			func(o *fulfillment.Order) { o.LineItems[2].Quantity = 0 }, "lineItems.2.quantity",
			"lineItems[2].quantity: must be at least 1 (is 0)",
		},
		"negative quantity": {
			func(o *fulfillment.Order) { o.LineItems[0].Quantity = -1 }, "lineItems.0.quantity",
			"lineItems[0].quantity: must be at least 1 (is -1)",
		},
		"huge quantity": {
			func(o *fulfillment.Order) { o.LineItems[0].Quantity = 1_000_001 }, "lineItems.0.quantity",
			"lineItems[0].quantity: must be at most 1000000 (is 1000001)",
		},
		"blank title": {
			func(o *fulfillment.Order) { o.LineItems[1].Title = " \t" }, "lineItems.1.title",
			"lineItems[1].title: must not be empty",
		},
		"long title": {
			func(o *fulfillment.Order) { o.LineItems[1].Title = long }, "lineItems.1.title",
			"lineItems[1].title: may have at most 255 characters (has 256)",
		},
		"long SKU": {
			func(o *fulfillment.Order) { o.LineItems[1].SKU = long }, "lineItems.1.sku",
			"lineItems[1].sku: may have at most 255 characters (has 256)",
		},
		"price with comma": {
			func(o *fulfillment.Order) { o.LineItems[0].UnitPrice = "12,50" }, "lineItems.0.unitPrice",
			`lineItems[0].unitPrice: must be exact decimal text like "12.50" (is "12,50")`,
		},
		"price with exponent": {
			func(o *fulfillment.Order) { o.LineItems[0].UnitPrice = "1e3" }, "lineItems.0.unitPrice",
			`lineItems[0].unitPrice: must be exact decimal text like "12.50" (is "1e3")`,
		},
		"price half written": {
			func(o *fulfillment.Order) { o.LineItems[0].UnitPrice = "12." }, "lineItems.0.unitPrice",
			`lineItems[0].unitPrice: must be exact decimal text like "12.50" (is "12.")`,
		},
		"repeated line ID": {
			func(o *fulfillment.Order) { o.LineItems[2].ID = 11 }, "lineItems.2.id",
			"lineItems[2].id: 11 is already the ID of lineItems[0]",
		},
		"negative line ID": {
			func(o *fulfillment.Order) { o.LineItems[2].ID = -1 }, "lineItems.2.id",
			"lineItems[2].id: must be a positive whole number (is -1)",
		},
		"negative location": {
			func(o *fulfillment.Order) { o.LineItems[2].LocationID = -1 }, "lineItems.2.locationId",
			"lineItems[2].locationId: must be a positive whole number (is -1)",
		},
		"line time too early": {
			func(o *fulfillment.Order) { o.LineItems[0].FulfillAt = &early }, "lineItems.0.fulfillAt",
			"lineItems[0].fulfillAt: must be in the years 1970 to 9000 (is in 1969)",
		},
		"time too late": {
			func(o *fulfillment.Order) { o.FulfillBy = &late }, "fulfillBy",
			"fulfillBy: must be in the years 1970 to 9000 (is in 10000)",
		},
		"too late in UTC": {
			func(o *fulfillment.Order) { o.ProcessedAt = &turn }, "processedAt",
			"processedAt: must be in the years 1970 to 9000 (is in 10000)",
		},
		"currency": {
			func(o *fulfillment.Order) { o.CurrencyCode = "EURO" }, "currencyCode",
			`currencyCode: must be a currency of ISO 4217 by its three letters, such as EUR (is "EURO")`,
		},
		"currency not ASCII": {
			func(o *fulfillment.Order) { o.CurrencyCode = "Üx" }, "currencyCode",
			`currencyCode: must be a currency of ISO 4217 by its three letters, such as EUR (is "ÜX")`,
		},
		"currency that others write": {
			func(o *fulfillment.Order) { o.CurrencyCode = "rmb" }, "currencyCode",
			`currencyCode: must be a currency of ISO 4217 by its three letters, such as EUR (is "RMB"; ` +
				`did you mean CNY?)`,
		},
		"deadline before the work may begin": {
			func(o *fulfillment.Order) {
				at, by := orderTime.Add(48*time.Hour), orderTime.Add(47*time.Hour)
				o.FulfillAt, o.FulfillBy = &at, &by
			}, "fulfillBy",
			"fulfillBy: must not be before fulfillAt, which is 2026-03-06T09:41:07Z (is 2026-03-06T08:41:07Z)",
		},
		"deadline of a line before the order's work may begin": {
			func(o *fulfillment.Order) {
				at, by := orderTime.Add(48*time.Hour), orderTime.Add(47*time.Hour)
				o.FulfillAt, o.LineItems[1].FulfillBy = &at, &by
			}, "lineItems.1.fulfillBy",
			"lineItems[1].fulfillBy: must not be before fulfillAt, which is 2026-03-06T09:41:07Z " +
				"(is 2026-03-06T08:41:07Z)",
		},
		"control character": {
			func(o *fulfillment.Order) { o.LineItems[0].SKU = "A\x07B" }, "lineItems.0.sku",
			"lineItems[0].sku: must not contain control characters (has U+0007)",
		},
		"damaged text": {
			func(o *fulfillment.Order) { o.LineItems[0].Title = "Caf\uFFFD" }, "lineItems.0.title",
			"lineItems[0].title: has the character U+FFFD, which stands where a character was lost: send the text as " +
				"UTF-8, whole",
		},
		"damaged note": {
			func(o *fulfillment.Order) { o.Note = "Caf\uFFFD" }, "note",
			"note: has the character U+FFFD, which stands where a character was lost: send the text as UTF-8, whole",
		},
		"country": {func(o *fulfillment.Order) { o.ShippingAddress = &fulfillment.Address{CountryCode: "D1"} },
			"shippingAddress.countryCode",
			`shippingAddress.countryCode: must be a country of ISO 3166-1 by its two letters, such as GB (is "D1")`},
		"delivery method": {func(o *fulfillment.Order) { o.DeliveryMethod = "shipping" }, "deliveryMethod",
			`deliveryMethod: must be one of SHIPPING, PICK_UP, NONE, RETAIL, LOCAL or PICKUP_POINT (is "shipping")`},
		"role": {func(o *fulfillment.Order) { o.Actor.Role = "KING" }, "actor.role",
			`actor.role: must be one of OPERATOR, MERCHANT, SERVICE or SYSTEM (is "KING")`},
		"delivery timeout": {
			func(o *fulfillment.Order) { o.DeliveryTimeout = -1 }, "deliveryTimeout",
			"deliveryTimeout: must not be negative (is -1ns)",
		},
		"broken UTF-8": {func(o *fulfillment.Order) { o.Note = "a\xff" }, "note", "note: is not valid UTF-8 text"},
		"NUL": {
			func(o *fulfillment.Order) { o.Tags = []string{"ok", "a\x00"} }, "tags.1",
			"tags[1]: must not contain control characters (has U+0000)",
		},
		"metadata value": {func(o *fulfillment.Order) { o.Metadata = map[string]string{"k": "\xff"} }, "metadata.k",
			"metadata.k: is not valid UTF-8 text"},
		"every problem at once": {func(o *fulfillment.Order) {
			o.ID, o.LineItems[0].Quantity, o.LineItems[1].Title = 0, 0, ""
		}, "id",
			"id: must be a positive whole number (is 0); lineItems[0].quantity: must be at least 1 (is 0); " +
				"lineItems[1].title: must not be empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := validOrder()
			c.spoil(&o)
			refused, ok := fulfillment.AsError(o.Complete(orderTime))
			if !ok {
				t.Fatal("not refused")
			}
			if refused.Code != fulfillment.CodeInvalid || strings.Join(refused.Field, ".") != c.field ||
				refused.Message != c.message {
				t.Errorf(
					"refused with %s %v\n%s\nwant field %s\n%s", refused.Code, refused.Field, refused.Message, c.field,
					c.message,
				)
			}
		})
	}
}

func TestOrderCompleteBoundsItsMessage(t *testing.T) {
	t.Parallel()
	o := fulfillment.Order{ID: 1, LineItems: make([]fulfillment.LineItem, fulfillment.MaxLines)}
	refused, ok := fulfillment.AsError(o.Complete(orderTime))
	if !ok || !strings.HasSuffix(refused.Message, "; and 974 more") { // Two for each of 512 lines, 50 of them in words.
		t.Errorf("refused with %v", refused)
	}
}

func TestOrderCompleteTakesTheLargestOrder(t *testing.T) {
	t.Parallel()
	o := fulfillment.Order{ID: 1}
	for range fulfillment.MaxLines {
		o.LineItems = append(
			o.LineItems,
			fulfillment.LineItem{
				Title: strings.Repeat("ü", 255), Quantity: fulfillment.MaxLineQuantity, UnitPrice: "0.10",
			},
		)
	}
	if err := o.Complete(orderTime); err != nil {
		t.Error(err)
	}
}
