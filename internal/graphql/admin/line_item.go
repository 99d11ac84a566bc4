package admin

import (
	"cmp"
	"context"
	"strconv"

	"packhorse/internal/fulfillment"
)

// What an order said of a line's product is kept in the line's metadata under these names, as global IDs.
const (
	MetadataProductID = "productId"
	MetadataVariantID = "variantId"
)

// LineItem is a line of an order.
type LineItem struct {
	order *fulfillment.OrderRecord
	index int
}

func lineItems(order *fulfillment.OrderRecord) []*LineItem {
	lines := make([]*LineItem, len(order.LineItems))
	for i := range lines {
		lines[i] = &LineItem{order, i}
	}
	return lines
}

func (l *LineItem) line() *fulfillment.LineItem { return &l.order.LineItems[l.index] }

// units is what became of the line's units.
func (l *LineItem) units() fulfillment.OrderLine {
	if l.index < len(l.order.Lines) {
		return l.order.Lines[l.index]
	}
	return fulfillment.OrderLine{Current: l.line().Quantity}
}

// price is that of so many units.
func (l *LineItem) price(ctx context.Context, units int) *MoneyBag {
	return money(times(l.line().UnitPrice, units), currencyOf(ctx, l.order))
}

// IsNode says that [Loaders.Node] finds it.
func (*LineItem) IsNode() {}

// ID is its global ID.
func (l *LineItem) ID() GID { return GID{TypeLineItem, l.line().ID} }

// Title is what it is.
func (l *LineItem) Title() string { return l.line().Title }

// VariantTitle is which variant it is.
func (l *LineItem) VariantTitle() *string { return optional(l.line().VariantTitle) }

// Name is the title with the variant's.
func (l *LineItem) Name() string { return nameOf(l.line()) }

func nameOf(line *fulfillment.LineItem) string {
	if line.VariantTitle == "" {
		return line.Title
	}
	return line.Title + " - " + line.VariantTitle
}

// Vendor is who makes or sells it.
func (l *LineItem) Vendor() *string { return optional(l.line().Vendor) }

// Sku is the stock keeping unit.
func (l *LineItem) Sku() *string { return optional(l.line().SKU) }

// Weight is that of one unit; nil: the order says none.
func (l *LineItem) Weight() *fulfillment.Weight { return l.line().Weight }

// HarmonizedSystemCode is what customs know it by.
func (l *LineItem) HarmonizedSystemCode() *string { return optional(l.line().HarmonizedSystemCode) }

// CountryCodeOfOrigin is where it was made.
func (l *LineItem) CountryCodeOfOrigin(ctx context.Context) *string {
	return servedCountry(ctx, l.line().CountryCodeOfOrigin)
}

// Taxable tells whether taxes are due on it.
func (l *LineItem) Taxable() bool { return l.line().Taxable == nil || *l.line().Taxable }

// RequiresShipping tells whether it has to be shipped.
func (l *LineItem) RequiresShipping() bool { return l.line().Ships() }

// IsGiftCard is false: Packhorse knows no gift cards.
func (*LineItem) IsGiftCard() bool { return false }

// Image is null: Packhorse knows no pictures.
func (*LineItem) Image() *Image { return nil }

// CustomAttributes are what the customer added.
func (l *LineItem) CustomAttributes() []*Attribute { return attributes(l.line().CustomAttributes) }

func attributes(list []fulfillment.Attribute) []*Attribute {
	all := make([]*Attribute, len(list))
	for i, a := range list {
		all[i] = &Attribute{Key: a.Key, Value: &a.Value}
	}
	return all
}

// Quantity is the units ordered, those too that edits took away.
func (l *LineItem) Quantity() int { return l.line().Quantity }

// CurrentQuantity is the units that are still wanted: none of a cancelled order.
func (l *LineItem) CurrentQuantity() int {
	if l.order.CancelledAt != nil {
		return 0
	}
	return l.units().Current
}

// RefundableQuantity is the units that are still wanted.
func (l *LineItem) RefundableQuantity() int { return l.CurrentQuantity() }

// UnfulfilledQuantity is the units that are not shipped.
func (l *LineItem) UnfulfilledQuantity() int { return l.units().Unfulfilled }

// FulfillableQuantity is the units that are not shipped and not held.
func (l *LineItem) FulfillableQuantity() int { return l.units().Fulfillable }

// NonFulfillableQuantity is the units that are shipped or gone.
func (l *LineItem) NonFulfillableQuantity() int { return l.Quantity() - l.UnfulfilledQuantity() }

// FulfillmentStatus is how far it is shipped, in the words of old interfaces.
func (l *LineItem) FulfillmentStatus() string {
	switch u := l.units(); {
	case u.Unfulfilled == 0 && u.Current > 0 && l.order.CancelledAt == nil:
		return "fulfilled"
	case u.Unfulfilled < u.Current && l.order.CancelledAt == nil:
		return "partial"
	default:
		return "unfulfilled"
	}
}

// FulfillmentService is who the line is with: the service of the first fulfillment order that has units of it, of those
// that the caller may see or, if it may read orders, of all.
func (l *LineItem) FulfillmentService(ctx context.Context) (*FulfillmentService, error) {
	fos, err := read(ctx).ofOrder.load(ctx, l.order.ID)
	if err != nil {
		return nil, err
	}
	mayAll := caller(ctx).May("order")
	if !mayAll {
		fos = readable(ctx, fos)
	}
	for _, fo := range fos {
		for _, line := range fo.Lines {
			if line.LineItemID == l.line().ID && line.Total > 0 {
				return serviceAt(ctx, fo.AssignedLocation.ServiceID)
			}
		}
	}
	if !mayAll {
		return nil, nil
	}
	return serviceAt(ctx, 0)
}

