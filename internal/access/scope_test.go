package access

import (
	"slices"
	"strings"
	"testing"
)

func TestParseScopes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]Scope{
		"read_orders":                              {ReadOrders},
		"write_locations, read_orders":             {ReadOrders, WriteLocations},
		" read_orders\nread_orders\twrite_orders ": {ReadOrders, WriteOrders},
		"all": Scopes(),
	} {
		if got, err := ParseScopes(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                        "at least one scope is needed",
		" , ":                     "at least one scope is needed",
		"read_products":           `there is no scope "read_products"; there are read_merchant_managed_fulfillment_orders, `,
		"all,read_orders":         `there is no scope "all"`,
		"READ_ORDERS":             `there is no scope "READ_ORDERS"`,
		"read_orders;read_orders": `there is no scope "read_orders;read_orders"`,
	} {
		if got, err := ParseScopes(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want the error %q", text, got, err, want)
		}
	}
}

func TestHas(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		has, asked Scope
		want       bool
	}{
		{ReadOrders, ReadOrders, true}, {WriteOrders, ReadOrders, true}, {ReadOrders, WriteOrders, false},
		{WriteOrders, ReadLocations, false}, {WriteAssigned, ReadAssigned, true},
		{WriteAssigned, ReadThirdParty, false},
	} {
		if got := callerWith(test.has).Has(test.asked); got != test.want {
			t.Errorf("%s gives %s: %t, want %t", test.has, test.asked, got, test.want)
		}
	}
	if (Caller{}).Has("") || (Caller{}).Has(ReadOrders) {
		t.Error("nobody has a scope")
	}
}

func TestTokenText(t *testing.T) {
	t.Parallel()
	one, other := NewToken(), NewToken()
	if one == other {
		t.Fatal("two tokens are the same")
	}
	hash, ok := HashToken(one)
	again, _ := HashToken(one)
	different, _ := HashToken(other)
	if !ok || !hash.Equal(again) || hash.Equal(different) || len(one) != 69 {
		t.Errorf("%d characters, hashes %x, %x and %x", len(one), hash, again, different)
	}
	for _, text := range []string{
		"", "phat_", one[:68], one + "0", strings.ToUpper(one), "shat_" + one[5:], one[:68] + "g", one[:67] + "é",
	} {
		if _, ok := HashToken(text); ok {
			t.Errorf("%q is taken for a token", text)
		}
	}
}
