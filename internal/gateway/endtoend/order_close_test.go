package endtoend

import (
	"strings"
	"testing"

	"packhorse/internal/gateway/gatewaytest"
)

// TestOrderClose closes an order by the API and opens it: what it says of itself and what a search finds agree, and its
// fulfillment order can still be worked on.
func TestOrderClose(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	order, served := s.orderAtService(t, 2)
	const (
		closes = `mutation ($id: ID!) { orderClose(input: {id: $id}) { order { id closed closedAt }
			userErrors { field message } } }`
		opens = `mutation ($id: ID!) { orderOpen(input: {id: $id}) { order { id closed closedAt }
			userErrors { field message } } }`
	)
	found := func(query string) bool {
		t.Helper()
		answer := s.merchant.Must(t, `query ($query: String) { orders(first: 5, query: $query) { nodes { id } } }`,
			vars{"query": query})
		return len(gatewaytest.Get[[]any](t, answer, "orders.nodes")) == 1
	}
	is := func(answer *gatewaytest.Answer, root string, closed bool) (since string) {
		t.Helper()
		if got := gatewaytest.Get[bool](t, answer, root+".order.closed"); got != closed {
			t.Errorf("%s: closed is %v", root, got)
		}
		at := gatewaytest.Get[*string](t, answer, root+".order.closedAt")
		if (at != nil) != closed {
			t.Errorf("%s: closed at %v", root, at)
		}
		for query, want := range map[string]bool{
			"status:closed": closed, "status:open": !closed, "status:not_closed": !closed, "status:cancelled": false,
		} {
			if found(query) != want {
				t.Errorf("%s: %s finds it is %v", root, query, !want)
			}
		}
		if at == nil {
			return ""
		}
		return *at
	}
	since := is(s.merchant.Must(t, closes, vars{"id": order}), "orderClose", true)
	if again := is(s.merchant.Must(t, closes, vars{"id": order}), "orderClose", true); again != since {
		t.Errorf("closed twice, it is closed since %s, want %s", again, since)
	}
	s.merchant.Must(t, submit, vars{"id": served})
	is(s.merchant.Must(t, opens, vars{"id": order}), "orderOpen", false)

	for root, document := range map[string]string{"orderClose": closes, "orderOpen": opens} {
		refused := s.merchant.Do(t, document, vars{"id": "gid://shopify/Order/99"})
		if errors := refused.UserErrors(); len(errors) != 1 || strings.Join(errors[0].Field, ".") != "id" ||
			errors[0].Message != "Order does not exist" {
			t.Errorf("%s of an unknown order: %v", root, errors)
		}
		denied := s.service.Do(t, document, vars{"id": order})
		if len(denied.Errors) != 1 || !strings.Contains(denied.Errors[0].Message, "Access denied for "+root) {
			t.Errorf("%s by a service: %v", root, denied.Errors)
		}
	}
}
