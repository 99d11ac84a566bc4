package workflows_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// parcels is an order of one line whose units are in several fulfillment orders.
type parcels struct {
	s       *workertest.Stack
	t       *testing.T
	orderID fulfillment.ID
	ids     []fulfillment.ID
}

// newParcels makes an order at a location, with so many units in each fulfillment order.
func newParcels(t *testing.T, s *workertest.Stack, location fulfillment.ID, units ...int) *parcels {
	t.Helper()
	s = s.For(t)
	all := 0
	for _, n := range units {
		all += n
	}
	first := s.Order(location, all)
	p := &parcels{s: s, t: t, orderID: s.Load(first).OrderID, ids: []fulfillment.ID{first}}
	for _, n := range units[1:] {
		p.ids = append(p.ids, s.Send(first, &fulfillment.Split{Lines: p.lines(0, n)}).SiblingID)
	}
	return p
}

// lines names units of the only line of a fulfillment order.
func (p *parcels) lines(i, n int) []fulfillment.Quantity {
	p.t.Helper()
	return []fulfillment.Quantity{{ID: p.load(i).Lines[0].ID, Quantity: n}}
}

func (p *parcels) load(i int) *fulfillment.FulfillmentOrder {
	p.t.Helper()
	return p.s.Load(p.ids[i])
}

// joint gives a joint command twice, with one command ID: the second time must give the same answer and do nothing.
func (p *parcels) joint(cmd fulfillment.Joint) []fulfillment.Result {
	p.t.Helper()
	results, err := p.s.Command.Joint(p.t.Context(), p.orderID, cmd)
	if err != nil {
		p.t.Fatalf("%s: %v", cmd.Verb(), err)
	}
	before := whole(p.t, p.s, p.orderID)
	again, err := p.s.Command.Joint(p.t.Context(), p.orderID, cmd)
	if err != nil || !slices.Equal(results, again) {
		p.t.Errorf("%s again gave %+v and %v, the first time %+v", cmd.Verb(), again, err, results)
	}
	for _, fo := range before {
		if now := p.s.Load(fo.ID); now.Sequence != fo.Sequence {
			steps, _ := p.s.Store.Transitions(p.t.Context(), fo.ID, postgres.Page{})
			p.t.Errorf("%s again did something to fulfillment order %d, from version %d on: %+v", cmd.Verb(), fo.ID,
				fo.Sequence, steps.Items)
		}
	}
	return results
}

// conflicts checks that a command ID that was used can't be used for something else.
func (p *parcels) conflicts(cmd fulfillment.Joint) {
	p.t.Helper()
	_, err := p.s.Command.Joint(p.t.Context(), p.orderID, cmd)
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeIdempotencyConflict {
		p.t.Errorf(
			"another %s with the same command ID gave %v, want code %s", cmd.Verb(), err,
			fulfillment.CodeIdempotencyConflict,
		)
	}
}

// end checks the order and the lives of its fulfillment orders.
func (p *parcels) end() {
	p.t.Helper()
	lives(p.t, p.s, p.orderID, whole(p.t, p.s, p.orderID))
}

// units is what remains on each fulfillment order, with its status.
func (p *parcels) units(want ...string) {
	p.t.Helper()
	var got []string
	for i := range p.ids {
		fo := p.load(i)
		got = append(got, fmt.Sprintf("%s %d", fo.Status, fo.RemainingUnits()))
	}
	if !slices.Equal(got, want) {
		p.t.Errorf("the fulfillment orders are %q, want %q", got, want)
	}
}

func meta(commandID string) fulfillment.Meta { return fulfillment.Meta{CommandID: commandID} }

func mergeAll(commandID string, ids ...fulfillment.ID) *fulfillment.Merge {
	var in fulfillment.MergeInput
	for _, id := range ids {
		in.Intents = append(in.Intents, fulfillment.MergeIntent{FulfillmentOrderID: id})
	}
	return &fulfillment.Merge{Meta: meta(commandID), Inputs: []fulfillment.MergeInput{in}}
}

