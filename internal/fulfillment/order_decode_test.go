package fulfillment_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

const wholeOrder = `{
	"id": 1001, "name": "#1001", "sourceIdentifier": "web-1001", "processedAt": "2026-03-04T10:41:07+01:00",
	"email": "someone@example.com", "phone": "+49 30 1", "note": "Ring twice", "tags": ["gift"], "currencyCode": "EUR",
	"shippingAddress": {"firstName": "A", "lastName": "B", "company": "C", "address1": "D 1", "address2": "", "city": "Berlin",
		"provinceCode": "BE", "countryCode": "DE", "zip": "10115", "phone": null, "email": ""},
	"test": true, "customAttributes": [{"key": "channel", "value": "web"}, {"key": "empty"}],
	"transactions": [{"kind": "SALE", "status": "SUCCESS", "gateway": "manual", "test": true, "amount": "25.00"}],
	"deliveryMethod": "SHIPPING", "fulfillAt": null, "fulfillBy": "2026-03-06T18:00:00Z", "deliveryTimeout": "720h",
	"lineItems": [{"id": 11, "title": "Mug \u00fc", "sku": "MUG", "quantity": 2, "requiresShipping": true, "unitPrice": "12.50",
		"variantTitle": "Blue", "vendor": "Pottery", "taxable": true, "taxLines": [{"title": "VAT", "rate": "0.19", "price": "4.75"}],
		"customAttributes": [{"key": "engraving", "value": "Ada"}], "locationId": 7, "fulfillAt": "2026-04-01T00:00:00Z", "fulfillBy": "2026-04-02T00:00:00Z", "metadata": {"gift": "yes"}}],
	"metadata": {"any key": "any value"}, "firstId": 99, "commandId": "c-1",
	"actor": {"role": "MERCHANT", "app": "shop", "name": "Desk", "serviceId": 0}
}`

func TestDecodeOrderReadsEveryField(t *testing.T) {
	t.Parallel()
	o, err := fulfillment.DecodeOrder([]byte(wholeOrder))
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Complete(orderTime); err != nil {
		t.Fatal(err)
	}
	l := o.LineItems[0]
	if o.ID != 1001 || o.DeliveryTimeout != fulfillment.Duration(720*time.Hour) ||
		o.Metadata["any key"] != "any value" ||
		o.Actor.App != "shop" || o.FulfillAt != nil || l.Title != "Mug ü" || l.LocationID != 7 ||
		l.Metadata["gift"] != "yes" ||
		!o.Test || o.CustomAttributes[0].Value != "web" || o.Transactions[0].Amount != "25.00" ||
		l.VariantTitle != "Blue" ||
		l.Vendor != "Pottery" || !*l.Taxable || l.TaxLines[0].Price != "4.75" || l.CustomAttributes[0].Value != "Ada" {
		t.Errorf("read %+v", o)
	}
	again, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fulfillment.DecodeOrder(again); err != nil {
		t.Errorf("what was written can't be read: %v", err)
	}
}

