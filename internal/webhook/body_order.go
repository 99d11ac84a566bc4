package webhook

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
)

// order is an order as old interfaces know it. What is not known here is null, or an empty list.
type order struct {
	ID                       digits          `json:"id"`
	GID                      string          `json:"admin_graphql_api_id"`
	AppID                    *digits         `json:"app_id"`
	BrowserIP                *string         `json:"browser_ip"`
	BuyerAcceptsMarketing    *bool           `json:"buyer_accepts_marketing"`
	CancelReason             *string         `json:"cancel_reason"`
	CancelledAt              *string         `json:"cancelled_at"`
	CartToken                *string         `json:"cart_token"`
	CheckoutToken            *string         `json:"checkout_token"`
	ClientDetails            *none           `json:"client_details"`
	ClosedAt                 *string         `json:"closed_at"`
	ConfirmationNumber       *string         `json:"confirmation_number"`
	Confirmed                bool            `json:"confirmed"`
	ContactEmail             *string         `json:"contact_email"`
	CreatedAt                string          `json:"created_at"`
	Currency                 string          `json:"currency"`
	CurrentShippingPriceSet  *moneySet       `json:"current_shipping_price_set"`
	CurrentSubtotalPrice     *string         `json:"current_subtotal_price"`
	CurrentSubtotalPriceSet  *moneySet       `json:"current_subtotal_price_set"`
	CurrentFeesSet           *moneySet       `json:"current_total_additional_fees_set"`
	CurrentTotalDiscounts    *string         `json:"current_total_discounts"`
	CurrentTotalDiscountsSet *moneySet       `json:"current_total_discounts_set"`
	CurrentTotalDutiesSet    *moneySet       `json:"current_total_duties_set"`
	CurrentTotalPrice        *string         `json:"current_total_price"`
	CurrentTotalPriceSet     *moneySet       `json:"current_total_price_set"`
	CurrentTotalTax          *string         `json:"current_total_tax"`
	CurrentTotalTaxSet       *moneySet       `json:"current_total_tax_set"`
	CustomerLocale           *string         `json:"customer_locale"`
	DeviceID                 *digits         `json:"device_id"`
	DiscountCodes            []none          `json:"discount_codes"`
	DutiesIncluded           *bool           `json:"duties_included"`
	Email                    *string         `json:"email"`
	EstimatedTaxes           *bool           `json:"estimated_taxes"`
	FinancialStatus          string          `json:"financial_status"`
	FulfillmentStatus        *string         `json:"fulfillment_status"`
	LandingSite              *string         `json:"landing_site"`
	LandingSiteRef           *string         `json:"landing_site_ref"`
	LocationID               *digits         `json:"location_id"`
	BusinessEntityID         *string         `json:"merchant_business_entity_id"`
	MerchantOfRecordAppID    *digits         `json:"merchant_of_record_app_id"`
	Name                     string          `json:"name"`
	Note                     *string         `json:"note"`
	NoteAttributes           []noted         `json:"note_attributes"`
	Number                   *digits         `json:"number"`
	OrderNumber              *digits         `json:"order_number"`
	OrderStatusURL           *string         `json:"order_status_url"`
	OriginalFeesSet          *moneySet       `json:"original_total_additional_fees_set"`
	OriginalDutiesSet        *moneySet       `json:"original_total_duties_set"`
	PaymentGatewayNames      []string        `json:"payment_gateway_names"`
	Phone                    *string         `json:"phone"`
	PONumber                 *string         `json:"po_number"`
	PresentmentCurrency      string          `json:"presentment_currency"`
	ProcessedAt              string          `json:"processed_at"`
	Reference                *string         `json:"reference"`
	ReferringSite            *string         `json:"referring_site"`
	SourceIdentifier         *string         `json:"source_identifier"`
	SourceName               *string         `json:"source_name"`
	SourceURL                *string         `json:"source_url"`
	SubtotalPrice            *string         `json:"subtotal_price"`
	SubtotalPriceSet         *moneySet       `json:"subtotal_price_set"`
	Tags                     string          `json:"tags"`
	TaxExempt                *bool           `json:"tax_exempt"`
	TaxLines                 []lineItemTax   `json:"tax_lines"`
	TaxesIncluded            bool            `json:"taxes_included"`
	Test                     bool            `json:"test"`
	Token                    *string         `json:"token"`
	RoundingPaymentSet       *moneySet       `json:"total_cash_rounding_payment_adjustment_set"`
	RoundingRefundSet        *moneySet       `json:"total_cash_rounding_refund_adjustment_set"`
	TotalDiscounts           *string         `json:"total_discounts"`
	TotalDiscountsSet        *moneySet       `json:"total_discounts_set"`
	TotalLineItemsPrice      *string         `json:"total_line_items_price"`
	TotalLineItemsPriceSet   *moneySet       `json:"total_line_items_price_set"`
	TotalOutstanding         *string         `json:"total_outstanding"`
	TotalPrice               *string         `json:"total_price"`
	TotalPriceSet            *moneySet       `json:"total_price_set"`
	TotalShippingPriceSet    *moneySet       `json:"total_shipping_price_set"`
	TotalTax                 *string         `json:"total_tax"`
	TotalTaxSet              *moneySet       `json:"total_tax_set"`
	TotalTipReceived         *string         `json:"total_tip_received"`
	TotalWeight              *int            `json:"total_weight"`
	UpdatedAt                string          `json:"updated_at"`
	UserID                   *digits         `json:"user_id"`
	BillingAddress           *address        `json:"billing_address"`
	Customer                 *none           `json:"customer"`
	DiscountApplications     []none          `json:"discount_applications"`
	Fulfillments             []shipment      `json:"fulfillments"`
	LineItems                []orderLineItem `json:"line_items"`
	PaymentTerms             *none           `json:"payment_terms"`
	Refunds                  []none          `json:"refunds"`
	ShippingAddress          *address        `json:"shipping_address"`
	ShippingLines            []none          `json:"shipping_lines"`
	Returns                  []none          `json:"returns"`
	LineItemGroups           []none          `json:"line_item_groups"`
	truncated
}