// TestJoint has each command on several fulfillment orders once, on the real servers.
func TestJoint(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin, hamburg := s.Warehouse("Berlin").ID, s.Warehouse("Hamburg").ID

	t.Run("merge", func(t *testing.T) {
		t.Parallel()
		p := newParcels(t, s, berlin, 3, 2, 1)
		p.joint(mergeAll("merge", p.ids...))
		p.units("OPEN 6", "CLOSED 0", "CLOSED 0")
		p.conflicts(mergeAll("merge", p.ids[0], p.ids[1]))
		p.conflicts(mergeAll("merge", p.ids[1], p.ids[0]))
		p.s.Send(p.ids[0], &fulfillment.CreateFulfillment{})
		p.end()
	})
	t.Run("split_each", func(t *testing.T) {
		t.Parallel()
		p, q := newParcels(t, s, berlin, 3), newParcels(t, s, hamburg, 5)
		results := p.joint(&fulfillment.SplitEach{Meta: meta("split"), Splits: []fulfillment.SplitInput{
			{
				FulfillmentOrderID: p.ids[0], Lines: p.lines(0, 1),
			}, {FulfillmentOrderID: q.ids[0], Lines: q.lines(0, 2)}}})
		p.ids, q.ids = append(p.ids, results[0].SiblingID), append(q.ids, results[1].SiblingID)
		p.units("OPEN 2", "OPEN 1")
		q.units("OPEN 3", "OPEN 2")
		p.conflicts(
			&fulfillment.SplitEach{
				Meta:   meta("split"),
				Splits: []fulfillment.SplitInput{{FulfillmentOrderID: p.ids[0], Lines: p.lines(0, 1)}},
			},
		)
		p.s.Send(p.ids[1], &fulfillment.CreateFulfillment{})
		q.s.Send(q.ids[1], &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
		p.end()
		q.end()
	})
	t.Run("ship", func(t *testing.T) {
		t.Parallel()
		testJointShip(t, s, berlin)
	})
	t.Run("reroute", func(t *testing.T) {
		t.Parallel()
		p := newParcels(t, s, berlin, 3, 2)
		p.joint(&fulfillment.Reroute{Meta: meta("reroute"), FulfillmentOrderIDs: p.ids})
		for i := range p.ids {
			if at := p.load(i).AssignedLocation.LocationID; at != hamburg {
				t.Errorf("fulfillment order %d is at location %d, want %d", p.ids[i], at, hamburg)
			}
		}
		p.conflicts(&fulfillment.Reroute{Meta: meta("reroute"), FulfillmentOrderIDs: p.ids[:1]})
		p.end()
	})
	t.Run("set_deadlines", func(t *testing.T) {
		t.Parallel()
		p := newParcels(t, s, berlin, 3, 2)
		by := in(time.Hour)
		// Nobody makes 4712: the fulfillment orders of the other subtests are in the same database.
		p.joint(
			&fulfillment.SetDeadlines{Meta: meta("deadline"), FulfillmentOrderIDs: append(p.ids, 4712), FulfillBy: by},
		)
		p.conflicts(&fulfillment.SetDeadlines{Meta: meta("deadline"), FulfillmentOrderIDs: p.ids, FulfillBy: by})
		if _, err := p.s.Command.Joint(
			t.Context(), p.orderID, &fulfillment.SetDeadlines{FulfillmentOrderIDs: p.ids, FulfillBy: in(time.Second)},
		); err != nil {
			t.Fatal(err)
		}
		for _, id := range p.ids { // The workflows have set their timers to it.
			p.s.Eventually(
				id, "late", func(fo *fulfillment.FulfillmentOrder) bool { return fo.DeadlineMissedAt != nil },
			)
		}
		p.end()
	})
	t.Run("move", func(t *testing.T) {
		t.Parallel()
		p := newParcels(t, s, berlin, 3, 2, 1)
		p.s.Send(p.ids[1], &fulfillment.Move{NewLocationID: hamburg})
		move := &fulfillment.Move{Meta: meta("move"), NewLocationID: hamburg, Lines: p.lines(0, 2)}
		moved := p.s.Send(p.ids[0], move)
		whole(t, p.s, p.orderID)
		if again := p.s.Send(p.ids[0], move); again != moved {
			t.Errorf("moving again gave %+v, the first time %+v", again, moved)
		}
		p.ids = append(p.ids, moved.SiblingID)
		p.units("OPEN 1", "CLOSED 0", "OPEN 1", "OPEN 4")
		p.s.Send(p.ids[2], &fulfillment.Move{NewLocationID: hamburg})
		p.units("OPEN 1", "CLOSED 0", "OPEN 5", "CLOSED 0")
		p.end()
	})
	t.Run("ids_given_twice", func(t *testing.T) {
		t.Parallel()
		p := newParcels(t, s, berlin, 5)
		for range 2 {
			cmd := &fulfillment.SplitEach{
				Splits: []fulfillment.SplitInput{{FulfillmentOrderID: p.ids[0], Lines: p.lines(0, 1)}},
			}
			cmd.FirstID = 4711
			p.ids = append(p.ids, p.joint(cmd)[0].SiblingID)
		}
		p.units("OPEN 3", "OPEN 1", "OPEN 1")
		p.end()
	})
	t.Run("by_update", func(t *testing.T) {
		t.Parallel()
		p := newParcels(t, s, berlin, 3, 2)
		raw := func(payload string) (out temporalio.JointAnswer, err error) {
			start := s.Temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
				ID: temporalio.OrderID(p.orderID), TaskQueue: temporalio.TaskQueue,
				WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
			}, temporalio.OrderType, json.RawMessage(`{"existing":true}`))
			handle, err := s.Temporal.UpdateWithStartWorkflow(t.Context(), client.UpdateWithStartWorkflowOptions{
				StartWorkflowOperation: start,
				UpdateOptions: client.UpdateWorkflowOptions{WorkflowID: temporalio.OrderID(p.orderID),
					UpdateName: "Merge", WaitForStage: client.WorkflowUpdateStageCompleted, Args: []any{
						json.RawMessage(payload),
					}}})
			if err == nil {
				err = handle.Get(t.Context(), &out)
			}
			return out, err
		}
		if _, err := raw(`{"fulfillmentOrderMergeInput":[]}`); err == nil ||
			!strings.Contains(err.Error(), "fulfillmentOrderMergeInput") {
			t.Errorf("a misspelt field gave %v, want a refusal that names it", err)
		}
		out, err := raw(
			fmt.Sprintf(
				`{"fulfillmentOrderMergeInputs":[{"mergeIntents":[{"fulfillmentOrderId":%d},{"fulfillmentOrderId":"%d"}]}]}`,
				p.ids[0], p.ids[1],
			),
		)
		if err != nil || len(out.Results) != 1 || out.Results[0].FulfillmentOrderID != p.ids[0] {
			t.Errorf("got %+v and %v", out, err)
		}
		p.units("OPEN 5", "CLOSED 0")
		p.end()
	})
	t.Run("accept_cancellation", func(t *testing.T) {
		t.Parallel()
		service := s.For(t).Service(fulfillment.Service{Name: "North", Provider: fulfillment.ManualProvider})
		p := newParcels(t, s, service.LocationID, 3, 2)
		p.s.Send(p.ids[0], &fulfillment.SubmitFulfillmentRequest{})
		p.s.Send(p.ids[0], &fulfillment.AcceptFulfillmentRequest{})
		p.s.Send(p.ids[0], &fulfillment.SubmitCancellationRequest{})
		accept := &fulfillment.AcceptCancellationRequest{Meta: meta("accept")}
		accepted := p.s.Send(p.ids[0], accept)
		p.units("CLOSED 0", "OPEN 5")
		if again := p.s.Send(p.ids[0], accept); again != accepted {
			t.Errorf("accepting again gave %+v, the first time %+v", again, accepted)
		}
		p.end()
	})
}

