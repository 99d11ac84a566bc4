package workflows_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
)

// atOnce does all of it at the same time.
func atOnce[T any](n int, do func(i int) T) []T {
	start, done := make(chan struct{}), make(chan struct{}, n)
	outcomes := make([]T, n)
	for i := range n {
		go func() {
			<-start
			outcomes[i] = do(i)
			done <- struct{}{}
		}()
	}
	close(start)
	for range n {
		<-done
	}
	return outcomes
}

// TestJointContention lets commands on fulfillment orders of two orders cross each other in both directions, among
// commands on single ones. Each succeeds or is refused for a reason, soon: nobody waits in a circle.
func TestJointContention(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin, hamburg := s.Warehouse("Berlin").ID, s.Warehouse("Hamburg").ID
	p, q := newParcels(t, s, berlin, 20, 5, 5), newParcels(t, s, berlin, 20, 5, 5)
	all := slices.Concat(p.ids, q.ids)
	one := func(p *parcels) []fulfillment.Quantity {
		return []fulfillment.Quantity{{ID: p.load(0).Lines[0].ID, Quantity: 1}}
	}
	pLine, qLine := one(p), one(q)
	split := func(a, b *parcels, aLine, bLine []fulfillment.Quantity) fulfillment.Joint {
		return &fulfillment.SplitEach{
			Splits: []fulfillment.SplitInput{
				{FulfillmentOrderID: a.ids[0], Lines: aLine}, {FulfillmentOrderID: b.ids[0], Lines: bLine},
			},
		}
	}
	merge := func(a, b *parcels, n int) fulfillment.Joint {
		return &fulfillment.Merge{Inputs: []fulfillment.MergeInput{
			mergeAll("", a.ids[n], a.ids[3-n]).Inputs[0], mergeAll("", b.ids[n], b.ids[3-n]).Inputs[0]}}
	}
	type order struct {
		to  *parcels
		cmd fulfillment.Joint
	}
	alone := func(id fulfillment.ID, cmd fulfillment.Command) fulfillment.Joint {
		return &fulfillment.Alone{FulfillmentOrderID: id, Command: cmd}
	}
	var joint []order
	for range 2 {
		joint = append(joint,
			order{p, split(p, q, pLine, qLine)}, order{q, split(q, p, qLine, pLine)},
			order{p, merge(p, q, 1)}, order{q, merge(q, p, 2)},
			order{p, &fulfillment.SetDeadlines{FulfillmentOrderIDs: all, FulfillBy: in(time.Hour)}},
			order{q, &fulfillment.SetDeadlines{FulfillmentOrderIDs: all, FulfillBy: in(2 * time.Hour)}},
			order{p, alone(p.ids[1], &fulfillment.Move{NewLocationID: hamburg})},
			order{q, alone(q.ids[2], &fulfillment.Move{NewLocationID: hamburg})},
			order{
				p,
				&fulfillment.Ship{
					Groups: []fulfillment.ShipGroup{
						{FulfillmentOrderID: p.ids[0], Lines: pLine}, {FulfillmentOrderID: p.ids[2]},
					},
				},
			},
			order{q, &fulfillment.Reroute{FulfillmentOrderIDs: q.ids[:2]}})
	}
	single := func(i int) fulfillment.Command {
		switch i % 4 {
		case 0:
			return &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Handle: fmt.Sprint(i), Lines: pLine}
		case 1:
			return &fulfillment.ReleaseHold{}
		case 2:
			return &fulfillment.SetDeadline{FulfillBy: in(3 * time.Hour)}
		}
		return &fulfillment.CreateFulfillment{Lines: pLine}
	}
	started := time.Now()
	errs := atOnce(len(joint)+16, func(i int) error {
		if i < len(joint) {
			_, err := s.Command.Joint(t.Context(), joint[i].to.orderID, joint[i].cmd)
			return err
		}
		_, err := s.Command.Send(t.Context(), all[i%2], single(i))
		return err
	})
	done := 0
	for i, err := range errs {
		refused, ok := fulfillment.AsError(err)
		switch {
		case err == nil:
			done++
		case !ok || refused.Retryable():
			t.Errorf("command %d got neither an answer nor a reason: %v", i, err)
		}
	}
	t.Logf("%d of %d commands succeeded in %v", done, len(errs), time.Since(started))
	if done < 4 {
		t.Errorf("only %d of %d commands succeeded", done, len(errs))
	}
	p.end()
	q.end()
}

// TestSameMergeAtOnce sends one merge fifty times at the same time: with different command IDs one succeeds, with one
// command ID it is one merge that is answered fifty times.
func TestSameMergeAtOnce(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	for _, commandID := range []string{"", "merge-once"} {
		p := newParcels(t, s, berlin, 3, 2)
		type outcome struct {
			results []fulfillment.Result
			err     error
		}
		started := time.Now()
		outcomes := atOnce(50, func(int) outcome {
			results, err := s.Command.Joint(t.Context(), p.orderID, mergeAll(commandID, p.ids...))
			return outcome{results, err}
		})
		t.Logf("answered in %v", time.Since(started))
		answered := 0
		for _, o := range outcomes {
			refused, ok := fulfillment.AsError(o.err)
			switch {
			case o.err == nil:
				answered++
				if len(o.results) != 1 || o.results[0].FulfillmentOrderID != p.ids[0] ||
					o.results[0].Sequence != p.load(0).Sequence {
					t.Errorf("an answer is %+v", o.results)
				}
			case !ok || refused.Code != fulfillment.CodeInvalidState:
				t.Errorf("got %v, want a refusal because of the state", o.err)
			}
		}
		if want := map[string]int{"": 1, "merge-once": 50}[commandID]; answered != want {
			t.Errorf("with command ID %q, %d of 50 succeeded, want %d", commandID, answered, want)
		}
		p.units("OPEN 5", "CLOSED 0")
		p.end()
	}
}
