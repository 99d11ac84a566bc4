package postgres

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/currency"
	"pgregory.net/rapid"

	"packhorse/internal/fulfillment"
	"packhorse/internal/search"
)

// TestSearchOrders: orders are found by what they cost, how they were paid, what is in them, how they reach the
// customer, and where they are.
func TestSearchOrders(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	s := shelf{book: b, table: "orders", compile: OrderSearch}
	paid := func(kind fulfillment.TransactionKind, gateway, amount string) fulfillment.Transaction {
		return fulfillment.Transaction{
			Kind: kind, Status: fulfillment.TransactionSuccess, Gateway: gateway, Amount: amount,
		}
	}
	for i, change := range []func(*fulfillment.Order){
		func(o *fulfillment.Order) { // It costs 37.50.
			o.SourceIdentifier = "POS/1-A"
			o.Transactions = []fulfillment.Transaction{paid(fulfillment.TransactionSale, "Bogus Gateway", "37.50")}
		},
		func(o *fulfillment.Order) { // It costs 74.99, of which 37.50 are paid, and loses a saddle: 49.99.
			o.SourceIdentifier, o.LineItems[1].UnitPrice = "", "37.49"
			o.Transactions = []fulfillment.Transaction{paid(fulfillment.TransactionSale, "manual", "37.50")}
			o.LineItems[1].DeliveryMethod, o.LineItems[1].SKU = fulfillment.DeliveryPickUp, "ÜBER-2"
		},
		func(o *fulfillment.Order) { // Nothing of it has a SKU.
			o.SourceIdentifier, o.DeliveryMethod = "web-9", fulfillment.DeliveryLocal
			o.LineItems[0].SKU, o.LineItems[1].SKU = "", ""
			o.Transactions = []fulfillment.Transaction{
				paid(fulfillment.TransactionSale, "manual", "37.50"),
				paid(fulfillment.TransactionRefund, "manual", "37.50"),
			}
		},
		func(o *fulfillment.Order) {
			o.Tags = []string{"two words"}
			o.Transactions = []fulfillment.Transaction{paid(fulfillment.TransactionAuthorization, "", "37.50")}
		},
	} {
		o := b.order()
		change(o)
		fos, transitions := b.plan(o, []fulfillment.AssignedLocation{merchant, service, merchant, service}[i])
		if i == 1 {
			fos, transitions = b.plan(o, merchant, service)
		}
		if _, err := b.CreateOrder(t.Context(), o, fos, transitions); err != nil {
			t.Fatal(err)
		}
		b.exec(`UPDATE orders SET return_status = $2 WHERE id = $1`, o.ID,
			[]string{"NO_RETURN", "IN_PROGRESS", "RETURNED", "NO_RETURN"}[i])
		if i == 1 {
			if err := b.EditOrder(t.Context(), fulfillment.OrderEdit{
				OrderID: o.ID, CommandID: "edit", At: b.now, SetQuantities: units(o.LineItems[0].ID, 1),
			}); err != nil {
				t.Fatal(err)
			}
		}
		if i == 3 {
			b.do(fos[0], &fulfillment.CreateFulfillment{})
		}
		s.ids = append(s.ids, o.ID)
	}
	for text, want := range map[string][]int{
		"financial_status:paid":                                {0},
		"financial_status:PAID,refunded":                       {0, 2},
		"financial_status:partially_paid":                      {1},
		"financial_status:authorized":                          {3},
		"-financial_status:paid":                               {1, 2, 3},
		"financial_status:voided":                              {},
		"financial_status:paid fulfillment_status:unfulfilled": {0},
		"source_identifier:pos/1-a":                            {0},
		"source_identifier:POS*":                               {0},
		"-source_identifier:*":                                 {1},
		"sku:sad-1":                                            {0, 1, 3},
		"sku:über-2":                                           {1},
		"sku:ÜB*":                                              {1},
		"-sku:*":                                               {2},
		"sku:SAD-1 -sku:BEL-1":                                 {1},
		"delivery_method:shipping":                             {0, 1, 3},
		"delivery_method:pick-up":                              {1},
		"delivery_method:PICK_UP,local":                        {1, 2},
		"-delivery_method:shipping":                            {2},
		"delivery_method:retail":                               {},
		"location_id:11":                                       {0, 1, 2},
		"location_id:gid://shopify/Location/22":                {1, 3},
		"-location_id:11":                                      {3},
		"location_id:11 location_id:22":                        {1},
		"fulfillment_location_id:22":                           {3},
		"fulfillment_location_id:11":                           {},
		"-fulfillment_location_id:*":                           {0, 1, 2},
		"reference_location_id:22":                             {1, 3},
		"return_status:no_return":                              {0, 3},
		"return_status:IN_PROGRESS":                            {1},
		"return_status:in_progress,returned":                   {1, 2},
		"return_status:return_requested":                       {},
		"-return_status:no_return":                             {1, 2},
		"gateway:'bogus gateway'":                              {0},
		"gateway:man*":                                         {1, 2},
		"-gateway:*":                                           {3},
		"tag_not:vip":                                          {3},
		"-tag_not:vip":                                         {0, 1, 2},
		"tag_not:'two words',vip":                              {},
		"current_total_price:37.5":                             {0, 2, 3},
		"current_total_price:>=37.51 current_total_price:<=49.990": {1},
		"current_total_price:<49.99":                               {0, 2, 3},
		"current_total_price:40..49.99,100":                        {1},
		"subtotal_line_items_quantity:2":                           {1},
		"subtotal_line_items_quantity:>2":                          {0, 2, 3},
		"subtotal_line_items_quantity:1..3":                        {1},
		"subtotal_line_items_quantity:..2":                         {1},
		"subtotal_line_items_quantity:3..":                         {0, 2, 3},
	} {
		e, err := search.Parse(text)
		if err != nil {
			t.Fatal(text, err)
		}
		if got := s.find(t, e); !slices.Equal(got, want) {
			t.Errorf("%s: found %v, want %v", text, got, want)
		}
	}
}