// testJointShip ships from two fulfillment orders, follows the parcel, and takes it back.
func testJointShip(t *testing.T, s *workertest.Stack, location fulfillment.ID) {
	p := newParcels(t, s, location, 3, 2)
	ship := &fulfillment.Ship{Meta: meta("ship"), Groups: []fulfillment.ShipGroup{
		{FulfillmentOrderID: p.ids[0], Lines: p.lines(0, 2)}, {FulfillmentOrderID: p.ids[1]}}}
	id := p.joint(ship)[0].FulfillmentID
	p.units("IN_PROGRESS 1", "CLOSED 0")
	p.conflicts(&fulfillment.Ship{Meta: meta("ship"), Groups: ship.Groups[:1]})
	var rows, lines, units int
	err := database(t, s).QueryRow(t.Context(), `SELECT (SELECT count(*) FROM fulfillments WHERE order_id = $1),
		count(*), sum(quantity) FROM fulfillment_line_items WHERE fulfillment_id =
			$2`, p.orderID, id).Scan(&rows, &lines, &units)
	if err != nil || rows != 1 || lines != 2 || units != 4 {
		t.Errorf(
			"%d fulfillments; %d lines with %d units, %v; want one fulfillment with 2 lines of 4 units", rows, lines,
			units, err,
		)
	}
	closes(t, s, temporalio.FulfillmentOrderID(p.ids[1])) // The other one waits for the parcel.
	p.s.Send(
		p.ids[0],
		&fulfillment.UpdateTracking{
			FulfillmentID: id, Tracking: fulfillment.TrackingInput{Number: "1Z", Company: "UPS"},
		},
	)
	p.s.Send(p.ids[0], &fulfillment.RecordEvent{FulfillmentID: id, Status: fulfillment.EventInTransit})
	// News that the other one is told of is the owner's, once, and is answered the same when it is told again.
	news := &fulfillment.RecordEvent{Meta: meta("news"), FulfillmentID: id, Status: fulfillment.EventOutForDelivery}
	told := p.s.Send(p.ids[1], news)
	if again := p.s.Send(p.ids[1], news); again != told || told.FulfillmentOrderID != p.ids[0] {
		t.Errorf("it is answered %+v, then %+v; want the owner, %d, twice", told, again, p.ids[0])
	}
	p.s.Send(
		p.ids[1],
		&fulfillment.UpdateTracking{
			FulfillmentID: id, Tracking: fulfillment.TrackingInput{Number: "2Z", Company: "UPS"},
		},
	)
	if f := p.load(0).Fulfillments[0]; len(f.Events) != 2 || f.Tracking[0].Number != "2Z" ||
		f.DisplayStatus != fulfillment.DisplayOutForDelivery || len(p.load(1).Fulfillments[0].Events) != 0 {
		t.Errorf("the owner has %+v", f)
	}
	whole(t, p.s, p.orderID)
	p.s.Send(p.ids[1], &fulfillment.CancelFulfillment{FulfillmentID: id}) // By either of them.
	fos := whole(t, p.s, p.orderID)
	if len(fos) != 3 || fos[2].RemainingUnits() != 2 || p.load(0).RemainingUnits() != 3 {
		t.Errorf(
			"%d fulfillment orders; want the units back: 3 on the first, 2 on a new one for the closed one", len(fos),
		)
	}
	if status := p.load(0).Fulfillments[0].Status; status != fulfillment.FulfillmentCancelled {
		t.Errorf("the parcel is %s at its owner", status)
	}
	p.end()
}

