package simulated_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/simulated"
)

func TestServiceShipsAndTellsNews(t *testing.T) {
	t.Parallel()
	b := &book{}
	r := request("fulfillment-order/5#2", even(nil))
	live(t, b, func(t *testing.T, p *simulated.Provider) {
		answer := mustCreate(t, p, r)
		if answer.Outcome != fulfillment.OutcomeAccepted || answer.EstimatedShippedAt == nil ||
			time.Until(*answer.EstimatedShippedAt) != 10*time.Second {
			t.Errorf("%+v; want ACCEPTED, to be shipped in 10 s", answer)
		}
	})
	want := []string{"CreateFulfillment", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"}
	if got := b.names(); !slices.Equal(got, want) {
		t.Fatalf("told %v, want %v", got, want)
	}
	ids := make(map[string]bool)
	for i, at := range []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 100 * time.Second} {
		x := b.told[i]
		if x.At != at || x.ID != r.FulfillmentOrderID {
			t.Errorf("%s of %d at %s, want %s", x.Name, x.ID, x.At, at)
		}
		if want := (fulfillment.Actor{Role: fulfillment.RoleService, App: "simulated", ServiceID: 7}); x.Actor != want {
			t.Errorf("%s by %+v, want %+v", x.Name, x.Actor, want)
		}
		if i > 0 && x.FulfillmentID != fulfillment.DerivedID("fulfillment", b.told[0].CommandID) {
			t.Errorf("%s is about fulfillment %d", x.Name, x.FulfillmentID)
		}
		ids[x.CommandID] = true
	}
	if len(ids) != 4 {
		t.Errorf("command IDs %v, want four", ids)
	}
	shipped := b.told[0].Command.(*fulfillment.CreateFulfillment)
	if shipped.Lines != nil || shipped.Tracking == nil || shipped.Tracking.Company == "" ||
		len(shipped.Tracking.Number) != 15 {
		t.Errorf("shipped %+v %+v; want everything, with a tracking number", shipped, shipped.Tracking)
	}
}