// TestSearchOrdersRefuses: a value that the field can't have is refused, and so is a field of which there is no data.
func TestSearchOrdersRefuses(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"financial_status:rich":             `"rich" is no financial_status: allowed are paid, pending, authorized,`,
		"financial_status:>paid":            "can't be compared with >",
		"delivery_method:pigeon":            "allowed are shipping, pick-up, pick_up,",
		"location_id:Berlin":                "gid://shopify/Location/1",
		"current_total_price:cheap":         `"cheap" is no number: current_total_price takes one such as 12 or 12.50, or a`,
		"current_total_price:..":            "is no number",
		"current_total_price:1e9":           "is no number",
		"current_total_price:>1..2":         "A range can't follow >",
		"po_number:1":                       `Orders can't be searched by "po_number", only by id, name,`,
		"customer_id:1":                     `can't be searched by "customer_id"`,
		"subtotal_line_items_quantity:five": "is no number",
	} {
		e, err := search.Parse(text)
		if err != nil {
			t.Fatal(text, err)
		}
		_, err = OrderSearch(e)
		var refused *search.Error
		if !errors.As(err, &refused) || !strings.Contains(refused.Message, says) {
			t.Errorf("%s: %v, want %s", text, err, says)
		}
	}
}

// TestSearchOrdersHasIndexes: what grows with the store is not read from end to end.
func TestSearchOrdersHasIndexes(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for text, index := range map[string]string{
		"financial_status:paid":          "orders_financial_status_idx",
		"source_identifier:a":            "orders_lower_source_identifier_idx",
		"source_identifier:a*":           "orders_lower_source_identifier_idx",
		"sku:a":                          "line_items_lower_sku_idx",
		"sku:a*":                         "line_items_lower_sku_idx",
		"delivery_method:local":          "fulfillment_orders_delivery_method_idx",
		"delivery_method:local,pick-up":  "fulfillment_orders_delivery_method_idx",
		"location_id:7":                  "fulfillment_orders_location_idx",
		"fulfillment_location_id:7":      "fulfillments_location_idx",
		"current_total_price:>7":         "orders_current_total_idx",
		"subtotal_line_items_quantity:7": "orders_current_units_idx",
	} {
		e, err := search.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		condition, err := OrderSearch(e)
		if err != nil {
			t.Fatal(err)
		}
		var c conditions
		condition.of("o").add(&c)
		var plan []string
		if err := pgx.BeginFunc(t.Context(), b.pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `SET LOCAL enable_seqscan = off`); err != nil {
				return err
			}
			rows, err := tx.Query(t.Context(), `EXPLAIN SELECT o.id FROM orders o WHERE true`+c.sql, c.args...)
			if err == nil {
				plan, err = pgx.CollectRows(rows, pgx.RowTo[string])
			}
			return err
		}); err != nil {
			t.Fatal(text, err)
		}
		if all := strings.Join(plan, "\n"); !strings.Contains(all, index) {
			t.Errorf("%s is not read by %s:\n%s", text, index, all)
		}
	}
}

