package access

import (
	"fmt"
	"slices"
	"strings"
)

// Scope is a right that an app has, with its name in Shopify's Admin API. A write scope implies its read scope.
type Scope string

// The scopes. Those of fulfillment orders go by who runs the location that a fulfillment order is assigned to.
const (
	ReadMerchantManaged  Scope = "read_merchant_managed_fulfillment_orders"
	WriteMerchantManaged Scope = "write_merchant_managed_fulfillment_orders"
	ReadAssigned         Scope = "read_assigned_fulfillment_orders" // at the services of the app itself
	WriteAssigned        Scope = "write_assigned_fulfillment_orders"
	ReadThirdParty       Scope = "read_third_party_fulfillment_orders" // at any service, for the merchant
	WriteThirdParty      Scope = "write_third_party_fulfillment_orders"
	ReadOrders           Scope = "read_orders"
	WriteOrders          Scope = "write_orders"
	ReadFulfillments     Scope = "read_fulfillments" // fulfillment services
	WriteFulfillments    Scope = "write_fulfillments"
	ReadLocations        Scope = "read_locations"
	WriteLocations       Scope = "write_locations"
	ReadReturns          Scope = "read_returns" // what comes back
	WriteReturns         Scope = "write_returns"
)

// AllScopes is what [ParseScopes] reads as every scope there is.
const AllScopes = "all"

var scopes = []Scope{
	ReadMerchantManaged, WriteMerchantManaged, ReadAssigned, WriteAssigned, ReadThirdParty, WriteThirdParty,
	ReadOrders, WriteOrders, ReadFulfillments, WriteFulfillments, ReadLocations, WriteLocations, ReadReturns,
	WriteReturns,
}

// Scopes lists every scope there is, in a fixed order.
func Scopes() []Scope { return slices.Clone(scopes) }

// ParseScopes reads scopes with commas or spaces between them, or the word [AllScopes]. The result is that of
// [CleanScopes].
func ParseScopes(text string) ([]Scope, error) {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' })
	if slices.Equal(words, []string{AllScopes}) {
		return Scopes(), nil
	}
	found := make([]Scope, len(words))
	for i, word := range words {
		found[i] = Scope(word)
	}
	return CleanScopes(found)
}

// CleanScopes is the scopes in the order of [Scopes], each once. A scope that does not exist is an error which lists
// those that do; so is none at all.
func CleanScopes(list []Scope) ([]Scope, error) {
	for _, s := range list {
		if !slices.Contains(scopes, s) {
			return nil, fmt.Errorf("there is no scope %q; there are %s, or %q", s, joined(scopes, ", "), AllScopes)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("at least one scope is needed; there are %s, or %q", joined(scopes, ", "), AllScopes)
	}
	return slices.DeleteFunc(Scopes(), func(s Scope) bool { return !slices.Contains(list, s) }), nil
}

// grants tells whether having these scopes means having one.
func grants(having []Scope, one Scope) bool {
	if slices.Contains(having, one) {
		return true
	}
	what, isRead := strings.CutPrefix(string(one), "read_")
	return isRead && slices.Contains(having, Scope("write_"+what))
}

func joined(list []Scope, between string) string {
	texts := make([]string, len(list))
	for i, s := range list {
		texts[i] = string(s)
	}
	return strings.Join(texts, between)
}
