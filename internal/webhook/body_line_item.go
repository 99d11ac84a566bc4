package webhook

import (
	"cmp"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"packhorse/internal/fulfillment"
)

// lineItem is an order line. What is not known here, such as discounts, is null.
type lineItem struct {
	ID                  digits        `json:"id"`
	VariantID           *digits       `json:"variant_id"`
	Title               string        `json:"title"`
	Quantity            int           `json:"quantity"`
	SKU                 *string       `json:"sku"`
	VariantTitle        *string       `json:"variant_title"`
	Vendor              *string       `json:"vendor"`
	FulfillmentService  string        `json:"fulfillment_service"`
	ProductID           *digits       `json:"product_id"`
	RequiresShipping    bool          `json:"requires_shipping"`
	Taxable             bool          `json:"taxable"`
	GiftCard            bool          `json:"gift_card"`
	Name                string        `json:"name"`
	InventoryManagement *string       `json:"variant_inventory_management"`
	Properties          []noted       `json:"properties"`
	ProductExists       bool          `json:"product_exists"`
	FulfillableQuantity int           `json:"fulfillable_quantity"`
	Grams               *int          `json:"grams"`
	Price               *string       `json:"price"`
	TotalDiscount       *string       `json:"total_discount"`
	FulfillmentStatus   *string       `json:"fulfillment_status"`
	PriceSet            *moneySet     `json:"price_set"`
	TotalDiscountSet    *moneySet     `json:"total_discount_set"`
	DiscountAllocations []none        `json:"discount_allocations"`
	Duties              []none        `json:"duties"`
	GID                 string        `json:"admin_graphql_api_id"`
	TaxLines            []lineItemTax `json:"tax_lines"`
}

// none is what there are none of here.
type none struct{}

// noted is something that the buyer or the shop noted.
type noted struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type money struct {
	Amount       string `json:"amount"`
	CurrencyCode string `json:"currency_code"`
}

type moneySet struct {
	ShopMoney        money `json:"shop_money"`
	PresentmentMoney money `json:"presentment_money"`
}

type lineItemTax struct {
	ChannelLiable *bool    `json:"channel_liable"`
	Price         string   `json:"price"`
	PriceSet      moneySet `json:"price_set"`
	Rate          float64  `json:"rate"`
	Title         string   `json:"title"`
}

// fulfilled says how far a line is shipped; nil: nothing of it is.
func fulfilled(current, left int) *string {
	switch {
	case left <= 0 && current > 0:
		return new("fulfilled")
	case left < current:
		return new("partial")
	}
	return nil
}

// lineItem is a line of the order, of which so many units are told, and so many of the current ones are left to ship.
func (w *writer) lineItem(order *fulfillment.OrderRecord, l *fulfillment.LineItem, quantity, current, left int,
	service fulfillment.ID,
) lineItem {
	item := lineItem{
		ID: digits(l.ID), GID: w.gid("LineItem", l.ID), Title: l.Title, VariantTitle: optional(l.VariantTitle),
		Name: l.Title, Vendor: optional(l.Vendor), SKU: optional(l.SKU), Quantity: quantity,
		FulfillmentService: w.service(service), RequiresShipping: l.Ships(),
		Taxable:   l.Taxable == nil || *l.Taxable,
		VariantID: productNumber(l, "variantId"), ProductID: productNumber(l, "productId"),
		Properties: notes(l.CustomAttributes), FulfillableQuantity: left, FulfillmentStatus: fulfilled(current, left),
		DiscountAllocations: []none{}, Duties: []none{}, TaxLines: []lineItemTax{},
	}
	item.ProductExists = item.ProductID != nil
	if l.VariantTitle != "" {
		item.Name += " - " + l.VariantTitle
	}
	if l.Weight != nil {
		item.Grams = new(l.Weight.Grams())
	}
	if l.UnitPrice != "" {
		item.Price, item.PriceSet = new(amount(l.UnitPrice)), w.money(order, l.UnitPrice)
		item.TaxLines = w.taxes(order, order.Taxes(*l))
	}
	return item
}

// service is the handle of a service; the merchant's own locations have the built-in one.
func (w *writer) service(id fulfillment.ID) string { return cmp.Or(w.Services[id], "manual") }

// productNumber is the number of a product or a variant, which an order may name in a line's metadata.
func productNumber(l *fulfillment.LineItem, name string) *digits {
	text := l.Metadata[name]
	id, err := fulfillment.ParseID(text[strings.LastIndex(text, "/")+1:])
	if err != nil {
		return nil
	}
	return new(digits(id))
}

func notes(attributes []fulfillment.Attribute) []noted {
	list := make([]noted, len(attributes))
	for i, a := range attributes {
		list[i] = noted{a.Key, a.Value}
	}
	return list
}

func (w *writer) taxes(order *fulfillment.OrderRecord, taxes []fulfillment.TaxLine) []lineItemTax {
	list := make([]lineItemTax, len(taxes))
	for i, t := range taxes {
		rate, _ := strconv.ParseFloat(t.Rate, 64) // An order's rates are decimals.
		list[i] = lineItemTax{
			Price: amount(t.Price), PriceSet: *w.money(order, t.Price), Rate: rate, Title: t.Title,
		}
	}
	return list
}

// currency is that of the order's amounts.
func (w *writer) currency(order *fulfillment.OrderRecord) string {
	return cmp.Or(order.CurrencyCode, w.CurrencyCode)
}

func (w *writer) money(order *fulfillment.OrderRecord, text string) *moneySet {
	m := money{amount(text), w.currency(order)}
	return &moneySet{m, m}
}

// plainAmount is one that is written as it is to be.
var plainAmount = regexp.MustCompile(`^(0|[1-9][0-9]*)\.[0-9]{2}$`)

// amount is an exact amount with two decimals, or more if it has more.
func amount(text string) string {
	if plainAmount.MatchString(text) { // As most are: the arithmetic would be most of the work of a body.
		return text
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok {
		exact = new(big.Rat)
	}
	places, _ := exact.FloatPrec()
	return exact.FloatString(max(places, 2))
}