// TestStoredTotals: what the database says that an order costs, and where its payments stand, is what the domain says,
// also after an edit.
func TestStoredTotals(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	amount := func(t *rapid.T, name string) string {
		n := rapid.IntRange(0, 20_000).Draw(t, name)
		return rapid.SampledFrom([]string{
			strconv.Itoa(n), fmt.Sprintf("%d.%02d", n/100, n%100), fmt.Sprintf("0.%05d", n),
		}).Draw(t, name+" as text")
	}
	rapid.Check(t, func(rt *rapid.T) {
		o := &fulfillment.Order{
			ID: b.minter.Mint(), CurrencyCode: rapid.SampledFrom([]string{"", "EUR", "JPY", "BHD"}).Draw(rt, "currency"),
		}
		for range rapid.IntRange(1, 3).Draw(rt, "lines") {
			l := fulfillment.LineItem{
				ID: b.minter.Mint(), Title: "A", Quantity: rapid.IntRange(1, 7).Draw(rt, "quantity"),
			}
			if rapid.Bool().Draw(rt, "priced") {
				l.UnitPrice = amount(rt, "price")
			}
			for range rapid.IntRange(0, 2).Draw(rt, "taxes") {
				tax := fulfillment.TaxLine{Title: "VAT", Rate: rapid.SampledFrom([]string{"0.19", "0.075", "0"}).Draw(rt, "rate")}
				if rapid.Bool().Draw(rt, "charged") {
					tax.Price = amount(rt, "tax")
				}
				l.TaxLines = append(l.TaxLines, tax)
			}
			o.LineItems = append(o.LineItems, l)
		}
		for range rapid.IntRange(0, 3).Draw(rt, "payments") {
			o.Transactions = append(o.Transactions, fulfillment.Transaction{
				Kind:   rapid.SampledFrom(fulfillment.TransactionKinds).Draw(rt, "kind"),
				Status: rapid.SampledFrom(fulfillment.TransactionStatuses[:2]).Draw(rt, "status"), Amount: amount(rt, "amount"),
			})
		}
		if err := o.Complete(b.now); err != nil {
			rt.Fatal(err)
		}
		fos, transitions := b.plan(o, merchant)
		if _, err := b.CreateOrder(t.Context(), o, fos, transitions); err != nil {
			rt.Fatal(err)
		}
		for _, edited := range []bool{false, true} {
			if edited {
				l := o.LineItems[0]
				if err := b.EditOrder(t.Context(), fulfillment.OrderEdit{OrderID: o.ID, CommandID: "edit", At: b.now,
					SetQuantities: units(l.ID, rapid.IntRange(0, l.Quantity).Draw(rt, "left"))}); err != nil {
					rt.Fatal(err)
				}
			}
			record, err := b.Order(t.Context(), o.ID)
			if err != nil {
				rt.Fatal(err)
			}
			total, n := record.Totals(record.CurrentQuantities).CurrentTotal, 0
			for _, q := range record.CurrentQuantities {
				n += q.Quantity
			}
			var same bool
			var stored, status string
			var storedUnits int
			if err := b.pool.QueryRow(t.Context(), `SELECT current_total = $2::text::numeric, current_total::text,
				current_units::bigint, financial_status FROM orders WHERE id = $1`, o.ID, total).Scan(
				&same, &stored, &storedUnits, &status,
			); err != nil {
				rt.Fatal(err)
			}
			if want := string(record.FinancialStatus(total)); !same || storedUnits != n || status != want {
				rt.Fatalf(
					"edited: %t: it costs %s for %d units and is %s, want %s for %d, %s", edited, stored, storedUnits, status,
					total, n, want,
				)
			}
		}
	})
}

// TestCurrencyDigits: the database knows as many places of every currency as the domain does.
func TestCurrencyDigits(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	rows, err := b.pool.Query(t.Context(), `SELECT a || b || c, currency_digits(a || b || c)
		FROM unnest(string_to_array('A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,P,Q,R,S,T,U,V,W,X,Y,Z', ',')) a,
		unnest(string_to_array('A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,P,Q,R,S,T,U,V,W,X,Y,Z', ',')) b,
		unnest(string_to_array('A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,P,Q,R,S,T,U,V,W,X,Y,Z', ',')) c`)
	if err != nil {
		t.Fatal(err)
	}
	var code string
	var digits int
	if _, err := pgx.ForEachRow(rows, []any{&code, &digits}, func() error {
		want := 2
		if unit, err := currency.ParseISO(code); err == nil {
			want, _ = currency.Standard.Rounding(unit)
		}
		if digits != want {
			t.Errorf("%s has %d places, want %d", code, digits, want)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
