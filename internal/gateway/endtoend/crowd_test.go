package endtoend

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"packhorse/internal/gateway/gatewaytest"
)

const crowd = 50

// contest is a command that can be carried out once.
type contest struct {
	name string
	// prepare makes what the command is for, and says who sends what.
	prepare func(t *testing.T, s *shop) (by *gatewaytest.App, document string, variables vars)
	// refusal is what everybody but the first is told; N stands for a number.
	refusal string
	// check makes sure that it was done once.
	check func(t *testing.T, s *shop, variables vars)
}

var contests = []contest{
	{
		name: "fulfillmentCreate", refusal: "fulfillment Fulfillment order N has an unfulfillable status= closed.",
		prepare: func(t *testing.T, s *shop) (*gatewaytest.App, string, vars) {
			_, fo := s.order(t, 2)
			return s.merchant, ship, shipment(fo, nil)
		},
		check: func(t *testing.T, s *shop, variables vars) {
			group := variables["fulfillment"].(vars)["lineItemsByFulfillmentOrder"].([]vars)[0]
			fo := read(t, s.merchant, group["fulfillmentOrderId"].(string))
			if fo.Status != "CLOSED" || len(fo.Fulfillments.Nodes) != 1 {
				t.Errorf("it is %s with %d shipments, want CLOSED with one", fo.Status, len(fo.Fulfillments.Nodes))
			}
		},
	},
	{
		name: "submit", refusal: "Cannot request fulfillment for the fulfillment order.",
		prepare: func(t *testing.T, s *shop) (*gatewaytest.App, string, vars) {
			_, fo := s.orderAtService(t, 2)
			return s.merchant, submit, vars{"id": fo}
		},
		check: func(t *testing.T, s *shop, variables vars) {
			answer := s.merchant.Must(
				t,
				`query ($id: ID!) { fulfillmentOrder(id: $id) { requestStatus merchantRequests(first: 60) { nodes { kind } } } }`,
				variables,
			)
			if n := len(gatewaytest.Get[[]any](t, answer, "fulfillmentOrder.merchantRequests.nodes")); n != 1 {
				t.Errorf("%d requests, want one", n)
			}
		},
	},
	{
		name: "accept", refusal: "Cannot accept fulfillment request for the fulfillment order.",
		prepare: func(t *testing.T, s *shop) (*gatewaytest.App, string, vars) {
			_, fo := s.orderAtService(t, 2)
			s.merchant.Must(t, submit, vars{"id": fo})
			return s.service, accept, vars{"id": fo}
		},
		check: func(t *testing.T, s *shop, variables vars) {
			if fo := read(t, s.service, variables["id"].(string)); !fo.in("IN_PROGRESS", "ACCEPTED") {
				t.Errorf("it is %s/%s, want IN_PROGRESS/ACCEPTED", fo.Status, fo.RequestStatus)
			}
		},
	},
	{
		name: "cancel", refusal: "Fulfillment order is not in cancelable request state and can't be canceled.",
		prepare: func(t *testing.T, s *shop) (*gatewaytest.App, string, vars) {
			order, fo := s.order(t, 2)
			return s.merchant, cancel, vars{"id": fo, "order": order}
		},
		check: func(t *testing.T, s *shop, variables vars) {
			answer := s.merchant.Must(
				t, `query ($id: ID!) { order(id: $id) { fulfillmentOrders(first: 10) { nodes { ...State } } } }`+state,
				vars{"id": variables["order"]},
			)
			fos := gatewaytest.Get[[]*fulfillmentOrder](t, answer, "order.fulfillmentOrders.nodes")
			if len(fos) != 2 || fos[0].Status != "CLOSED" || fos[1].Status != "OPEN" || fos[1].remaining() != 2 {
				t.Errorf(
					"the order has %d fulfillment orders, want a closed one and an open one with 2 units: %s", len(fos),
					answer.Body,
				)
			}
		},
	},
	{
		name: "hold with one handle",
		refusal: "DUPLICATE_FULFILLMENT_HOLD_HANDLE fulfillmentHold.handle The handle provided for the fulfillment " +
			"hold is already in use " +
			"by this app for another hold on this fulfillment order.",
		prepare: func(t *testing.T, s *shop) (*gatewaytest.App, string, vars) {
			_, fo := s.order(t, 2)
			return s.merchant, holding, vars{"id": fo, "hold": vars{"reason": "OTHER", "handle": "inspection"}}
		},
		check: func(t *testing.T, s *shop, variables vars) {
			if fo := read(t, s.merchant, variables["id"].(string)); fo.Status != "ON_HOLD" || len(fo.Holds) != 1 {
				t.Errorf("it is %s with %d holds, want ON_HOLD with one", fo.Status, len(fo.Holds))
			}
		},
	},
	{
		name: "merge", refusal: "Fulfillment order: N is currently not in a mergeable state.",
		prepare: func(t *testing.T, s *shop) (*gatewaytest.App, string, vars) {
			_, id := s.order(t, 3)
			fo := read(t, s.merchant, id)
			made := s.merchant.Must(t, splitting, vars{"splits": []vars{{"fulfillmentOrderId": id,
				"fulfillmentOrderLineItems": []vars{
					{"id": fo.LineItems.Nodes[0].ID, "quantity": 1}}}}})
			other := gatewaytest.Get[string](
				t, made, "fulfillmentOrderSplit.fulfillmentOrderSplits.0.remainingFulfillmentOrder.id",
			)
			return s.merchant, merging, vars{
				"merges": []vars{{"mergeIntents": []vars{{"fulfillmentOrderId": id}, {"fulfillmentOrderId": other}}}},
			}
		},
		check: func(t *testing.T, s *shop, variables vars) {
			intents := variables["merges"].([]vars)[0]["mergeIntents"].([]vars)
			first, second := read(
				t, s.merchant, intents[0]["fulfillmentOrderId"].(string),
			), read(t, s.merchant, intents[1]["fulfillmentOrderId"].(string))
			if first.Status != "OPEN" || first.remaining() != 3 || second.Status != "CLOSED" ||
				second.remaining() != 0 {
				t.Errorf(
					"the first is %s with %d units, the second %s with %d; want OPEN with 3, CLOSED with 0",
					first.Status, first.remaining(), second.Status, second.remaining(),
				)
			}
		},
	},
}

