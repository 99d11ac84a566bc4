package admin

import (
	"cmp"
	"context"
	"math/big"
	"strings"

	"packhorse/internal/fulfillment"
)

// money is an amount in a currency, once for the shop and once for the customer.
func money(amount, currency string) *MoneyBag {
	m := &MoneyV2{Amount: cmp.Or(amount, "0.0"), CurrencyCode: currency}
	return &MoneyBag{ShopMoney: m, PresentmentMoney: m}
}

// currencyOf is the currency of an order's amounts.
func currencyOf(ctx context.Context, order *fulfillment.OrderRecord) string {
	return servedCurrency(ctx, cmp.Or(order.CurrencyCode, LoadersFrom(ctx).Shop().CurrencyCode()))
}

// times is a price for so many units, with as many places as the price.
func times(price string, units int) string {
	unit, ok := new(big.Rat).SetString(cmp.Or(price, "0.0"))
	if !ok {
		return "0.0"
	}
	_, places, _ := strings.Cut(cmp.Or(price, "0.0"), ".")
	return unit.Mul(unit, new(big.Rat).SetInt64(int64(units))).FloatString(len(places))
}

// less is the difference of two amounts.
func less(from, amount string) string {
	a, ok := new(big.Rat).SetString(cmp.Or(from, "0.0"))
	b, fine := new(big.Rat).SetString(cmp.Or(amount, "0.0"))
	if !ok || !fine {
		return "0.0"
	}
	difference := a.Sub(a, b)
	places, _ := difference.FloatPrec()
	return difference.FloatString(max(places, 2))
}