// OriginalUnitPriceSet is the price of one unit.
func (l *LineItem) OriginalUnitPriceSet(ctx context.Context) *MoneyBag { return l.price(ctx, 1) }

// DiscountedUnitPriceSet is the price of one unit: Packhorse knows no discounts.
func (l *LineItem) DiscountedUnitPriceSet(ctx context.Context) *MoneyBag { return l.price(ctx, 1) }

// OriginalTotalSet is the price of the line.
func (l *LineItem) OriginalTotalSet(ctx context.Context) *MoneyBag {
	return l.price(ctx, l.Quantity())
}

// DiscountedTotalSet is the price of the line: Packhorse knows no discounts.
func (l *LineItem) DiscountedTotalSet(ctx context.Context) *MoneyBag {
	return l.price(ctx, l.Quantity())
}

// TotalDiscountSet is nothing.
func (l *LineItem) TotalDiscountSet(ctx context.Context) *MoneyBag { return l.price(ctx, 0) }

// UnfulfilledOriginalTotalSet is the price of the unshipped units.
func (l *LineItem) UnfulfilledOriginalTotalSet(ctx context.Context) *MoneyBag {
	return l.price(ctx, l.UnfulfilledQuantity())
}

// UnfulfilledDiscountedTotalSet is the price of the unshipped units.
func (l *LineItem) UnfulfilledDiscountedTotalSet(ctx context.Context) *MoneyBag {
	return l.price(ctx, l.UnfulfilledQuantity())
}

// Product is what the order said of the product; nil when it said nothing.
func (l *LineItem) Product() *Product {
	id, err := ParseGIDOf(l.line().Metadata[MetadataProductID], TypeProduct)
	if err != nil {
		return nil
	}
	return &Product{
		ID: GID{TypeProduct, id}, LegacyResourceID: uint64(id), Title: l.line().Title, Vendor: l.line().Vendor,
	}
}

// Variant is what the order said of the variant; nil when it said nothing.
func (l *LineItem) Variant() *ProductVariant { return variantOf(l.line()) }

func variantOf(line *fulfillment.LineItem) *ProductVariant {
	id, err := ParseGIDOf(line.Metadata[MetadataVariantID], TypeProductVariant)
	if err != nil {
		return nil
	}
	return &ProductVariant{
		ID: GID{TypeProductVariant, id}, LegacyResourceID: uint64(id),
		Title:       cmp.Or(line.VariantTitle, "Default Title"),
		DisplayName: nameOf(line), Price: cmp.Or(line.UnitPrice, "0.0"), Sku: optional(line.SKU),
	}
}

// OriginalUnitPrice is the price of one unit, without the currency.
func (l *LineItem) OriginalUnitPrice(ctx context.Context) string {
	return l.OriginalUnitPriceSet(ctx).ShopMoney.Amount
}

// DiscountedUnitPrice is the price of one unit, without the currency.
func (l *LineItem) DiscountedUnitPrice(ctx context.Context) string {
	return l.DiscountedUnitPriceSet(ctx).ShopMoney.Amount
}

// DiscountedUnitPriceAfterAllDiscountsSet is the price of one unit: Packhorse knows no discounts.
func (l *LineItem) DiscountedUnitPriceAfterAllDiscountsSet(ctx context.Context) *MoneyBag {
	return l.price(ctx, 1)
}

// OriginalTotal is the price of the line, without the currency.
func (l *LineItem) OriginalTotal(ctx context.Context) string {
	return l.OriginalTotalSet(ctx).ShopMoney.Amount
}

// DiscountedTotal is the price of the line, without the currency.
func (l *LineItem) DiscountedTotal(ctx context.Context) string {
	return l.DiscountedTotalSet(ctx).ShopMoney.Amount
}

// TotalDiscount is nothing.
func (l *LineItem) TotalDiscount(ctx context.Context) string {
	return l.TotalDiscountSet(ctx).ShopMoney.Amount
}

// UnfulfilledOriginalTotal is the price of the unshipped units, without the currency.
func (l *LineItem) UnfulfilledOriginalTotal(ctx context.Context) string {
	return l.UnfulfilledOriginalTotalSet(ctx).ShopMoney.Amount
}

// UnfulfilledDiscountedTotal is the price of the unshipped units, without the currency.
func (l *LineItem) UnfulfilledDiscountedTotal(ctx context.Context) string {
	return l.UnfulfilledDiscountedTotalSet(ctx).ShopMoney.Amount
}

// TaxLines are the taxes on the line.
func (l *LineItem) TaxLines(ctx context.Context, first *int) []*TaxLine {
	list := []*TaxLine{}
	for _, t := range l.order.Taxes(*l.line()) {
		if first != nil && len(list) >= *first {
			break
		}
		rate, _ := strconv.ParseFloat(t.Rate, 64)
		list = append(list, &TaxLine{
			Title: t.Title, Rate: &rate, RatePercentage: new(rate * 100), Price: t.Price,
			PriceSet: money(t.Price, currencyOf(ctx, l.order)),
		})
	}
	return list
}