func TestServiceSays(t *testing.T) {
	t.Parallel()
	shipped := []string{"CreateFulfillment", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"}
	for name, test := range map[string]struct {
		options map[string]any
		digital bool
		outcome fulfillment.Outcome // "": no answer
		told    []string
	}{
		"nothing_when_it_rejects":        {map[string]any{"rejectionRate": 1}, false, "REJECTED", nil},
		"nothing_when_it_does_not_ship":  {map[string]any{"ship": false}, false, "ACCEPTED", nil},
		"shipped_without_news":           {map[string]any{"deliver": false}, false, "ACCEPTED", shipped[:1]},
		"shipped_without_news_when_none": {nil, true, "ACCEPTED", shipped[:1]},
		"yes_later": {
			map[string]any{"answer": "pending"}, false, "PENDING",
			append([]string{"AcceptFulfillmentRequest"}, shipped...),
		},
		"no_later": {
			map[string]any{"answer": "pending", "rejectAlways": "OTHER"}, false, "PENDING",
			[]string{"RejectFulfillmentRequest"},
		},
		"nothing_when_people_answer": {map[string]any{"answer": "manual"}, false, "PENDING", nil},
		"yes_although_the_call_timed_out": {
			map[string]any{"lateAnswerRate": 1}, false, "", append([]string{"AcceptFulfillmentRequest"}, shipped...),
		},
		"no_although_the_call_timed_out": {
			map[string]any{"lateAnswerRate": 1, "rejectionRate": 1}, false, "", []string{"RejectFulfillmentRequest"},
		},
		"shipped_although_answer_was_lost": {map[string]any{"lostAnswerRate": 1}, false, "", shipped},
		"yes_once_more": {
			map[string]any{"duplicateAnswerRate": 1, "ship": false}, false, "ACCEPTED",
			[]string{"AcceptFulfillmentRequest"},
		},
		"yes_twice_later": {
			map[string]any{"duplicateAnswerRate": 1, "ship": false, "answer": "pending"}, false, "PENDING",
			[]string{"AcceptFulfillmentRequest", "AcceptFulfillmentRequest"},
		},
		"two_parcels": {
			map[string]any{"partialShipmentRate": 1, "deliver": false}, false, "ACCEPTED",
			[]string{"CreateFulfillment", "CreateFulfillment"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &book{}
			live(t, b, func(t *testing.T, p *simulated.Provider) {
				r := request("a", even(test.options))
				if test.digital {
					r.DeliveryMethod = fulfillment.DeliveryNone
				}
				answer, err := p.Create(t.Context(), r)
				if answer.Outcome != test.outcome {
					t.Errorf("answer %+v, %v; want %q", answer, err, test.outcome)
				}
				if test.outcome == "" && provider.Classify(err) != provider.UnknownOutcome {
					t.Errorf("%v, want an unknown outcome", err)
				}
			})
			if got := b.names(); !slices.Equal(got, test.told) {
				t.Errorf("told %v, want %v", got, test.told)
			}
			ids := make(map[string]bool)
			for _, x := range b.told {
				ids[x.CommandID] = true
			}
			if len(ids) != len(b.told) {
				t.Errorf("%d command IDs for %d commands", len(ids), len(b.told))
			}
		})
	}
}

// TestAcceptsAPart: half of the units, with what is wrong with each line of the rest, said in the call or later; what
// it ships is what it has accepted. One unit can't be parted.
func TestAcceptsAPart(t *testing.T) {
	t.Parallel()
	parts := []provider.Part{{LineID: 11, Quantity: 1}}
	for _, mode := range []string{"immediate", "pending"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := &book{}
			options := even(map[string]any{"partialRate": 1, "answer": mode, "deliver": false, "partialShipmentRate": 1})
			live(t, b, func(t *testing.T, p *simulated.Provider) {
				r := request("a", options)
				answer := mustCreate(t, p, r)
				if mode == "immediate" && (!slices.Equal(answer.Accepted, parts) || len(answer.Lines) == 0 ||
					answer.Reason != fulfillment.RejectOutOfStock) {
					t.Errorf("answer %+v, want %v and what is wrong with the rest", answer, parts)
				}
				found, err := p.Lookup(t.Context(), provider.Query{Key: "a"})
				if err != nil || mode == "immediate" && !slices.Equal(found[0].Answer.Accepted, parts) {
					t.Errorf("found %+v, %v", found, err)
				}
				r.Key, r.Lines = "single", r.Lines[1:]
				if one := mustCreate(t, p, r); one.Accepted != nil {
					t.Errorf("of one unit: %+v", one)
				}
			})
			for _, x := range b.told {
				accept, ok := x.Command.(*fulfillment.AcceptFulfillmentRequest)
				if ok && strings.Contains(x.CommandID, "/a/") && (len(accept.Lines) != 1 ||
					accept.Lines[0] != fulfillment.Quantity{ID: 11, Quantity: 1} || len(accept.Rejected) == 0) {
					t.Errorf("it accepted later: %+v", accept)
				}
				if ship, ok := x.Command.(*fulfillment.CreateFulfillment); ok && ship.Lines != nil {
					t.Errorf("of one unit, it ships %+v apart", ship.Lines)
				}
			}
		})
	}
}

func TestParcelsShareTheUnits(t *testing.T) {
	t.Parallel()
	b := &book{}
	live(t, b, func(t *testing.T, p *simulated.Provider) {
		mustCreate(t, p, request("a", even(map[string]any{"partialShipmentRate": 1, "deliver": false})))
		single := request("single", even(map[string]any{"partialShipmentRate": 1, "deliver": false}))
		single.FulfillmentOrderID, single.Lines = 99, single.Lines[1:]
		mustCreate(t, p, single)
	})
	var lines [][]fulfillment.Quantity
	for _, x := range b.told {
		if x.ID != 99 {
			lines = append(lines, x.Command.(*fulfillment.CreateFulfillment).Lines)
		}
	}
	// Of three units the first parcel takes one, and the second the others.
	want := [][]fulfillment.Quantity{{{ID: 11, Quantity: 1}}, {{ID: 11, Quantity: 1}, {ID: 12, Quantity: 1}}}
	if !reflect.DeepEqual(lines, want) {
		t.Errorf("parcels %v, want %v", lines, want)
	}
	if len(b.told) != 3 {
		t.Errorf("%d parcels, want 3: one unit can't be parted", len(b.told))
	}
}

