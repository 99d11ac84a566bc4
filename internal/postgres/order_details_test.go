package postgres

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
)

func TestOrderDetailsAreReadBack(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o := b.order()
	no := false
	o.Test, o.CustomAttributes = true, []fulfillment.Attribute{
		{Key: "b", Value: "2"}, {Key: "a"}, {Key: "b", Value: "1"},
	}
	o.Transactions = []fulfillment.Transaction{
		{
			Kind: fulfillment.TransactionSale, Status: fulfillment.TransactionSuccess, Gateway: "manual", Test: true,
			Amount: "37.500",
		},
	}
	o.ShippingOption = &fulfillment.ShippingOption{ID: "express", Data: map[string]string{"point": "42"}}
	l := &o.LineItems[1]
	l.VariantTitle, l.Vendor, l.Taxable, l.UnitPrice = "Brass", "Ring & Co", &no, "0.10"
	l.DeliveryMethod = fulfillment.DeliveryPickUp
	l.TaxLines = []fulfillment.TaxLine{{Title: "VAT", Rate: "0.19"}, {Title: "City", Rate: "0.01", Price: "0.01"}}
	l.CustomAttributes = []fulfillment.Attribute{{Key: "engraving", Value: "„Für Ada“"}}
	l.Weight = &fulfillment.Weight{Value: 0.1, Unit: fulfillment.Ounces}
	l.HarmonizedSystemCode, l.CountryCodeOfOrigin = "7418102000", "IT"
	fos, transitions := b.plan(o, merchant)
	if _, err := b.CreateOrder(t.Context(), o, fos, transitions); err != nil {
		t.Fatal(err)
	}
	single, err := b.Order(t.Context(), o.ID)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := b.OrdersByID(t.Context(), []fulfillment.ID{o.ID})
	if err != nil {
		t.Fatal(err)
	}
	list, err := b.ListOrders(t.Context(), OrderList{})
	if err != nil {
		t.Fatal(err)
	}
	for name, record := range map[string]*fulfillment.OrderRecord{
		"single": single, "batch": batch[0], "list": list.Items[0],
	} {
		if diff := cmp.Diff(*o, record.Order, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: -handed over +read:\n%s", name, diff)
		}
		if len(record.Transitions) != map[string]int{"single": 1}[name] {
			t.Errorf("%s: %d transitions", name, len(record.Transitions))
		}
		if got := record.FinancialStatus(
			record.Totals(record.CurrentQuantities).CurrentTotal,
		); got != fulfillment.FinancialPartiallyPaid {
			t.Errorf("%s: financial status %s", name, got)
		}
	}
	if _, err := b.CreateOrder(t.Context(), o, fos, transitions); err != nil {
		t.Errorf("repeated: %v", err)
	}
	for name, change := range map[string]func(*fulfillment.Order){
		"attribute":   func(c *fulfillment.Order) { c.CustomAttributes = c.CustomAttributes[:2] },
		"transaction": func(c *fulfillment.Order) { c.Transactions = nil },
		"test":        func(c *fulfillment.Order) { c.Test = false },
	} {
		c := *o
		change(&c)
		if _, err := b.CreateOrder(t.Context(), &c, fos, transitions); !errors.Is(err, fulfillment.ErrOrderExists) {
			t.Errorf("another %s: got %v, want another content", name, err)
		}
	}
}

// A line that an order edit adds has all that a line of a new order has.
func TestEditAddsDetails(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o, _ := b.create(merchant)
	yes := true
	added := fulfillment.LineItem{ID: b.minter.Mint(), Title: "Pump", Quantity: 2, RequiresShipping: &yes,
		UnitPrice: "5.00", Taxable: &yes, Weight: &fulfillment.Weight{Value: 2.5, Unit: fulfillment.Kilograms},
		HarmonizedSystemCode: "841320", CountryCodeOfOrigin: "JP",
		CustomAttributes: []fulfillment.Attribute{{Key: "colour", Value: "red"}}}
	fos, transitions := b.plan(o.With([]fulfillment.LineItem{added}), merchant)
	edit := fulfillment.OrderEdit{
		OrderID: o.ID, CommandID: "edit", At: b.now, Add: []fulfillment.LineItem{added}, FulfillmentOrders: fos,
		Transitions: transitions,
	}
	for range 2 {
		if err := b.EditOrder(t.Context(), edit); err != nil {
			t.Fatal(err)
		}
	}
	record, err := b.Order(t.Context(), o.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(added, record.LineItems[len(record.LineItems)-1], cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-added +read:\n%s", diff)
	}
	if got := record.Totals(record.CurrentQuantities).CurrentTotal; got != "47.50" {
		t.Errorf("the order costs %s now, want 47.50", got)
	}
}

func TestNextOrderName(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	taken := b.order()
	taken.Name = "#1002"
	fos, transitions := b.plan(taken, merchant)
	if _, err := b.CreateOrder(t.Context(), taken, fos, transitions); err != nil {
		t.Fatal(err)
	}
	names := make(chan string, 20)
	var group errgroup.Group
	for range cap(names) {
		group.Go(func() error {
			name, err := b.NextOrderName(t.Context())
			names <- name
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	close(names)
	seen := map[string]bool{}
	for name := range names {
		if seen[name] || name == "#1002" {
			t.Errorf("%s was given out, and is taken", name)
		}
		seen[name] = true
	}
	if !seen["#1001"] || !seen["#1003"] || !seen["#1021"] {
		t.Errorf("names %v, want #1001, and from #1003 to #1021", seen)
	}
}
