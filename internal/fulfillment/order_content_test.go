package fulfillment

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// contentOrder has something in every field but those of the request.
func contentOrder() *Order {
	at, no := time.Date(2026, 11, 27, 12, 0, 0, 123456789, time.UTC), false
	later := at.AddDate(0, 0, 3)
	return &Order{
		ID: 5001, Name: "#5001", SourceIdentifier: "web-1", ProcessedAt: &at, Email: "ada@example.com", Phone: "+351 1",
		Note: "Ring twice", Tags: []string{"gift"}, CurrencyCode: "EUR", Test: true,
		CustomAttributes: []Attribute{{Key: "card", Value: "Hello"}},
		Transactions:     []Transaction{{Kind: TransactionSale, Status: TransactionSuccess, Gateway: "bank", Amount: "3"}},
		ShippingAddress: &Address{
			FirstName: "Ada", LastName: "Byron", Company: "Engines", Address1: "Old street 1", Address2: "2nd floor",
			City: "Porto", ProvinceCode: "13", CountryCode: "PT", Zip: "4000", Phone: "+351 2", Email: "a@example.com",
		},
		ShippingOption: &ShippingOption{ID: "express", Data: map[string]string{"point": "42"}},
		DeliveryMethod: DeliveryLocal, FulfillAt: &at, FulfillBy: &later, DeliveryTimeout: Duration(time.Hour),
		Metadata: map[string]string{"k": "v"},
		LineItems: []LineItem{{
			ID: 11, Title: "Sofa", VariantTitle: "Blue", Vendor: "Home", SKU: "S", Quantity: 2, RequiresShipping: &no,
			UnitPrice: "12.50", Taxable: &no, TaxLines: []TaxLine{{Title: "VAT", Rate: "0.2", Price: "5"}},
			CustomAttributes: []Attribute{{Key: "a", Value: "b"}}, LocationID: 7, FulfillAt: &at, FulfillBy: &later,
			Metadata: map[string]string{"k": "v"}, Weight: &Weight{0.5, Kilograms}, HarmonizedSystemCode: "610910",
			CountryCodeOfOrigin: "PT",
		}, {Title: "Lamp", Quantity: 1, DeliveryMethod: DeliveryPickUp}},
	}
}

// copied is the order by way of its JSON, changed.
func copied(t *testing.T, o *Order, change func(map[string]any)) *Order {
	t.Helper()
	body, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatal(err)
	}
	change(fields)
	if body, err = json.Marshal(fields); err != nil {
		t.Fatal(err)
	}
	var c Order
	if err := json.Unmarshal(body, &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

// names are the JSON names of a struct's fields.
func names(v any, but ...string) []string {
	var list []string
	for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !slices.Contains(but, name) {
			list = append(list, name)
		}
	}
	return list
}

// TestContentIsAllOfIt takes every field of an order away, one after the other: the difference is seen and named, but
// for what a sender may leave to Packhorse. A field that is new must be in contentOrder, too.
func TestContentIsAllOfIt(t *testing.T) {
	t.Parallel()
	o := contentOrder()
	if err := new(*o).Complete(time.Now()); err != nil {
		t.Fatal(err)
	}
	check := func(path string, without *Order) {
		if got := without.Content().Differs(o.Content()); !slices.Equal(got, []string{path}) {
			t.Errorf("%s is added: differs in %v", path, got)
		}
		want := []string{path}
		if mayBeLeft(path[strings.LastIndex(path, ".")+1:]) {
			want = nil
		}
		if got := o.Content().Differs(without.Content()); !slices.Equal(got, want) {
			t.Errorf("%s is left out: differs in %v, want %v", path, got, want)
		}
	}
	for _, name := range names(Order{}, "id", "numbered", "firstId", "commandId", "actor", "lineItems", "shippingAddress") {
		check(name, copied(t, o, func(fields map[string]any) { delete(fields, name) }))
	}
	for _, name := range names(Address{}) {
		check("shippingAddress."+name, copied(t, o, func(fields map[string]any) {
			delete(fields["shippingAddress"].(map[string]any), name)
		}))
	}
	check("lineItems[1].deliveryMethod", copied(t, o, func(fields map[string]any) {
		delete(fields["lineItems"].([]any)[1].(map[string]any), "deliveryMethod")
	}))
	for _, name := range names(LineItem{}, "title", "quantity", "deliveryMethod") {
		check("lineItems[0]."+name, copied(t, o, func(fields map[string]any) {
			delete(fields["lineItems"].([]any)[0].(map[string]any), name)
		}))
	}
}