// TestCrowd sends each of some commands fifty times at once. Without an idempotency key it is carried out once, and the
// others are told why not; with one, everybody gets the same answer, also whoever comes later.
func TestCrowd(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	for _, c := range contests {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			t.Run("without_key", func(t *testing.T) {
				t.Parallel()
				by, document, variables := c.prepare(t, s)
				c.checkOnce(t, together50(t, by, document, variables))
				c.check(t, s, variables)
			})
			t.Run("with_key_in_header", func(t *testing.T) {
				t.Parallel()
				by, document, variables := c.prepare(t, s)
				key := gatewaytest.Key("header/" + t.Name())
				checkEqual(t, append(together50(t, by, document, variables, key), by.Do(t, document, variables, key)))
				c.check(t, s, variables)
			})
			t.Run("with_key_in_document", func(t *testing.T) {
				t.Parallel()
				by, document, variables := c.prepare(t, s)
				document = withDirective(t, document, "directive/"+t.Name())
				checkEqual(t, append(together50(t, by, document, variables), by.Do(t, document, variables)))
				c.check(t, s, variables)
			})
		})
	}
}

// TestCrowdOnTwoGateways sends the same under one key through two gateways at once. Whoever comes while another gateway
// is at it may be asked to come again; whoever got an answer got the same, and it was done once.
func TestCrowdOnTwoGateways(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	second := gatewaytest.Serve(t, string(s.Settings.Database.URL), s.Temporal, gatewaytest.Options{})
	for _, c := range contests {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			by, document, variables := c.prepare(t, s)
			key := gatewaytest.Key(t.Name())
			answers := make([][]*gatewaytest.Answer, 2)
			var group sync.WaitGroup
			for i, at := range []*gatewaytest.App{by, by.On(second)} {
				group.Go(func() { answers[i] = together50(t, at, document, variables, key) })
			}
			group.Wait()
			final := by.Must(t, document, variables, key)
			for _, a := range slices.Concat(answers...) {
				if !bytes.Equal(a.Body, final.Body) &&
					!slices.Equal(a.Codes(), []string{"IDEMPOTENCY_CONCURRENT_REQUEST"}) {
					t.Fatalf("two answers:\n%s\n%s", final.Body, a.Body)
				}
			}
			c.check(t, s, variables)
		})
	}
}