// orderLineItem is a line in the list of its order's.
type orderLineItem struct {
	lineItem
	CurrentQuantity  int    `json:"current_quantity"`
	AttributedStaffs []none `json:"attributed_staffs"`
}

// cut leaves out lines, of the order and of its shipments. What has no room without any has no shipments either but the
// last ones, and no notes.
func (b order) cut(lines int) any {
	b.LineItems, b.Truncated = firstOf(b.LineItems, lines), true
	b.Fulfillments = slices.Clone(b.Fulfillments)
	for i := range b.Fulfillments {
		b.Fulfillments[i].LineItems = firstOf(b.Fulfillments[i].LineItems, lines)
	}
	if lines < 0 {
		b.Fulfillments = b.Fulfillments[max(0, len(b.Fulfillments)-lastShipments):]
		b.NoteAttributes = []noted{}
	}
	return b
}

// lastShipments is how many shipments are kept of an order that has too many.
const lastShipments = 50

// orderBody is of the order as it was after the transition that the event tells of.
func orderBody(w *writer) any {
	record := w.Order.AsOf(w.event.Sequence)
	updated := w.at
	if w.event.Sequence == 1 {
		updated = record.CreatedAt
	}
	processed := record.CreatedAt
	if record.ProcessedAt != nil {
		processed = *record.ProcessedAt
	}
	b := order{
		ID: digits(record.ID), GID: w.gid("Order", record.ID), Name: record.Name,
		OrderNumber: orderNumber(record.Name), SourceIdentifier: optional(record.SourceIdentifier),
		CreatedAt: w.time(record.CreatedAt), ProcessedAt: w.time(processed), UpdatedAt: w.time(updated),
		CancelledAt: w.optionalTime(record.CancelledAt), ClosedAt: w.optionalTime(record.ClosedAt),
		Confirmed: true, Test: record.Test,
		Email: optional(record.Email), ContactEmail: optional(record.Email), Phone: optional(record.Phone),
		Note: optional(record.Note), NoteAttributes: notes(record.CustomAttributes), Tags: tags(record.Tags),
		Currency: w.currency(record), PresentmentCurrency: w.currency(record),
		FulfillmentStatus: orderStatus(record.DisplayFulfillmentStatus), PaymentGatewayNames: gateways(record),
		ShippingAddress: addressOf(record.ShippingAddress), DiscountCodes: []none{}, DiscountApplications: []none{},
		TaxLines: []lineItemTax{}, Refunds: []none{}, ShippingLines: []none{}, Returns: []none{},
		LineItemGroups: []none{}, Fulfillments: []shipment{}, LineItems: []orderLineItem{},
	}
	if record.CancelledAt != nil {
		b.CancelReason = new(cancelReason(record.CancelReason))
	}
	w.price(&b, record)
	left, shipped := w.units(record)
	for i := range w.Shipped {
		b.Fulfillments = append(b.Fulfillments, w.shipment(record, &w.Shipped[i], left, w.Shipped[i].UpdatedAt))
	}
	current := currentUnits(record)
	for i := range record.LineItems {
		l := &record.LineItems[i]
		b.LineItems = append(b.LineItems, orderLineItem{
			lineItem: w.lineItem(
				record, l, l.Quantity, max(current[l.ID], shipped[l.ID]), left[l.ID],
				serviceOf(w.orderDetails.Services, l.ID),
			),
			CurrentQuantity: current[l.ID], AttributedStaffs: []none{},
		})
	}
	return b
}