func TestContentDiffers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*Order)
		want   []string
	}{
		"the_same":          {func(*Order) {}, nil},
		"in_another_zone":   {func(o *Order) { o.FulfillAt = new(o.FulfillAt.In(time.FixedZone("", 3600))) }, nil},
		"in_lower_case":     {func(o *Order) { o.CurrencyCode, o.ShippingAddress.CountryCode = "eur", "pt" }, nil},
		"with_the_defaults": {func(o *Order) { o.LineItems[1].RequiresShipping, o.LineItems[1].Taxable = new(true), new(true) }, nil},
		"sent_by_others":    {func(o *Order) { o.FirstID, o.CommandID, o.Actor = 3, "c", Actor{App: "x"} }, nil},
		"with_zeros_in_prices": {func(o *Order) {
			o.LineItems[0].UnitPrice, o.LineItems[0].TaxLines = "12.500", []TaxLine{{Title: "VAT", Rate: "0.20", Price: "5.00"}}
			o.Transactions[0].Amount = "3.0"
		}, nil},
		"with_the_weight_in_another_unit": {func(o *Order) { o.LineItems[0].Weight = &Weight{500, GramsUnit} }, nil},
		"with_a_code_for_people":          {func(o *Order) { o.LineItems[0].HarmonizedSystemCode = "6109.10" }, nil},
		"with_another_weight": {func(o *Order) { o.LineItems[0].Weight = &Weight{0.5, Pounds} },
			[]string{"lineItems[0].weight"}},
		"with_tags_in_another_order": {func(o *Order) { o.Tags = []string{"web", "gift", "web"} }, nil},
		"with_the_delivery_method_by_default": {func(o *Order) {
			o.LineItems[0].DeliveryMethod, o.LineItems[2].DeliveryMethod = DeliveryNone, DeliveryLocal
		}, nil},
		"with_a_tag_less":   {func(o *Order) { o.Tags = []string{"web", "web"} }, []string{"tags"}},
		"with_another_rate": {func(o *Order) { o.LineItems[0].TaxLines[0].Rate = "0.21" }, []string{"lineItems[0].taxLines"}},
		"delivered_otherwise": {func(o *Order) { o.LineItems[2].DeliveryMethod = DeliveryPickUp },
			[]string{"lineItems[2].deliveryMethod"}},
		"without_a_name":      {func(o *Order) { o.Name = "" }, nil},
		"with_a_number":       {func(o *Order) { o.Name, o.Numbered = "#1", true }, nil},
		"with_another_name":   {func(o *Order) { o.Name = "#1" }, []string{"name"}},
		"at_another_time":     {func(o *Order) { o.ProcessedAt = new(o.ProcessedAt.Add(1)) }, []string{"processedAt"}},
		"with_other_line_ids": {func(o *Order) { o.LineItems[0].ID = 12 }, []string{"lineItems[0].id"}},
		"corrected": {func(o *Order) { o.ShippingAddress.Address1, o.LineItems[0].UnitPrice = "New street 99", "13.50" },
			[]string{"shippingAddress.address1", "lineItems[0].unitPrice"}},
		"with_lines_the_other_way_round": {func(o *Order) { o.LineItems[0], o.LineItems[1] = o.LineItems[1], o.LineItems[0] },
			[]string{"lineItems[0].title"}},
		"with_a_line_more": {func(o *Order) { o.LineItems = append(o.LineItems, LineItem{Title: "x", Quantity: 1}) },
			[]string{"lineItems[3]"}},
	} {
		first, again := contentOrder(), contentOrder()
		for _, o := range []*Order{first, again} {
			o.Tags = []string{"gift", "web"}
			o.LineItems = append(o.LineItems, LineItem{Title: "Shelf", Quantity: 1})
		}
		test.change(again)
		given := *again
		got := first.Content().Differs(again.Content())
		if test.want != nil && len(got) > 0 && name == "with_lines_the_other_way_round" {
			got = slices.DeleteFunc(got, func(path string) bool { return path != test.want[0] })
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: differs in %v, want %v", name, got, test.want)
		}
		if !reflect.DeepEqual(given, *again) {
			t.Errorf("%s: it was changed", name)
		}
	}
}