func TestDecodeOrderRefuses(t *testing.T) {
	t.Parallel()
	const line = `{"title": "Mug", "quantity": 1`
	for name, c := range map[string]struct{ input, field, message string }{
		"misspelt field": {`{"fulfilBy": "2026-03-06T18:00:00Z", "lineItems": []}`, "fulfilBy",
			"fulfilBy: there is no such field; did you mean fulfillBy?"},
		"snake case": {`{"lineItems": [` + line + `, "unit_price": "1"}]}`, "lineItems.0.unit_price",
			"lineItems[0].unit_price: there is no such field; did you mean unitPrice?"},
		"other case": {`{"lineitems": []}`, "lineitems",
			"lineitems: there is no such field; did you mean lineItems?"},
		"unknown field": {`{"actor": {"telephone": {"a": [1, {}]}}}`, "actor.telephone",
			"actor.telephone: there is no such field; known here are role, app, name, serviceId"},
		"control character": {
			`{"metadata": {"a\u0000b": 1}}`, `metadata.a\x00b`, `metadata.a\x00b: must be text "…" (is the number 1)`,
		},
		"repeated field": {`{"id": 1, "id": 2}`, "id", "id: is there twice"},
		"text for a number": {`{"lineItems": [` + line + `}, {"title": "Tea", "quantity": "2"}]}`,
			"lineItems.1.quantity",
			`lineItems[1].quantity: must be a whole number (is the text "2")`},
		"fraction": {`{"lineItems": [{"quantity": 1.5}]}`, "lineItems.0.quantity",
			"lineItems[0].quantity: must be a whole number of at most 63 bits (is 1.5)"},
		"number too large": {`{"id": 9223372036854775808}`, "id",
			"id: must be a whole number of at most 63 bits (is 9223372036854775808)"},
		"number for text": {`{"name": 1001}`, "name", `name: must be text "…" (is the number 1001)`},
		"price as a number": {
			`{"lineItems": [{"unitPrice": 12.5}]}`, "lineItems.0.unitPrice",
			`lineItems[0].unitPrice: must be text "…" (is the number 12.5)`,
		},
		"text for a bool": {
			`{"lineItems": [{"requiresShipping": "no"}]}`, "lineItems.0.requiresShipping",
			`lineItems[0].requiresShipping: must be true or false (is the text "no")`,
		},
		"object for a list": {
			`{"lineItems": {"title": ["Mug"]}, "tags": "x"}`, "lineItems",
			`lineItems: must be a list […] (is an object); tags: must be a list […] (is the text "x")`,
		},
		"list for an object": {`{"shippingAddress": [[1], {}]}`, "shippingAddress",
			"shippingAddress: must be an object {…} (is a list)"},
		"not a time": {`{"fulfillBy": "tomorrow"}`, "fulfillBy",
			`fulfillBy: must be a time like "2026-01-31T09:00:00Z" (is "tomorrow")`},
		"number for a time": {`{"fulfillBy": 1}`, "fulfillBy",
			`fulfillBy: must be a time like "2026-01-31T09:00:00Z" (is the number 1)`},
		"not a duration": {
			`{"deliveryTimeout": "3 days"}`, "deliveryTimeout",
			`deliveryTimeout: must be a duration like "36h" (is "3 days")`,
		},
		"number too long": {`{"lineItems": [{"quantity": 1e999999999}]}`, "lineItems.0.quantity",
			"lineItems[0].quantity: must be a whole number of at most 63 bits (is 1e999999999)"},
		"metadata number": {`{"metadata": {"a": 1}}`, "metadata.a", `metadata.a: must be text "…" (is the number 1)`},
		"several problems": {
			`{"nam": "x", "id": true}`, "nam",
			"nam: there is no such field; did you mean name?; id: must be a whole number (is true)",
		},
		"trailing data": {`{"lineItems": []} {}`, "",
			"The input can't be read as JSON at line 1, column 20: there is something after the object that starts " +
				"the input: exactly one is expected."},
		"a list": {`[]`, "",
			`The input can't be read as JSON at line 1, column 2: an object {…} is expected.`},
		"null":  {`null`, "", `The input can't be read as JSON at line 1, column 5: an object {…} is expected.`},
		"empty": {``, "", "The input can't be read as JSON at line 1, column 1: it ends too early."},
		"cut off": {
			"{\n \"lineItems\": [", "", "The input can't be read as JSON at line 2, column 16: it ends too early.",
		},
		"cut in any": {`{"x": {"y"`, "", "The input can't be read as JSON at line 1, column 6: it ends too early."},
		"not UTF-8": {"{\"note\": \"\xff\"}", "", "The input is not valid UTF-8 text at line 1, column 11. " +
			"If it is Latin-1, convert it: iconv -f ISO-8859-1 -t UTF-8."},
		"UTF-16": {"\xff\xfe{\x00}\x00", "",
			"The input is UTF-16, not UTF-8 text. Convert it: iconv -f UTF-16 -t UTF-8."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := fulfillment.DecodeOrder([]byte(c.input))
			refused, ok := fulfillment.AsError(err)
			if !ok {
				t.Fatalf("not refused: %v", err)
			}
			message := refused.Message
			for _, missing := range []string{ // What the rest of the inputs lacks.
				"; An order needs at least one line item.", "; lineItems[0].title: must not be empty",
				"; lineItems[0].quantity: must be at least 1 (is 0)",
			} {
				message = strings.Replace(message, missing, "", 1)
			}
			if refused.Code != fulfillment.CodeInvalid || strings.Join(refused.Field, ".") != c.field ||
				message != c.message {
				t.Errorf(
					"refused with %s %v\n%s\nwant field %q\n%s", refused.Code, refused.Field, refused.Message, c.field,
					c.message,
				)
			}
		})
	}
}

// TestOrderFaultsInOnePass: who mends what is said, has mended the order.
func TestOrderFaultsInOnePass(t *testing.T) {
	t.Parallel()
	_, err := fulfillment.DecodeOrder([]byte(`{"currencyCode": "BTC", "fulfillBy": "soon", "deliveryMethod": "MAIL",
		"shippingAddress": {"countryCode": "UK", "zip": 4000},
		"lineItems": [{"title": "Mug", "quantity": "2"}, {"title": "", "quantity": 0}, {"tittle": "Tea"}]}`))
	want := strings.Join([]string{
		`fulfillBy: must be a time like "2026-01-31T09:00:00Z" (is "soon")`,
		`shippingAddress.zip: must be text "…" (is the number 4000)`,
		`lineItems[0].quantity: must be a whole number (is the text "2")`,
		`lineItems[2].tittle: there is no such field; did you mean title?`,
		`currencyCode: must be a currency of ISO 4217 by its three letters, such as EUR (is "BTC")`,
		`shippingAddress.countryCode: must be a country of ISO 3166-1 by its two letters, such as GB (is "UK"; ` +
			`did you mean GB?)`,
		`deliveryMethod: must be one of SHIPPING, PICK_UP, NONE, RETAIL, LOCAL or PICKUP_POINT (is "MAIL")`,
		`lineItems[1].title: must not be empty`,
		`lineItems[1].quantity: must be at least 1 (is 0)`,
		`lineItems[2].title: must not be empty`,
		`lineItems[2].quantity: must be at least 1 (is 0)`,
	}, "; ")
	if err == nil || err.Error() != want {
		t.Errorf("refused with\n%v\nwant\n%s", err, want)
	}
}

