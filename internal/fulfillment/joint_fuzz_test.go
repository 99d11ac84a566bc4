package fulfillment_test

import (
	"slices"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

// FuzzDecideJointly feeds any JSON as any joint command to orders with fulfillment orders in many states: it must end
// in a decision about all of them or in a refusal, never in a panic, and all that always holds must hold afterwards.
func FuzzDecideJointly(f *testing.F) {
	shelves, now := jointShelves(f)
	seeds, succeeded := jointSeeds(shelves), 0
	for i, cmd := range seeds {
		f.Add(string(cmd.Verb()), marshal(f, cmd))
		w := &world{orders: shelves[i*len(shelves)/len(seeds)]}
		if _, refused := decideJointly(f, cmd, w.concerned(cmd), now, 1<<42); refused == nil {
			succeeded++
		}
	}
	if succeeded < len(seeds)/4 {
		f.Fatalf("only %d of %d seeds succeed: they lead nowhere", succeeded, len(seeds))
	}
	for _, verb := range fulfillment.JointVerbs {
		for _, body := range []string{`{}`, `null`, `[]`, ``, `{"command":null,"fulfillmentOrderId":"10000"}`,
			`{"command":{},"fulfillmentOrderId":-1}`,
			`{"fulfillmentOrderIds":[10000,10000,0,-1,9223372036854775807],"fulfillmentDeadline":"9999-12-31T23:59:59-23:59"}`,
			`{"fulfillmentOrderSplits":[{"fulfillmentOrderId":10000,"fulfillmentOrderLineItems":[{"id":10001,"quantity":1},{"id":10001,"quantity":9223372036854775807}]}]}`,
			`{"fulfillmentOrderMergeInputs":[{"mergeIntents":[{"fulfillmentOrderId":10000},{"fulfillmentOrderId":10000}]},{}]}`,
			`{"lineItemsByFulfillmentOrder":[{"fulfillmentOrderId":10000},{"fulfillmentOrderId":10000}],"message":"\u0000","trackingInfo":{"numbers":["\u0000"]}}`} {
			f.Add(string(verb), []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, verb string, body []byte) {
		cmd, refused := fulfillment.DecodeJoint(fulfillment.Verb(verb), body, false)
		strict, strictly := fulfillment.DecodeJoint(fulfillment.Verb(verb), body, true)
		checkUnread(t, refused, strictly)
		if refused != nil {
			return
		}
		if strictly == nil && !same(cmd, strict) {
			t.Fatalf("%s %s is read in two ways:\n%s", verb, body, diff(cmd, strict))
		}
		checkJointJSON(t, cmd)
		for _, shelf := range shelves {
			w := &world{orders: shelf}
			d, refused := decideJointly(t, cmd, w.concerned(cmd), now, 1<<42)
			if refused == nil {
				if hasNUL(marshal(t, []any{d.States, d.Transitions})) {
					t.Fatalf(
						"%s: PostgreSQL keeps no NUL in a text, so this could never be committed", describeJoint(cmd),
					)
				}
				checkTimes(t, d)
			}
		}
	})
}

// jointShelves are the fulfillment orders of some orders, each with siblings in other states. Those of an order have
// IDs from 10000, 20000, and so on.
func jointShelves(t testing.TB) ([][]*fulfillment.FulfillmentOrder, time.Time) {
	now := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	quantity := func(fo *fulfillment.FulfillmentOrder, n int) []fulfillment.Quantity {
		return []fulfillment.Quantity{{ID: fo.Lines[0].ID, Quantity: n}}
	}
	ways := []func(fo *fulfillment.FulfillmentOrder) fulfillment.Command{
		func(*fulfillment.FulfillmentOrder) fulfillment.Command { return &fulfillment.ReportProgress{} },
		func(fo *fulfillment.FulfillmentOrder) fulfillment.Command {
			return &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Lines: quantity(fo, 1)}
		},
		func(fo *fulfillment.FulfillmentOrder) fulfillment.Command {
			return &fulfillment.Split{Lines: quantity(fo, 2)}
		},
		func(fo *fulfillment.FulfillmentOrder) fulfillment.Command {
			return &fulfillment.CreateFulfillment{Lines: quantity(fo, 1)}
		},
		func(fo *fulfillment.FulfillmentOrder) fulfillment.Command {
			return &fulfillment.SubmitFulfillmentRequest{Lines: quantity(fo, 2)}
		},
	}
	var shelves [][]*fulfillment.FulfillmentOrder
	for i, way := range ways {
		shelf := jointOrder(t, fulfillment.ID(1001+i), fulfillment.ID(10_000*(i+1)), now)
		for n, fo := range slices.Clone(shelf) {
			d, err := fo.Decide(
				way(fo), fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(fulfillment.ID(1_000_000*(i+1) + 10_000*n))},
			)
			if err != nil { // Not every way is open to every location.
				continue
			}
			shelf[n] = d.State
			shelf = append(shelf, d.Siblings...)
		}
		shelves = append(shelves, shelf)
	}
	return append(shelves, shippedTogether(t, now), slices.Concat(shelves[0], shelves[1])), now
}

