package admin

import (
	"context"
	"time"

	"packhorse/internal/fulfillment"
)

// OrderTransaction is a payment of an order. Other systems made it: it has neither an ID nor a time of its own.
type OrderTransaction struct {
	order *fulfillment.OrderRecord
	index int
}

// Transactions are the payments, in the order in which they came. None can be captured here, and none is to be resolved
// by hand.
func (o *Order) Transactions(capturable *bool, first *int, manuallyResolvable *bool) []*OrderTransaction {
	list := []*OrderTransaction{}
	if value(capturable) || value(manuallyResolvable) {
		return list
	}
	for i := range o.State.Transactions {
		if first != nil && len(list) >= *first {
			break
		}
		list = append(list, &OrderTransaction{o.State, i})
	}
	return list
}

// TransactionsCount is how many payments there are.
func (o *Order) TransactionsCount() *Count {
	return &Count{Count: len(o.State.Transactions), Precision: CountPrecisionExact}
}

func (t *OrderTransaction) state() fulfillment.Transaction { return t.order.Transactions[t.index] }

// IsNode says that it has a global ID.
func (*OrderTransaction) IsNode() {}

// ID follows from the order's and the place among its payments.
func (t *OrderTransaction) ID() GID {
	return GID{TypeOrderTransaction, t.order.ID + fulfillment.ID(t.index)}
}

// Kind is what it did.
func (t *OrderTransaction) Kind() fulfillment.TransactionKind { return t.state().Kind }

// Status is how it ended.
func (t *OrderTransaction) Status() fulfillment.TransactionStatus { return t.state().Status }

// Gateway is who took it.
func (t *OrderTransaction) Gateway() *string { return optional(t.state().Gateway) }

// FormattedGateway is who took it.
func (t *OrderTransaction) FormattedGateway() *string { return t.Gateway() }

// ManualPaymentGateway is false: that is not known.
func (*OrderTransaction) ManualPaymentGateway() bool { return false }

// Test tells whether it is only a test.
func (t *OrderTransaction) Test() bool { return t.state().Test }

// AmountSet is how much it was.
func (t *OrderTransaction) AmountSet(ctx context.Context) *MoneyBag {
	return money(t.state().Amount, currencyOf(ctx, t.order))
}

// AmountV2 is how much it was.
func (t *OrderTransaction) AmountV2(ctx context.Context) *MoneyV2 { return t.AmountSet(ctx).ShopMoney }

// Amount is how much it was, without the currency.
func (t *OrderTransaction) Amount(ctx context.Context) string {
	return t.AmountSet(ctx).ShopMoney.Amount
}

// CreatedAt is when the order was placed.
func (t *OrderTransaction) CreatedAt() time.Time { return processedAt(t.order) }

// ProcessedAt is when the order was placed.
func (t *OrderTransaction) ProcessedAt() *time.Time { return new(processedAt(t.order)) }

// Order is what was paid.
func (t *OrderTransaction) Order() *Order { return &Order{State: t.order} }

// ParentTransaction is null: that is not known.
func (*OrderTransaction) ParentTransaction() *OrderTransaction { return nil }

// PaymentID is null: that is not known.
func (*OrderTransaction) PaymentID() *string { return nil }