// units are those of each line that were to be shipped, which are wanted and in no shipment that stands, and those that
// are in one.
func (w *writer) units(record *fulfillment.OrderRecord) (left, shipped map[fulfillment.ID]int) {
	left, shipped = currentUnits(record), map[fulfillment.ID]int{}
	for i := range w.Shipped {
		f := &w.Shipped[i]
		if f.Status == fulfillment.FulfillmentCancelled {
			continue
		}
		for _, q := range w.made(f).Lines {
			shipped[q.ID] += q.Quantity
			left[q.ID] = max(0, left[q.ID]-q.Quantity)
		}
	}
	return left, shipped
}

// price fills in the sums, if any line of the order has a price.
func (w *writer) price(b *order, record *fulfillment.OrderRecord) {
	current := currentUnits(record)
	quantities := make([]fulfillment.Quantity, 0, len(record.LineItems))
	priced := false
	for i := range record.LineItems {
		l := &record.LineItems[i]
		quantities = append(quantities, fulfillment.Quantity{ID: l.ID, Quantity: current[l.ID]})
		priced = priced || l.UnitPrice != ""
	}
	sums := record.Totals(quantities)
	b.FinancialStatus = word(record.FinancialStatus(sums.CurrentTotal))
	if !priced {
		return
	}
	for _, sum := range []struct {
		text   string
		plain  []**string
		inSets []**moneySet
	}{
		{sums.Subtotal, []**string{&b.SubtotalPrice, &b.TotalLineItemsPrice},
			[]**moneySet{&b.SubtotalPriceSet, &b.TotalLineItemsPriceSet}},
		{sums.Tax, []**string{&b.TotalTax}, []**moneySet{&b.TotalTaxSet}},
		{sums.Total, []**string{&b.TotalPrice}, []**moneySet{&b.TotalPriceSet}},
		{sums.CurrentSubtotal, []**string{&b.CurrentSubtotalPrice}, []**moneySet{&b.CurrentSubtotalPriceSet}},
		{sums.CurrentTax, []**string{&b.CurrentTotalTax}, []**moneySet{&b.CurrentTotalTaxSet}},
		{sums.CurrentTotal, []**string{&b.CurrentTotalPrice}, []**moneySet{&b.CurrentTotalPriceSet}},
		{outstanding(record, sums), []**string{&b.TotalOutstanding}, nil},
	} {
		for _, plain := range sum.plain {
			*plain = new(amount(sum.text))
		}
		for _, set := range sum.inSets {
			*set = w.money(record, sum.text)
		}
	}
	b.TaxLines = w.taxes(record, sameTaxes(record))
}

// outstanding is what is left to be paid of what is wanted; below zero what is to be paid back.
func outstanding(record *fulfillment.OrderRecord, sums fulfillment.Totals) string {
	left := new(big.Rat)
	add := func(text string, sign int64) {
		if r, ok := new(big.Rat).SetString(text); ok {
			left.Add(left, r.Mul(r, new(big.Rat).SetInt64(sign)))
		}
	}
	add(sums.CurrentTotal, 1)
	add(sums.Refunded, 1)
	for _, t := range record.Transactions {
		taken := t.Kind == fulfillment.TransactionSale || t.Kind == fulfillment.TransactionCapture
		if taken && t.Status == fulfillment.TransactionSuccess {
			add(t.Amount, -1)
		}
	}
	places, _ := left.FloatPrec()
	return left.FloatString(max(places, 2))
}

// sameTaxes are the taxes of all lines, those of one title and rate as one.
func sameTaxes(record *fulfillment.OrderRecord) []fulfillment.TaxLine {
	var all []fulfillment.TaxLine
	for _, l := range record.LineItems {
		for _, t := range record.Taxes(l) {
			i := slices.IndexFunc(
				all, func(o fulfillment.TaxLine) bool { return o.Title == t.Title && o.Rate == t.Rate },
			)
			if i < 0 {
				all = append(all, t)
				continue
			}
			sum, ok := new(big.Rat).SetString(all[i].Price)
			more, fine := new(big.Rat).SetString(t.Price)
			if ok && fine {
				sum.Add(sum, more)
				places, _ := sum.FloatPrec()
				all[i].Price = sum.FloatString(max(places, 2))
			}
		}
	}
	return all
}

