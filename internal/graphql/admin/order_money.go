package admin

import (
	"context"
	"math/big"
	"slices"

	"packhorse/internal/fulfillment"
)

// totals are the sums of the order. Of a cancelled one, nothing is wanted any more.
func (o *Order) totals() fulfillment.Totals {
	current := o.State.CurrentQuantities
	if o.State.CancelledAt != nil {
		current = slices.Clone(current)
		for i := range current {
			current[i].Quantity = 0
		}
	}
	return o.State.Totals(current)
}

func (o *Order) money(ctx context.Context, amount string) *MoneyBag {
	return money(amount, currencyOf(ctx, o.State))
}

// CurrencyCode is the currency of its amounts.
func (o *Order) CurrencyCode(ctx context.Context) string { return currencyOf(ctx, o.State) }

// PresentmentCurrencyCode is the currency of its amounts.
func (o *Order) PresentmentCurrencyCode(ctx context.Context) string { return currencyOf(ctx, o.State) }

// DisplayFinancialStatus is where the payment stands.
func (o *Order) DisplayFinancialStatus() *fulfillment.FinancialStatus {
	return new(o.State.FinancialStatus(o.totals().CurrentTotal))
}

// FullyPaid tells whether it is paid in full.
func (o *Order) FullyPaid() bool { return *o.DisplayFinancialStatus() == fulfillment.FinancialPaid }

// Unpaid tells whether nothing is paid.
func (o *Order) Unpaid() bool {
	unpaid := []fulfillment.FinancialStatus{
		fulfillment.FinancialPending, fulfillment.FinancialAuthorized, fulfillment.FinancialVoided,
	}
	return slices.Contains(unpaid, *o.DisplayFinancialStatus())
}

// PaymentGatewayNames are who took the payments.
func (o *Order) PaymentGatewayNames() []string {
	names := []string{}
	for _, t := range o.State.Transactions {
		if t.Gateway != "" && !slices.Contains(names, t.Gateway) {
			names = append(names, t.Gateway)
		}
	}
	return names
}

// SubtotalLineItemsQuantity is the units of all lines.
func (o *Order) SubtotalLineItemsQuantity() int {
	units := 0
	for _, l := range o.State.LineItems {
		units += l.Quantity
	}
	return units
}

// CurrentSubtotalLineItemsQuantity is the units that are still wanted.
func (o *Order) CurrentSubtotalLineItemsQuantity() int {
	units := 0
	for _, l := range lineItems(o.State) {
		units += l.CurrentQuantity()
	}
	return units
}

// SubtotalPriceSet is the price of the lines.
func (o *Order) SubtotalPriceSet(ctx context.Context) *MoneyBag {
	return o.money(ctx, o.totals().Subtotal)
}

// CurrentSubtotalPriceSet is the price of what is still wanted.
func (o *Order) CurrentSubtotalPriceSet(ctx context.Context) *MoneyBag {
	return o.money(ctx, o.totals().CurrentSubtotal)
}

// TotalPriceSet is the price with taxes.
func (o *Order) TotalPriceSet(ctx context.Context) *MoneyBag { return o.money(ctx, o.totals().Total) }

// OriginalTotalPriceSet is the price with taxes.
func (o *Order) OriginalTotalPriceSet(ctx context.Context) *MoneyBag { return o.TotalPriceSet(ctx) }

// CurrentTotalPriceSet is the price of what is still wanted, with taxes.
func (o *Order) CurrentTotalPriceSet(ctx context.Context) *MoneyBag {
	return o.money(ctx, o.totals().CurrentTotal)
}

// TaxesIncluded is false: taxes come on top of prices.
func (*Order) TaxesIncluded() bool { return false }

// TotalTaxSet is the taxes.
func (o *Order) TotalTaxSet(ctx context.Context) *MoneyBag { return o.money(ctx, o.totals().Tax) }

// TotalDiscountsSet is nothing: Packhorse knows no discounts.
func (o *Order) TotalDiscountsSet(ctx context.Context) *MoneyBag { return o.money(ctx, "") }

// TotalShippingPriceSet is nothing: Packhorse knows no shipping options.
func (o *Order) TotalShippingPriceSet(ctx context.Context) *MoneyBag { return o.money(ctx, "") }

// TotalRefundedSet is what was paid back.
func (o *Order) TotalRefundedSet(ctx context.Context) *MoneyBag {
	return o.money(ctx, o.totals().Refunded)
}

// TotalReceivedSet is what was paid.
func (o *Order) TotalReceivedSet(ctx context.Context) *MoneyBag { return o.money(ctx, o.received()) }

func (o *Order) received() string {
	received := new(big.Rat)
	for _, t := range o.State.Transactions {
		taken := t.Kind == fulfillment.TransactionSale || t.Kind == fulfillment.TransactionCapture
		if amount, ok := new(big.Rat).SetString(t.Amount); ok && taken && t.Status == fulfillment.TransactionSuccess {
			received.Add(received, amount)
		}
	}
	return received.FloatString(2)
}

// NetPaymentSet is what was paid, without what was paid back.
func (o *Order) NetPaymentSet(ctx context.Context) *MoneyBag {
	return o.money(ctx, less(o.received(), o.totals().Refunded))
}

// TotalOutstandingSet is what is left to be paid of what is still wanted; below zero what is to be paid back.
func (o *Order) TotalOutstandingSet(ctx context.Context) *MoneyBag {
	totals := o.totals()
	return o.money(ctx, less(totals.CurrentTotal, less(o.received(), totals.Refunded)))
}

// SubtotalPrice is the price of the lines, without the currency.
func (o *Order) SubtotalPrice(ctx context.Context) *string {
	return &o.SubtotalPriceSet(ctx).ShopMoney.Amount
}

// TotalDiscounts is nothing: Packhorse knows no discounts.
func (o *Order) TotalDiscounts(ctx context.Context) *string {
	return &o.TotalDiscountsSet(ctx).ShopMoney.Amount
}

// TotalPrice is the price with taxes, without the currency.
func (o *Order) TotalPrice(ctx context.Context) string { return o.TotalPriceSet(ctx).ShopMoney.Amount }

// TotalReceived is what was paid, without the currency.
func (o *Order) TotalReceived(ctx context.Context) string {
	return o.TotalReceivedSet(ctx).ShopMoney.Amount
}

// TotalRefunded is what was paid back, without the currency.
func (o *Order) TotalRefunded(ctx context.Context) string {
	return o.TotalRefundedSet(ctx).ShopMoney.Amount
}

// TotalShippingPrice is nothing: Packhorse knows no shipping options.
func (o *Order) TotalShippingPrice(ctx context.Context) string {
	return o.TotalShippingPriceSet(ctx).ShopMoney.Amount
}

// TotalTax is the taxes, without the currency.
func (o *Order) TotalTax(ctx context.Context) *string { return &o.TotalTaxSet(ctx).ShopMoney.Amount }
