package workflows_test

import (
	"context"
	"os/exec"
	"slices"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// crash is a joint command whose worker dies at a point.
type crash struct {
	point string
	// take a shipment from two closed fulfillment orders back, and not: split two orders' fulfillment orders
	ship     bool
	signal   bool // signal a fulfillment order to move a unit, which it hands on to the order
	orphaned bool // an operator terminates the order's workflow, too: nobody goes on

	s        *workertest.Stack
	p, q     *parcels // of two orders; q is nil when the command is about one
	hamburg  fulfillment.ID
	process  *exec.Cmd
	cmd      fulfillment.Joint
	answered chan answer
}

type answer struct {
	results []fulfillment.Result
	err     error
}

// TestJointSurvivesCrash kills the worker at every point of a joint command. Another worker goes on: the caller gets
// the answer, everything has happened once, and nothing stays reserved.
//
// All cases wait at the same time: what they cost is waiting until the server has noticed.
func TestJointSurvivesCrash(t *testing.T) {
	t.Parallel()
	cases := []*crash{
		// The longest waits come first.
		{point: "after Reserve 2", orphaned: true}, {point: "before child", orphaned: true},
		{point: "before PlanJoint"}, {point: "after PlanJoint"},
		{point: "after Reserve 1"}, {point: "after Reserve 2"}, {point: "after Reserve"},
		{point: "before CommitJoint"}, {point: "after CommitJoint"}, {point: "after CommitJoint", ship: true},
		{point: "before child"}, {point: "child starts"},
		{point: "before Apply 1"}, {point: "after Apply 1"}, {point: "after Apply"},
		{point: "before AskOrder", signal: true}, {point: "after AskOrder", signal: true},
	}
	for _, c := range cases {
		c.prepare(t)
		c.start(t)
	}
	for _, c := range cases {
		isKilled(t, c.process, c.point)
		if c.orphaned {
			if err := c.s.Temporal.TerminateWorkflow(
				t.Context(), temporalio.OrderID(c.p.orderID), "", "test",
			); err != nil {
				t.Fatal(err)
			}
		}
		c.s.StartWorker()
	}
	for _, c := range slices.Backward(cases) {
		t.Run(c.name(), c.check)
	}
}

func (c *crash) name() string {
	name := c.point
	if c.signal {
		name += " for a signal"
	}
	if c.ship {
		name += " of a shipment"
	}
	if c.orphaned {
		name += " and an operator terminates the order"
	}
	return name
}

func (c *crash) prepare(t *testing.T) {
	c.s = workertest.Start(t)
	location := c.s.Warehouse("Berlin").ID
	c.hamburg = c.s.Warehouse("Hamburg").ID
	switch {
	case c.ship:
		c.p = newParcels(t, c.s, location, 3, 2)
		if _, err := c.s.Command.Joint(t.Context(), c.p.orderID, &fulfillment.Ship{Groups: []fulfillment.ShipGroup{
			{FulfillmentOrderID: c.p.ids[0]}, {FulfillmentOrderID: c.p.ids[1]}}}); err != nil {
			t.Fatal(err)
		}
	case c.signal:
		c.p = newParcels(t, c.s, location, 3)
	default:
		c.p, c.q = newParcels(t, c.s, location, 3), newParcels(t, c.s, location, 5)
	}
	c.s.StopWorker()
}

// start gives the command to the worker that will die.
func (c *crash) start(t *testing.T) {
	c.process = startCrashing(t, c.s, c.point)
	c.answered = make(chan answer, 1)
	var cmd fulfillment.Joint
	switch {
	case c.signal:
		if err := c.s.Temporal.SignalWorkflow(t.Context(), temporalio.FulfillmentOrderID(c.p.ids[0]), "", "Move",
			&fulfillment.Move{NewLocationID: c.hamburg, Lines: c.p.lines(0, 1)}); err != nil {
			t.Fatal(err)
		}
		close(c.answered)
		return
	case c.ship:
		cmd = &fulfillment.Alone{
			FulfillmentOrderID: c.p.ids[1],
			Command:            &fulfillment.CancelFulfillment{FulfillmentID: c.p.load(0).Fulfillments[0].ID},
		}
	default:
		cmd = &fulfillment.SplitEach{Splits: []fulfillment.SplitInput{
			{
				FulfillmentOrderID: c.p.ids[0], Lines: c.p.lines(0, 1),
			}, {FulfillmentOrderID: c.q.ids[0], Lines: c.q.lines(0, 2)}}}
	}
	ctx := context.WithoutCancel(t.Context())
	c.cmd = cmd
	go func() {
		results, err := c.s.Command.Joint(ctx, c.p.orderID, cmd)
		c.answered <- answer{results, err}
	}()
}

func (c *crash) check(t *testing.T) {
	got := <-c.answered
	if got.err != nil {
		t.Fatal(got.err)
	}
	for _, p := range []*parcels{c.p, c.q} {
		if p == nil {
			continue
		}
		p.t, p.s = t, c.s.For(t)
		if c.orphaned {
			// Whom the book has answered leaves it to the watch to start what is new. Here nobody watches; the command
			// comes again.
			if _, err := c.s.Command.Joint(t.Context(), c.p.orderID, c.cmd); err != nil {
				t.Fatal(err)
			}
			// The reservation ends by itself.
			workertest.WaitFor(t, "the end of a reservation", func() bool {
				return count(
					history(t, c.s, temporalio.FulfillmentOrderID(p.ids[0])), enumspb.EVENT_TYPE_TIMER_FIRED,
				) > 0
			})
		}
		if c.signal {
			workertest.WaitFor(t, "the end of what was asked of the order", func() bool {
				return count(
					history(t, c.s, temporalio.FulfillmentOrderID(p.ids[0])),
					enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
				) > 0
			})
		}
		fos := whole(t, p.s, p.orderID)
		run(t, p.s, fos)
		switch back := fos[len(p.ids):]; {
		case c.ship && (len(back) != 2 || back[0].RemainingUnits()+back[1].RemainingUnits() != 5):
			t.Errorf("%d new fulfillment orders; want the units of both back, each on a new one", len(back))
		case !c.ship && len(back) != 1:
			t.Errorf("%d new fulfillment orders; want one", len(back))
		}
		for _, fo := range fos {
			c.takesCommands(t, fo.ID)
		}
		lives(t, p.s, p.orderID, whole(t, p.s, p.orderID))
	}
	switch {
	case c.signal:
		c.p.units("OPEN 2")
	case !c.ship:
		c.p.ids, c.q.ids = append(c.p.ids, got.results[0].SiblingID), append(c.q.ids, got.results[1].SiblingID)
		c.p.units("OPEN 2", "OPEN 1")
		c.q.units("OPEN 3", "OPEN 2")
	}
}

// takesCommands checks that a fulfillment order is not reserved any more.
func (c *crash) takesCommands(t *testing.T, id fulfillment.ID) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // A task that gets lost under load takes 10 s.
	defer cancel()
	_, err := c.s.Command.Send(ctx, id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	if refused, ok := fulfillment.AsError(err); err != nil && (!ok || refused.Retryable()) {
		t.Errorf("fulfillment order %d does not take a command: %v", id, err)
	}
}