// TestWholeNumbers: JSON has one kind of number; 2.0 is 2.
func TestWholeNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		written string
		want    int
	}{
		{"2", 2}, {"2.0", 2}, {"2.000", 2}, {"2e0", 2}, {"20E-1", 2}, {"0.2e1", 2}, {"1e3", 1000}, {"-0", 0},
	} {
		o, err := fulfillment.DecodeOrder([]byte(`{"id": "7", "firstId" : 9.0 , "lineItems": [{"quantity" :` + c.written +
			`, "locationId":5.0}]}`))
		if err != nil || o.LineItems[0].Quantity != c.want || o.LineItems[0].LocationID != 5 || o.ID != 7 ||
			o.FirstID != 9 {
			t.Errorf("%s: %v, %+v", c.written, err, o)
		}
		cmd, refused := fulfillment.DecodeCommand(fulfillment.VerbSplit,
			[]byte(`{"fulfillmentOrderLineItems": [{"id": "7", "quantity": `+c.written+`}]}`), true)
		if refused != nil || cmd.(*fulfillment.Split).Lines[0] != (fulfillment.Quantity{ID: 7, Quantity: c.want}) {
			t.Errorf("%s in a command: %v, %+v", c.written, refused, cmd)
		}
	}
}

// FuzzOrder looks for panics, for refusals that are not plain, and for orders that are accepted but can't be kept:
// a completed order is written and read back as the same, completing it again changes nothing, PostgreSQL can keep all
// of it, and a fulfillment order can be made of it.
func FuzzOrder(f *testing.F) {
	for _, seed := range []string{wholeOrder, `{"id":1,"lineItems":[{"title":"a","quantity":1}]}`, `{"lineItems":[]}`,
		`{"id":1,"lineItems":[{"title":"a","quantity":1e9,"metadata":{"\u0000":""}}]}`, `{"unknown":[{}]}`, `[`, ``,
		"\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := fulfillment.DecodeOrder(data)
		if err == nil {
			err = o.Complete(orderTime)
		}
		if err != nil {
			refused, ok := fulfillment.AsError(err)
			if !ok {
				t.Fatalf("refused with %#v", err)
			}
			checkUnread(t, refused, refused)
			return
		}
		once, err := json.Marshal(o)
		if err != nil {
			t.Fatalf("a completed order can't be written: %v", err)
		}
		again, err := fulfillment.DecodeOrder(once)
		if err != nil {
			t.Fatalf("a completed order can't be read back: %v", err)
		}
		if err := again.Complete(orderTime.Add(time.Hour)); err != nil {
			t.Fatalf("a completed order can't be completed again: %v", err)
		}
		if twice, _ := json.Marshal(again); string(twice) != string(once) {
			t.Fatalf("completing again changed\n%s\nto\n%s", once, twice)
		}
		if hasNUL(once) {
			t.Fatalf("PostgreSQL keeps no NUL in a text, so this could never be created:\n%s", once)
		}
		checkFulfillable(t, &o)
	})
}

// checkFulfillable makes sure that a completed order can be handed to a location.
func checkFulfillable(t *testing.T, o *fulfillment.Order) {
	t.Helper()
	before, env := marshal(t, o), fulfillment.Env{Now: orderTime, IDs: fulfillment.NewIDs(1 << 40)}
	named := o.With(o.LineItems)
	named.AssignIDs(env.IDs)
	whole := fulfillment.Assignment{
		Location: berlin, DeliveryMethod: o.DeliveryMethod, FulfillAt: o.FulfillAt, FulfillBy: o.FulfillBy,
	}
	for _, l := range named.LineItems {
		whole.Lines = append(whole.Lines, fulfillment.Quantity{ID: l.ID, Quantity: l.Quantity})
	}
	fos, _, err := fulfillment.NewFulfillmentOrders(named, []fulfillment.Assignment{whole}, env)
	if err != nil || len(fos) != 1 {
		t.Fatalf("no fulfillment order can be made of %s: %v", before, err)
	}
	checkState(t, fos[0])
	if hasNUL(marshal(t, fos[0])) || !bytes.Equal(before, marshal(t, o)) {
		t.Fatalf("the fulfillment order has a NUL, or the order was changed:\n%s\n%s", marshal(t, fos[0]), before)
	}
}