// TestContentOfBefore: what was kept before orders had a plainest form is still recognised, in the form that was given
// first, and in any other one if that was the plainest.
func TestContentOfBefore(t *testing.T) {
	t.Parallel()
	ofBefore := func(o *Order) OrderContent {
		c := o.Content()
		c.PlainFingerprint, c.Plain = "", nil
		return c
	}
	order := func(price string) *Order {
		o := contentOrder()
		o.ShippingOption = nil // There was none, nor what follows.
		l := &o.LineItems[0]
		l.UnitPrice = price
		l.Weight, l.HarmonizedSystemCode, l.CountryCodeOfOrigin = nil, "", ""
		return o
	}
	for _, test := range []struct {
		first, again string
		same         bool
	}{
		{"12.50", "12.50", true}, {"12.5", "12.5", true}, {"12.5", "12.50", true},
		{"12.50", "12.5", false}, // As it was told before.
		{"12.5", "12.6", false},
	} {
		if got := ofBefore(order(test.first)).Differs(order(test.again).Content()); (len(got) == 0) != test.same {
			t.Errorf("%s, then %s: differs in %v", test.first, test.again, got)
		}
	}
	const kept = "93f3334366c3cbba6650ae6e"
	if got := order(contentOrder().LineItems[0].UnitPrice).Content().Fingerprint; got != kept {
		t.Errorf("the fingerprint is %s, in the stores that there are %s", got, kept)
	}
}

// TestContentIsBounded: what is kept of the largest order is small, and has nothing of what it is made of.
func TestContentIsBounded(t *testing.T) {
	t.Parallel()
	o := contentOrder()
	for len(o.LineItems) < MaxLines {
		o.LineItems = append(o.LineItems, o.LineItems[0])
	}
	for i := range o.LineItems {
		o.LineItems[i].ID = ID(i + 1)
		o.LineItems[i].Title = strings.Repeat("x", maxNameLength)
	}
	body, err := json.Marshal(o.Content())
	if err != nil {
		t.Fatal(err)
	}
	if len(body) > 450*MaxLines {
		t.Errorf("%d bytes are kept of %d lines", len(body), MaxLines)
	}
	for _, personal := range []string{"Ada", "Porto", "Old street", "example.com"} {
		if strings.Contains(string(body), personal) {
			t.Errorf("%s is kept", personal)
		}
	}
}

func TestOrderExistsSaysWhatDiffers(t *testing.T) {
	t.Parallel()
	e := (&OrderExistsError{OrderID: 7, Differs: []string{"lineItems[2].quantity", "note"}}).Refusal()
	if e.Code != CodeOrderExists || !slices.Equal(e.Field, []string{"lineItems", "2", "quantity"}) ||
		!strings.Contains(e.Message, "differs in lineItems[2].quantity, note.") {
		t.Errorf("%+v", e)
	}
	many := slices.Repeat([]string{"note"}, shownDifferences+3)
	if e := (&OrderExistsError{OrderID: 7, Differs: many}).Refusal(); !strings.Contains(e.Message, "and 3 more fields.") {
		t.Errorf("%+v", e)
	}
	if e := (&OrderExistsError{OrderID: 7}).Refusal(); !slices.Equal(e.Field, []string{"id"}) {
		t.Errorf("%+v", e)
	}
	if e := (&OrderExistsError{OrderID: 7, BySource: true}).Refusal(); !slices.Equal(e.Field, []string{"sourceIdentifier"}) {
		t.Errorf("%+v", e)
	}
}

// TestSameLines compares lines that an edit adds with those of an edit that is sent again.
func TestSameLines(t *testing.T) {
	t.Parallel()
	taken := true
	first := []LineItem{{ID: 9, Title: "Lamp", SKU: "L", Quantity: 1, UnitPrice: "5.00", RequiresShipping: &taken}}
	for name, test := range map[string]struct {
		again []LineItem
		same  bool
	}{
		"as_they_were_sent":   {[]LineItem{{Title: " Lamp", SKU: "L", Quantity: 1, UnitPrice: "5.00"}}, true},
		"with_the_ID":         {[]LineItem{{ID: 9, Title: "Lamp", SKU: "L", Quantity: 1, UnitPrice: "5.00"}}, true},
		"with_another_ID":     {[]LineItem{{ID: 8, Title: "Lamp", SKU: "L", Quantity: 1, UnitPrice: "5.00"}}, false},
		"with_another_price":  {[]LineItem{{Title: "Lamp", SKU: "L", Quantity: 1, UnitPrice: "6.00"}}, false},
		"with_another_vendor": {[]LineItem{{Title: "Lamp", SKU: "L", Quantity: 1, UnitPrice: "5.00", Vendor: "V"}}, false},
		"with_another_line":   {append(slices.Clone(first), LineItem{Title: "Lamp", Quantity: 1}), false},
		"without_lines":       {nil, false},
	} {
		if SameLines(first, test.again) != test.same {
			t.Errorf("%s: not %v", name, test.same)
		}
	}
	if !SameLines(nil, nil) {
		t.Error("no lines are not the same as none")
	}
}