// TestLostAnswers sends commands which are carried out only after their senders were told that it takes too long. Sent
// again under the same keys, they are answered as if they had never been lost, and were carried out once.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	hasty := gatewaytest.Serve(
		t, string(s.Settings.Database.URL), s.Temporal, gatewaytest.Options{Timeout: time.Second},
	)
	type sent struct {
		contest
		by        *gatewaytest.App
		document  string
		variables vars
	}
	var all []sent
	for _, c := range contests {
		by, document, variables := c.prepare(t, s)
		all = append(all, sent{c, by, document, variables})
	}
	s.StopWorker()
	var group sync.WaitGroup
	for _, c := range all {
		group.Go(func() {
			answer, err := c.by.On(hasty).Send(t.Context(), c.document, c.variables, gatewaytest.Key(c.name))
			if err != nil {
				t.Error(err)
			} else if codes := answer.Codes(); answer.Status != http.StatusServiceUnavailable && (len(codes) != 1 ||
				codes[0] != "TIMEOUT" && codes[0] != "SERVICE_UNAVAILABLE") {
				t.Errorf("%s is not told to come again: %s", c.name, answer.Body)
			}
		})
	}
	group.Wait()
	s.StartWorker()
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			again := c.by.Must(t, c.document, c.variables, gatewaytest.Key(c.name))
			checkEqual(t, []*gatewaytest.Answer{again, c.by.Must(t, c.document, c.variables, gatewaytest.Key(c.name))})
			c.check(t, s, c.variables)
		})
	}
}

// TestKeyForSomethingElse sends something else under a key that was used: it is refused, and not carried out.
func TestKeyForSomethingElse(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	_, first := s.order(t, 1)
	_, second := s.order(t, 1)
	s.merchant.Must(t, cancel, vars{"id": first}, gatewaytest.Key("a"))
	for name, answer := range map[string]*gatewaytest.Answer{
		"other variables": s.merchant.Do(t, cancel, vars{"id": second}, gatewaytest.Key("a")),
		"other document":  s.merchant.Do(t, releaseHold, vars{"id": first}, gatewaytest.Key("a")),
	} {
		if !slices.Equal(answer.Codes(), []string{"IDEMPOTENCY_KEY_PARAMETER_MISMATCH"}) || answer.Data != nil {
			t.Errorf("%s: %s", name, answer.Body)
		}
	}
	if fo := read(t, s.merchant, second); !fo.in("OPEN", "UNSUBMITTED") {
		t.Errorf("it is %s/%s", fo.Status, fo.RequestStatus)
	}
	// Keys are an app's own.
	other := s.App("Other desk", merchantScopes...)
	other.Must(t, cancel, vars{"id": second}, gatewaytest.Key("a"))
}

// together50 sends the same fifty times at once.
func together50(
	t *testing.T, by *gatewaytest.App, document string, variables vars, options ...gatewaytest.Option,
) []*gatewaytest.Answer {
	t.Helper()
	answers, errs := make([]*gatewaytest.Answer, crowd), make([]error, crowd)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range crowd {
		group.Go(func() {
			<-start
			answers[i], errs[i] = by.Send(t.Context(), document, variables, options...)
		})
	}
	close(start)
	group.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
		if answers[i].Status != 200 {
			t.Fatalf("status %d: %s", answers[i].Status, answers[i].Body)
		}
	}
	return answers
}

var number = regexp.MustCompile(`\b[0-9]{4,}\b`)

// checkOnce makes sure that one was carried out, and the others were refused for the right reason.
func (c *contest) checkOnce(t *testing.T, answers []*gatewaytest.Answer) {
	t.Helper()
	told := map[string]int{}
	for _, a := range answers {
		told[number.ReplaceAllString(strings.Join(a.Refusals(), "; "), "N")]++
	}
	if len(told) != 2 || told[""] != 1 || told[c.refusal] != len(answers)-1 {
		t.Errorf(
			"of %d, %d were carried out; the refusals: %v; want one, and %q", len(answers), told[""], told, c.refusal,
		)
	}
}

// checkEqual makes sure that everybody was told that it was carried out, in the same words.
func checkEqual(t *testing.T, answers []*gatewaytest.Answer) {
	t.Helper()
	replayed := 0
	for _, a := range answers {
		if refused := a.Refusals(); len(refused) > 0 {
			t.Fatalf("refused: %v", refused)
		}
		if !bytes.Equal(a.Body, answers[0].Body) {
			t.Fatalf("two answers:\n%s\n%s", answers[0].Body, a.Body)
		}
		if a.Header.Get("Idempotent-Replayed") == "true" {
			replayed++
		}
	}
	if replayed != len(answers)-1 {
		t.Errorf("%d of %d answers say that they are a repetition, want all but one", replayed, len(answers))
	}
}

// withDirective puts an idempotency key at the document's mutation field: in front of its selection set, which is the
// second brace of the text.
func withDirective(t *testing.T, document, key string) string {
	t.Helper()
	quoted, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	start := strings.Index(document, "{") + 1
	end := start + strings.Index(document[start:], ") {") + 1
	return fmt.Sprintf("%s @idempotent(key: %s)%s", document[:end], quoted, document[end:])
}