// TestParcelTakesWhatIsLeft: when fewer units are left than the second parcel was to have, it has those.
func TestParcelTakesWhatIsLeft(t *testing.T) {
	t.Parallel()
	b := &book{fail: func(x told) error {
		if ship, ok := x.Command.(*fulfillment.CreateFulfillment); ok && len(ship.Lines) == 2 {
			return &fulfillment.Error{Code: fulfillment.CodeInvalidState, Message: "Fewer are left."}
		}
		return nil
	}}
	live(t, b, func(t *testing.T, p *simulated.Provider) {
		mustCreate(t, p, request("a", even(map[string]any{"partialShipmentRate": 1, "deliver": false})))
	})
	var parcels [][]fulfillment.Quantity
	for _, x := range b.told {
		parcels = append(parcels, x.Command.(*fulfillment.CreateFulfillment).Lines)
	}
	if want := [][]fulfillment.Quantity{{{ID: 11, Quantity: 1}}, nil}; !reflect.DeepEqual(parcels, want) {
		t.Errorf("parcels %v, want %v", parcels, want)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	shipped := []string{"CreateFulfillment", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"}
	for name, test := range map[string]struct {
		options  map[string]any
		after    time.Duration
		withdraw bool
		outcome  fulfillment.Outcome
		told     []string
	}{
		"stops_what_was_not_shipped": {nil, time.Second, false, "ACCEPTED", nil},
		"refused_goes_on": {
			map[string]any{"cancelRefusalRate": 1}, time.Second, false, "REJECTED", shipped,
		},
		"of_a_parcel_leaves_its_news": {nil, 11 * time.Second, false, "ACCEPTED", shipped},
		"between_parcels_stops_the_next": {
			map[string]any{"partialShipmentRate": 1, "deliver": false}, 11 * time.Second, false, "ACCEPTED",
			[]string{"CreateFulfillment"},
		},
		"is_answered_later": {
			map[string]any{"answer": "pending"}, 2 * time.Second, false, "PENDING",
			[]string{"AcceptFulfillmentRequest", "AcceptCancellationRequest"},
		},
		"is_refused_later": {
			map[string]any{"answer": "pending", "cancelRefusalRate": 1, "ship": false}, 2 * time.Second, false,
			"PENDING", []string{"AcceptFulfillmentRequest", "RejectCancellationRequest"},
		},
		"is_answered_by_people": {map[string]any{"answer": "manual"}, time.Second, false, "PENDING", nil},
		"withdrawal_stops_the_answer": {
			map[string]any{"answer": "pending"}, time.Millisecond, true, "ACCEPTED", nil,
		},
		"withdrawal_is_never_refused":     {map[string]any{"cancelRefusalRate": 1}, time.Second, true, "ACCEPTED", nil},
		"withdrawal_from_people_succeeds": {map[string]any{"answer": "manual"}, time.Second, true, "ACCEPTED", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &book{}
			live(t, b, func(t *testing.T, p *simulated.Provider) {
				r := request("a", even(test.options))
				mustCreate(t, p, r)
				time.Sleep(test.after) // Virtual.
				c := cancellation(r)
				c.Withdraw = test.withdraw
				answer, err := p.Cancel(t.Context(), c)
				if err != nil || answer.Outcome != test.outcome {
					t.Errorf("%+v, %v; want %s", answer, err, test.outcome)
				}
			})
			if got := b.names(); !slices.Equal(got, test.told) {
				t.Errorf("told %v, want %v", got, test.told)
			}
		})
	}
}