// TestPartialHoldEnds takes back what a partial hold left out, in every way in which the hold can end.
func TestPartialHoldEnds(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	held := func(t *testing.T, expires time.Duration) *parcels {
		p := newParcels(t, s, berlin, 3)
		hold := &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Lines: p.lines(0, 1)}
		if expires > 0 {
			hold.ExpiresAt = in(expires)
		}
		rest := p.s.Send(p.ids[0], hold).SiblingID
		p.ids = append(p.ids, rest)
		return p
	}
	t.Run("by_command", func(t *testing.T) {
		t.Parallel()
		p := held(t, 0)
		p.units("ON_HOLD 1", "OPEN 2")
		release := &fulfillment.ReleaseHold{Meta: meta("release")}
		released := p.s.Send(p.ids[0], release)
		p.units("OPEN 3", "CLOSED 0")
		if again := p.s.Send(p.ids[0], release); again != released {
			t.Errorf("releasing again gave %+v, the first time %+v", again, released)
		}
		p.end()
	})
	t.Run("by_update", func(t *testing.T) {
		t.Parallel()
		p := held(t, 0)
		update := client.UpdateWorkflowOptions{WorkflowID: temporalio.FulfillmentOrderID(p.ids[0]),
			UpdateName: "ReleaseHold",
			UpdateID:   "release", WaitForStage: client.WorkflowUpdateStageCompleted, Args: []any{
				json.RawMessage(`{}`),
			}}
		handle, err := s.Temporal.UpdateWorkflow(t.Context(), update)
		if err != nil {
			t.Fatal(err)
		}
		var result fulfillment.Result
		if err := handle.Get(t.Context(), &result); err != nil || result.Status != fulfillment.StatusOpen {
			t.Fatalf("got %+v and %v, want OPEN", result, err)
		}
		p.units("OPEN 3", "CLOSED 0")
		p.end()
	})
	t.Run("by_signal", func(t *testing.T) {
		t.Parallel()
		p := held(t, 0)
		if err := s.Temporal.SignalWorkflow(
			t.Context(), temporalio.FulfillmentOrderID(p.ids[0]), "", "ReleaseHold", nil,
		); err != nil {
			t.Fatal(err)
		}
		p.s.Eventually(
			p.ids[1], "closed",
			func(fo *fulfillment.FulfillmentOrder) bool { return fo.Status == fulfillment.StatusClosed },
		)
		p.units("OPEN 3", "CLOSED 0")
		if err := s.Temporal.SignalWorkflow(
			t.Context(), temporalio.FulfillmentOrderID(p.ids[0]), "", "Move", json.RawMessage(`{"newLocationId":1}`),
		); err != nil {
			t.Fatal(err)
		}
		p.s.Eventually(
			p.ids[0], "refused", func(fo *fulfillment.FulfillmentOrder) bool { return fo.LastRefusal != nil },
		)
		p.s.Send(p.ids[0], &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
		p.end()
	})
	t.Run("by_itself", func(t *testing.T) {
		t.Parallel()
		p := held(t, 2*time.Second)
		p.s.Eventually(
			p.ids[1], "closed",
			func(fo *fulfillment.FulfillmentOrder) bool { return fo.Status == fulfillment.StatusClosed },
		)
		p.units("OPEN 3", "CLOSED 0")
		workertest.WaitFor(t, "the call that took it back as over", func() bool {
			return count(
				history(t, s, temporalio.FulfillmentOrderID(p.ids[0])), enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
			) > 0
		})
		p.s.Send(p.ids[0], &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
		p.end()
	})
	t.Run("by_itself_and_too_late", func(t *testing.T) {
		t.Parallel()
		p := held(t, 2*time.Second)
		p.s.Send(p.ids[1], &fulfillment.CreateFulfillment{})
		p.s.Eventually(p.ids[0], "without anything to take back", func(fo *fulfillment.FulfillmentOrder) bool {
			return fo.Status == fulfillment.StatusOpen && len(fo.Effects) == 0
		})
		p.units("OPEN 1", "CLOSED 0")
		p.end()
	})
}
