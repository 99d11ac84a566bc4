package endtoend

import (
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/gateway/gatewaytest"
)

// TestAnswersUnderKeys: an answer is given again as far as the app may still see it, and one that tells of a person is
// forgotten before its key is.
func TestAnswersUnderKeys(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	_, id := s.order(t, 3)
	line := read(t, s.merchant, id).LineItems.Nodes[0].ID
	shipping := func(payload string) string {
		return `mutation ($fulfillment: FulfillmentInput!) {
			fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id ` + payload + ` } userErrors { message } }
		}`
	}
	input := shipment(id, []vars{{"id": line, "quantity": 1}})
	shipped := func(answer *gatewaytest.Answer) string {
		return gatewaytest.Get[string](t, answer, "fulfillmentCreate.fulfillment.id")
	}

	app := s.App("Shipper", access.WriteMerchantManaged, access.ReadOrders)
	withOrder, without := shipping("order { id note }"), shipping("")
	seen := app.Must(t, withOrder, input, gatewaytest.Key("with-order"))
	plain := app.Must(t, without, input, gatewaytest.Key("without"))
	s.Rescope(app, access.WriteMerchantManaged)
	checkDenied(t, app.Do(t, withOrder, input, gatewaytest.Key("with-order")))
	if again := app.Must(t, without, input, gatewaytest.Key("without")); string(again.Body) != string(plain.Body) {
		t.Errorf("what rests on no lost scope is not given again:\n%s\n%s", plain.Body, again.Body)
	}
	s.Rescope(app, access.WriteMerchantManaged, access.ReadOrders)
	if again := app.Must(t, withOrder, input, gatewaytest.Key("with-order")); string(again.Body) != string(seen.Body) {
		t.Errorf("with the scope back, it is not given again:\n%s\n%s", seen.Body, again.Body)
	}

	kept := func(key string) (forAWhile, atAll bool) {
		err := s.SQL().QueryRow(
			t.Context(), `SELECT answer_until IS NOT NULL, answer IS NOT NULL FROM idempotency_keys WHERE key = $1`, key,
		).Scan(&forAWhile, &atAll)
		if err != nil {
			t.Fatal(err)
		}
		return forAWhile, atAll
	}
	if short, _ := kept("with-order"); !short {
		t.Error("an answer with a note is kept as long as its key")
	}
	if short, _ := kept("without"); short {
		t.Error("an answer without anything personal is not kept as long as its key")
	}
	if _, err := s.SQL().Exec(
		t.Context(), `UPDATE idempotency_keys SET answer_until = now() WHERE key = 'with-order'`,
	); err != nil {
		t.Fatal(err)
	}
	late := app.Must(t, withOrder, input, gatewaytest.Key("with-order"))
	if shipped(late) != shipped(seen) || late.Header.Get("Idempotent-Replayed") != "" {
		t.Errorf("asked again when the answer is forgotten: %s, want the same shipment as in %s", late.Body, seen.Body)
	}
	other := app.Do(t, without, input, gatewaytest.Key("with-order"))
	if len(other.Errors) != 1 || !strings.Contains(other.Errors[0].Extensions.Code, "MISMATCH") {
		t.Errorf("the key is free for something else: %s", other.Body)
	}
}