// orderStatus is how far the order is shipped; nil: nothing of it is.
func orderStatus(s fulfillment.OrderDisplayStatus) *string {
	switch s {
	case fulfillment.OrderFulfilled:
		return new("fulfilled")
	case fulfillment.OrderPartiallyFulfilled:
		return new("partial")
	}
	return nil
}

// serviceOf is the service that has a line; 0: the merchant has it.
func serviceOf(services []fulfillment.ServiceLines, line fulfillment.ID) fulfillment.ID {
	for _, s := range services {
		if s.Lines == nil || slices.Contains(s.Lines, line) {
			return s.ServiceID
		}
	}
	return 0
}

// tags are in alphabetical order, with commas between them.
func tags(list []string) string {
	sorted := slices.SortedFunc(slices.Values(list), func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	return strings.Join(sorted, ", ")
}

// orderNumber is the number in a name such as "#1001"; nil: there is no such number in it.
func orderNumber(name string) *digits {
	id, err := fulfillment.ParseID(strings.TrimPrefix(name, "#"))
	if err != nil {
		return nil
	}
	return new(digits(id))
}

// cancelReason is one of the reasons that receivers know.
func cancelReason(reason string) string {
	switch known := strings.ToLower(reason); known {
	case "customer", "declined", "fraud", "inventory", "staff":
		return known
	}
	return "other"
}

func gateways(record *fulfillment.OrderRecord) []string {
	names := []string{}
	for _, t := range record.Transactions {
		if t.Gateway != "" && !slices.Contains(names, t.Gateway) {
			names = append(names, t.Gateway)
		}
	}
	return names
}

// edit is an order edit: what came to which lines, and what went. It has a number of its own.
type edit struct {
	ID             digits        `json:"id"`
	AppID          *digits       `json:"app_id"`
	CreatedAt      string        `json:"created_at"`
	CommittedAt    string        `json:"committed_at"`
	NotifyCustomer bool          `json:"notify_customer"`
	OrderID        digits        `json:"order_id"`
	StaffNote      string        `json:"staff_note"`
	UserID         *digits       `json:"user_id"`
	LineItems      editedLines   `json:"line_items"`
	Discounts      editDiscounts `json:"discounts"`
	ShippingLines  editedLines   `json:"shipping_lines"`
}

type editDiscounts struct {
	LineItem editedLines `json:"line_item"`
}

type editedLines struct {
	Additions []lineDelta `json:"additions"`
	Removals  []lineDelta `json:"removals"`
}

type lineDelta struct {
	ID    digits `json:"id"`
	Delta int    `json:"delta"`
}

type orderEdit struct {
	Edit edit `json:"order_edit"`
}

func editBody(w *writer) any {
	id := fulfillment.DerivedID("order edit", w.event.OrderID.String()+"#"+fulfillment.ID(w.event.Sequence).String())
	nothing := editedLines{[]lineDelta{}, []lineDelta{}}
	b := edit{
		ID: digits(id), AppID: optionalNumber(w.Apps[w.event.Actor.App]), OrderID: digits(w.event.OrderID),
		CreatedAt: w.time(w.event.At), CommittedAt: w.time(w.at), StaffNote: w.event.Reason,
		LineItems: nothing, Discounts: editDiscounts{nothing}, ShippingLines: nothing,
	}
	lines, d := &b.LineItems, w.orderDetails
	for _, l := range d.Add {
		lines.Additions = append(lines.Additions, lineDelta{digits(l.ID), l.Quantity})
	}
	for _, set := range d.SetQuantities {
		i := slices.IndexFunc(d.Quantities, func(q fulfillment.Quantity) bool { return q.ID == set.ID })
		if i < 0 { // Edits did not always say what was before.
			continue
		}
		switch before := d.Quantities[i].Quantity; {
		case set.Quantity > before:
			lines.Additions = append(lines.Additions, lineDelta{digits(set.ID), set.Quantity - before})
		case set.Quantity < before:
			lines.Removals = append(lines.Removals, lineDelta{digits(set.ID), before - set.Quantity})
		}
	}
	return orderEdit{Edit: b}
}
