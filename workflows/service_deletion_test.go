package workflows_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// leaving is a fulfillment service that is to be deleted, with what waits there.
type leaving struct {
	*workertest.Stack
	t       *testing.T
	service fulfillment.Service
	berlin  fulfillment.ID // where it is to go
	waiting []fulfillment.ID
}

// newLeaving has a service with so many fulfillment orders, which are to go to a location of the merchant's.
func newLeaving(t *testing.T, s *workertest.Stack, berlin fulfillment.ID, count int) *leaving {
	t.Helper()
	l := &leaving{Stack: s.For(t), t: t, berlin: berlin, waiting: make([]fulfillment.ID, count)}
	l.service = l.Service(fulfillment.Service{Name: "Service of " + t.Name()})
	var group errgroup.Group
	group.SetLimit(16)
	for i := range l.waiting {
		group.Go(func() error {
			order, err := l.Command.CreateOrder(t.Context(),
				fulfillment.Order{LineItems: blankets(1, l.service.LocationID)})
			if err == nil {
				l.waiting[i] = order.FulfillmentOrderIDs[0]
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return l
}

// deletion is what the merchant's app asks for.
func (l *leaving) deletion(commandID string) temporalio.DeleteService {
	return temporalio.DeleteService{
		ServiceDeletion: fulfillment.ServiceDeletion{ID: l.service.ID, InventoryAction: fulfillment.InventoryTransfer,
			DestinationLocationID: l.berlin, CommandID: commandID},
		App: access.App{ID: 7, Handle: "shop", Name: "Shop", Scopes: access.Scopes()},
	}
}

// delete asks for it.
func (l *leaving) delete(cmd temporalio.DeleteService) error {
	l.t.Helper()
	return l.Command.DeleteService(l.t.Context(), cmd)
}

// isDeleted checks that the service is gone, and everything that waited is at the destination after one move.
func (l *leaving) isDeleted() {
	l.t.Helper()
	services, err := l.Store.ServicesByID(l.t.Context(), []fulfillment.ID{l.service.ID})
	if err != nil || services[0] != nil {
		l.t.Errorf("%v; the service is still there: %+v", err, services[0])
	}
	for _, id := range l.waiting {
		fo := l.Load(id)
		if fo.AssignedLocation.LocationID != l.berlin || fo.Status != fulfillment.StatusOpen || fo.Sequence != 2 {
			l.t.Errorf("fulfillment order %d is %s at %s after %d transitions, want it there after one move",
				id, fo.Status, fo.AssignedLocation.Name, fo.Sequence)
		}
	}
	closes(l.t, l.Stack, temporalio.ServiceDeletionID(l.service.ID))
	replays(l.t, l.Stack, temporalio.ServiceDeletionID(l.service.ID))
}

// isRefused checks that the deletion names what is still at the service, and nothing has moved.
func (l *leaving) isRefused(err error, named ...fulfillment.ID) {
	l.t.Helper()
	refused, ok := fulfillment.AsError(err)
	if !ok || refused.Code != fulfillment.CodeServiceInUse || !slices.Equal(refused.Field, []string{"id"}) {
		l.t.Fatalf("the deletion came to %v, want a refusal with %s", err, fulfillment.CodeServiceInUse)
	}
	for _, id := range named {
		if !strings.Contains(refused.Message, id.String()) {
			l.t.Errorf("%q does not name %d", refused.Message, id)
		}
	}
	for _, id := range l.waiting {
		if at := l.Load(id).AssignedLocation; at.LocationID != l.service.LocationID {
			l.t.Errorf("the deletion was refused, but fulfillment order %d is at %s", id, at.Name)
		}
	}
	closes(l.t, l.Stack, temporalio.ServiceDeletionID(l.service.ID))
	replays(l.t, l.Stack, temporalio.ServiceDeletionID(l.service.ID))
}

func TestServiceDeletion(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID

	t.Run("moves more than a page and deletes", func(t *testing.T) {
		t.Parallel()
		l := newLeaving(t, s, berlin, 53)
		for range 2 { // Sent again, it is answered the same.
			if err := l.delete(l.deletion("one")); err != nil {
				t.Fatal(err)
			}
			l.isDeleted()
		}
		refused, ok := fulfillment.AsError(l.delete(l.deletion("another")))
		if !ok || refused.Code != fulfillment.CodeServiceNotFound {
			t.Errorf("deleted by another command: %v", refused)
		}
	})

	t.Run("moves nothing when one can't move", func(t *testing.T) {
		t.Parallel()
		l := newLeaving(t, s, berlin, 3)
		l.Send(l.waiting[1], &fulfillment.SubmitFulfillmentRequest{})
		l.isRefused(l.delete(l.deletion("")), l.waiting...)
		l.Send(l.waiting[1], &fulfillment.RejectFulfillmentRequest{})
		if err := l.delete(l.deletion("")); err != nil {
			t.Error(err)
		}
	})

	t.Run("moves nothing for an app that may not move", func(t *testing.T) {
		t.Parallel()
		l := newLeaving(t, s, berlin, 2)
		cmd := l.deletion("")
		cmd.App.Scopes = []access.Scope{access.WriteFulfillments, access.WriteMerchantManaged, access.WriteAssigned}
		l.isRefused(l.delete(cmd), l.waiting...)
	})

	t.Run("moves nothing to where it can't go", func(t *testing.T) {
		t.Parallel()
		l := newLeaving(t, s, berlin, 1)
		for destination, action := range map[fulfillment.ID]fulfillment.InventoryAction{
			404: fulfillment.InventoryTransfer, 0: fulfillment.InventoryTransfer, l.service.LocationID: "",
			l.berlin: fulfillment.InventoryKeep,
		} {
			cmd := l.deletion("")
			cmd.DestinationLocationID, cmd.InventoryAction = destination, action
			if refused, ok := fulfillment.AsError(l.delete(cmd)); !ok || refused.Code != fulfillment.CodeInvalid {
				t.Errorf("%q to %d: %v", action, destination, refused)
			}
		}
		cmd := l.deletion("")
		cmd.DestinationLocationID, cmd.InventoryAction = 0, fulfillment.InventoryDelete
		l.isRefused(l.delete(cmd), l.waiting...)
	})

	t.Run("answers all who ask for the same at once", func(t *testing.T) {
		t.Parallel()
		l := newLeaving(t, s, berlin, 20)
		for i, err := range atOnce(6, func(int) error { return l.delete(l.deletion("")) }) {
			refused, ok := fulfillment.AsError(err)
			if err != nil && (!ok || refused.Code != fulfillment.CodeServiceNotFound) {
				t.Errorf("request %d: %v", i, err)
			}
		}
		l.isDeleted()
	})
}

// TestServiceDeletionGoesOn when the worker is killed, and when nobody waits for the answer any more. Whoever asks
// again under the same command ID gets it.
func TestServiceDeletionGoesOn(t *testing.T) {
	t.Parallel()
	type killed struct {
		point    string
		s        *workertest.Stack
		l        *leaving
		answered chan error
	}
	var cases []*killed
	for _, point := range []string{
		"after SurveyTransfer", "after Move 3", "after Transfer", "before DeleteService", "after DeleteService",
	} {
		s := workertest.Start(t)
		c := &killed{point: point, s: s, answered: make(chan error, 1)}
		c.l = newLeaving(t, s, s.Warehouse("Berlin").ID, 8)
		s.StopWorker()
		cases = append(cases, c)
	}
	for _, c := range cases {
		process := startCrashing(t, c.l.Stack, c.point)
		ctx := context.WithoutCancel(t.Context())
		go func() { c.answered <- c.l.Command.DeleteService(ctx, c.l.deletion("one")) }()
		isKilled(t, process, c.point)
		impatient := operation.NewCommands(c.l.Temporal, c.l.Store, operation.Options{Timeout: 100 * time.Millisecond})
		refused, ok := fulfillment.AsError(impatient.DeleteService(t.Context(), c.l.deletion("one")))
		if !ok || refused.Code != fulfillment.CodeUnavailable {
			t.Errorf("%s: without a worker, the answer is %v", c.point, refused)
		}
		c.s.StartWorker()
	}
	for _, c := range cases {
		t.Run(c.point, func(t *testing.T) {
			c.l.t, c.l.Stack = t, c.s.For(t)
			if err := <-c.answered; err != nil {
				t.Fatal(err)
			}
			c.l.isDeleted()
			if err := c.l.delete(c.l.deletion("one")); err != nil {
				t.Errorf("sent again: %v", err)
			}
		})
	}
}

// TestCancelRequestEndsNoServiceDeletion has one come while it moves what waits: what was asked for is carried out, and
// whoever asked is answered.
func TestCancelRequestEndsNoServiceDeletion(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	l := newLeaving(t, s, s.Warehouse("Berlin").ID, 8)
	id := temporalio.ServiceDeletionID(l.service.ID)
	s.StopWorker()
	answered := make(chan error, 1)
	ctx := context.WithoutCancel(t.Context())
	process := startCrashing(t, l.Stack, "after Move 3")
	go func() { answered <- l.Command.DeleteService(ctx, l.deletion("one")) }()
	isKilled(t, process, "after Move 3")
	if err := s.Temporal.CancelWorkflow(t.Context(), id, ""); err != nil {
		t.Fatal(err)
	}
	s.StartWorker()
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	l.isDeleted()
	if n := count(history(t, s, id), enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED); n != 1 {
		t.Errorf("%d cancel requests are in its history, want 1", n)
	}
	if page := pageOf(t, s, id); !strings.Contains(page, "A cancel request") {
		t.Errorf("the page says nothing of it:\n%s", page)
	}
}