// jointOrder is an order of three cups and three teas at each of four places, twice at the first.
func jointOrder(t testing.TB, id, first fulfillment.ID, now time.Time) []*fulfillment.FulfillmentOrder {
	places := []fulfillment.AssignedLocation{berlin, berlin, byHand, automated}
	order := &fulfillment.Order{ID: id}
	var assignments []fulfillment.Assignment
	for i, place := range places {
		cup, tea := fulfillment.ID(2001+2*i), fulfillment.ID(2002+2*i)
		order.LineItems = append(
			order.LineItems, fulfillment.LineItem{ID: cup, Title: "Cup", Quantity: 3},
			fulfillment.LineItem{ID: tea, Title: "Tea", Quantity: 3},
		)
		assignments = append(assignments, fulfillment.Assignment{Location: place,
			DeliveryMethod: fulfillment.DeliveryShipping,
			Lines:          []fulfillment.Quantity{{ID: cup, Quantity: 3}, {ID: tea, Quantity: 3}}})
	}
	if err := order.Complete(now); err != nil {
		t.Fatalf("complete the order: %v", err)
	}
	fos, _, err := fulfillment.NewFulfillmentOrders(
		order, assignments, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(first)},
	)
	if err != nil {
		t.Fatalf("make the fulfillment orders: %v", err)
	}
	return fos
}

// shippedTogether is an order of which a shipment was made from two fulfillment orders.
func shippedTogether(t testing.TB, now time.Time) []*fulfillment.FulfillmentOrder {
	shelf := jointOrder(t, 1099, 990_000, now)
	ship := &fulfillment.Ship{
		Groups: []fulfillment.ShipGroup{{FulfillmentOrderID: shelf[0].ID}, {FulfillmentOrderID: shelf[1].ID}},
	}
	d, refused := decideJointly(t, ship, shelf, now, 99_000_000)
	if refused != nil {
		t.Fatalf("ship together: %v", refused)
	}
	for i, fo := range shelf {
		if state := byID(d.States, fo.ID); state != nil {
			shelf[i] = state
		}
	}
	return shelf
}

// jointSeeds are commands that the fulfillment orders on the shelves can take.
func jointSeeds(shelves [][]*fulfillment.FulfillmentOrder) []fulfillment.Joint {
	var seeds []fulfillment.Joint
	meta := fulfillment.Meta{CommandID: "a", Actor: merchant}
	for _, shelf := range shelves {
		a, b := shelf[0], shelf[1]
		line := []fulfillment.Quantity{{ID: a.Lines[0].ID, Quantity: 1}}
		seeds = append(seeds,
			&fulfillment.Merge{
				Meta: meta,
				Inputs: []fulfillment.MergeInput{
					{
						Intents: []fulfillment.MergeIntent{
							{FulfillmentOrderID: a.ID, Lines: line}, {FulfillmentOrderID: b.ID},
						},
					},
				},
			},
			&fulfillment.SplitEach{
				Meta: meta,
				Splits: []fulfillment.SplitInput{
					{FulfillmentOrderID: a.ID, Lines: line},
					{
						FulfillmentOrderID: b.ID,
						Lines:              []fulfillment.Quantity{{ID: b.Lines[len(b.Lines)-1].ID, Quantity: 2}},
					},
				},
			},
			&fulfillment.Ship{
				Meta:     meta,
				Groups:   []fulfillment.ShipGroup{{FulfillmentOrderID: a.ID, Lines: line}, {FulfillmentOrderID: b.ID}},
				Tracking: &fulfillment.TrackingInput{Company: "DHL", Numbers: []string{"1", "2"}},
			},
			&fulfillment.Reroute{Meta: meta, FulfillmentOrderIDs: []fulfillment.ID{a.ID, b.ID}, Location: &paris},
			&fulfillment.SetDeadlines{Meta: meta, FulfillmentOrderIDs: ids(shelf)},
			&fulfillment.FoldBack{Meta: meta, FulfillmentOrderID: a.ID, RestID: shelf[len(shelf)-1].ID},
			&fulfillment.Alone{FulfillmentOrderID: a.ID, Command: &fulfillment.ReleaseHold{Meta: meta}},
			&fulfillment.Alone{
				FulfillmentOrderID: a.ID,
				Command: &fulfillment.Move{
					Meta: meta, NewLocationID: paris.LocationID, Location: &paris, Lines: line,
				},
			},
			&fulfillment.Alone{
				FulfillmentOrderID: shelf[2].ID,
				Command:            &fulfillment.AcceptCancellationRequest{Meta: meta, Replace: true},
			})
		for _, fo := range shelf {
			for _, shipment := range fo.Fulfillments {
				seeds = append(
					seeds,
					&fulfillment.Alone{
						FulfillmentOrderID: fo.ID,
						Command:            &fulfillment.CancelFulfillment{Meta: meta, FulfillmentID: shipment.ID},
					},
				)
			}
		}
	}
	return seeds
}
