package endtoend

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/graphql/document"
)

const (
	sequences       = 200 // with -wholewalk
	fewSequences    = 24
	commandsPerWalk = 7
	walkers         = 8
)

// TestWalk sends random sequences of commands through the API. After every command, what its payload says is what the
// next query says and what the workflow says in the Temporal UI; what the asker was told it may do succeeds, and
// nothing else; no unit is lost or made; and the history has no gaps and one event for each topic.
//
// With -wholewalk there are 200 sequences, else some tens, so that every run of the tests has time for it.
func TestWalk(t *testing.T) {
	t.Parallel()
	n := fewSequences
	if *wholeWalk {
		n = sequences
	}
	setDefault("rapid.checks", strconv.Itoa(n/walkers))
	setDefault("rapid.nofailfile", "true") // What was drawn does not come out the same on a database with other IDs.
	s := newShop(
		t,
		gatewaytest.Options{
			Limits: document.Limits{MaxCost: 100_000, MaxDepth: 20, MaxPageSize: 250, MaxNodes: 1_000_000},
		},
	)
	tried := &tally{}
	t.Run("walkers", func(t *testing.T) {
		for i := range walkers {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				rapid.Check(t, func(t *rapid.T) { s.walk(t, tried) })
			})
		}
	})
	t.Logf("commands carried out and refused: %v", tried)
	if *wholeWalk {
		tried.checkReach(t)
	}
}

// walk takes one order through a random life.
func (s *shop) walk(t *rapid.T, tried *tally) {
	w := &walk{shop: s, t: t, tried: tried}
	quantities := rapid.SliceOfN(rapid.IntRange(1, 3), 1, 3).Draw(t, "quantities")
	var first string
	w.order, first = s.order(t, quantities...)
	w.seen = w.read()
	beginning := []func(){
		func() { w.send(s.merchant, move, vars{"id": first, "to": s.depot}) },
		func() { w.send(s.merchant, submit, vars{"id": first}) },
		func() { w.send(s.service, accept, vars{"id": first}) },
	}
	done := rapid.IntRange(0, len(beginning)).Draw(t, "begun") // So that the talk with the service gets its share.
	for _, command := range beginning[:done] {
		command()
	}
	for range commandsPerWalk - done {
		w.step()
	}
	w.checkHistory()
}

type walk struct {
	*shop
	t      *rapid.T
	tried  *tally
	order  string
	seen   *orderState // as it was after the last command
	chance *rand.Rand  // of the step
	made   int         // handles of holds
}

// pick is one of several, each as likely.
func pick[T any](w *walk, list []T) T { return list[w.chance.IntN(len(list))] }

// step lets an app try something with a fulfillment order.
func (w *walk) step() {
	// One draw for each step: rapid's draws favour small numbers, and chances are to be even here.
	w.chance = rand.New(rand.NewPCG(rapid.Uint64().Draw(w.t, "step"), 0))
	var candidates []*fulfillmentOrder
	for _, fo := range w.seen.FulfillmentOrders.Nodes {
		candidates = append(candidates, fo)
		if fo.Status != "CLOSED" { // Where more can happen.
			candidates = append(candidates, fo, fo, fo)
		}
	}
	fo := pick(w, candidates)
	by, actions := w.merchant, fo.Actions
	if w.chance.IntN(map[bool]int{true: 2, false: 8}[fo.location() == w.depot]) == 0 {
		by, actions = w.service, nil
		seen := read(w.t, by, fo.ID)
		if hidden := fo.location() != w.depot; (seen == nil) != hidden {
			w.t.Fatalf("%s sees %v of %s at %s", by.Name, seen, fo.ID, fo.location())
		}
		if seen != nil { // Else it may try all the same.
			fo, actions = seen, seen.Actions
		}
	}
	// What must succeed is tried more often than what must not.
	var options []try
	for _, some := range tries {
		chances := 1
		if w.expected(some, by, fo, actions) == succeeds {
			chances = cmp.Or(some.chances, 5)
		}
		options = append(options, slices.Repeat([]try{some}, chances)...)
	}
	chosen := pick(w, options)
	must := w.expected(chosen, by, fo, actions)
	answer := chosen.send(w, by, fo)
	if answer == nil {
		return // It takes something that is not there.
	}
	refused := answer.Refusals()
	what := fmt.Sprintf(
		"%s by %s at %s %s/%s with %v", chosen.name, by.Name, fo.ID, fo.Status, fo.RequestStatus, actions,
	)
	w.t.Logf("%s: %v", what, refused)
	w.tried.add(chosen.name, len(refused) == 0)
	switch {
	case must == succeeds && len(refused) > 0:
		w.t.Fatalf("%s was refused: %v", what, refused)
	case must == fails && len(refused) == 0:
		w.t.Fatalf("%s was carried out", what)
	}
	w.checkAnswer(by, answer)
	before := w.seen
	w.seen = w.read()
	w.checkOrder()
	if len(refused) > 0 && w.seen.text != before.text {
		w.t.Fatalf("%s was refused, and changed the order from\n%s\nto\n%s", what, before.text, w.seen.text)
	}
}

// send sends something that must succeed.
func (w *walk) send(by *gatewaytest.App, document string, variables vars) {
	w.t.Helper()
	w.checkAnswer(by, by.Must(w.t, document, variables))
	w.seen = w.read()
	w.checkOrder()
}

// expected says whether an app that is offered these actions must succeed.
func (w *walk) expected(try try, by *gatewaytest.App, fo *fulfillmentOrder, actions []action) expectation {
	switch {
	case try.must != nil:
		return try.must(w, by, fo)
	case slices.Contains(actions, action{try.action}):
		return succeeds
	case by == w.merchant && try.unlisted != nil && try.unlisted(fo):
		return succeeds
	}
	return fails
}

// orderState is the whole order as the merchant sees it.
type orderState struct {
	LineItems nodes[struct {
		object
		Quantity int `json:"quantity"`
	}] `json:"lineItems"`
	FulfillmentOrders nodes[*fulfillmentOrder] `json:"fulfillmentOrders"`
	Fulfillments      []struct {
		object
		Status    string `json:"status"`
		LineItems nodes[struct {
			Quantity int    `json:"quantity"`
			LineItem object `json:"lineItem"`
		}] `json:"fulfillmentLineItems"`
	} `json:"fulfillments"`

	text string
}

func (w *walk) read() *orderState {
	w.t.Helper()
	answer := w.merchant.Must(w.t, `query ($id: ID!) {
		order(id: $id) {
			lineItems(first: 10) { nodes { id quantity } }
			fulfillmentOrders(first: 50) { nodes { ...State updatedAt } }
			fulfillments { id status fulfillmentLineItems(first: 10) { nodes { quantity lineItem { id } } } }
		}
	}`+state, vars{"id": w.order})
	seen := gatewaytest.Get[*orderState](w.t, answer, "order")
	text, err := json.MarshalIndent(answer.Data, "", " ")
	if err != nil {
		w.t.Fatalf("write the order: %v", err)
	}
	seen.text = string(text)
	return seen
}
