package activities

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// TestDeliveryEndsWithItsWorker: a worker that stops gives what it delivers, and the services that it calls, to another
// one at once, and does not wait for half a day, or until its own time to stop is over.
func TestDeliveryEndsWithItsWorker(t *testing.T) {
	t.Parallel()
	t.Run("webhooks", func(t *testing.T) {
		t.Parallel()
		stop, ended := make(chan struct{}), temporalio.Delivered{}
		endsWithItsWorker(t, stop, &ended, (&Deliveries{Follow: func(
			ctx context.Context, _ fulfillment.ID, _ func(temporalio.DeliveryReport),
		) (delivered temporalio.Delivered, err error) {
			delivered.State = temporalio.DeliveryEnabled
			return delivered, untilTold(ctx, stop)
		}}).FollowFeed)
		if ended.State != temporalio.DeliveryEnabled {
			t.Errorf("it ends with %+v", ended)
		}
	})
	t.Run("callbacks", func(t *testing.T) {
		t.Parallel()
		stop, ended := make(chan struct{}), temporalio.Called{}
		endsWithItsWorker(t, stop, &ended, (&Callbacks{Follow: func(
			ctx context.Context, _ fulfillment.ID, _ func(temporalio.CallbackReport),
		) (called temporalio.Called, err error) {
			called.State = temporalio.DeliveryEnabled
			return called, untilTold(ctx, stop)
		}}).CallService)
		if ended.State != temporalio.DeliveryEnabled {
			t.Errorf("it ends with %+v", ended)
		}
	})
}

// untilTold has the worker stop, and waits until whoever follows is told.
func untilTold(ctx context.Context, stop chan struct{}) error {
	close(stop)
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(10 * time.Second):
		return errors.New("it was not told to end")
	}
}

// endsWithItsWorker runs an activity of a worker that can be stopped.
func endsWithItsWorker(t *testing.T, stop chan struct{}, result, follow any) {
	t.Helper()
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	env.SetWorkerStopChannel(stop)
	env.RegisterActivity(follow)
	ended, err := env.ExecuteActivity(follow, fulfillment.ID(7))
	if err == nil {
		err = ended.Get(result)
	}
	if err != nil {
		t.Error(err)
	}
}

// TestCallsThatFailAreTold each minute, whatever else there was to tell; those that go well are told less and less
// often.
func TestCallsThatFailAreTold(t *testing.T) {
	t.Parallel()
	var tells teller
	hear := func(at time.Time, problem string) bool {
		r := temporalio.CallbackReport{State: temporalio.DeliveryEnabled, Calls: []temporalio.CallbackCalled{
			{Call: "FETCH_STOCK", CalledAt: at, Error: problem},
		}}
		if !tells.due(callbackNews(r), at) {
			return false
		}
		tells.tell(callbackNews(r), at)
		return true
	}
	at, told := time.Now(), 0
	for range 120 {
		if at = at.Add(time.Minute); hear(at, "") {
			told++
		}
	}
	if told < 10 || told > 20 {
		t.Errorf("in two hours in which all was well it was told %d times", told)
	}
	for minute := range 20 {
		if at = at.Add(time.Minute); !hear(at, "500 Internal Server Error") {
			t.Errorf("in minute %d it was not told of a failure", minute)
		}
	}
}

// TestReportsAreBounded: the workflow hears of the first changes at once, of a receiver that fails now and then not
// more often than about once a minute, and always of how it is in the end.
func TestReportsAreBounded(t *testing.T) {
	t.Parallel()
	var tells teller
	good := temporalio.DeliveryReport{State: temporalio.DeliveryEnabled}
	bad := good
	bad.LastError = "500 Internal Server Error"
	times, at := 0, time.Now()
	hear := func(report temporalio.DeliveryReport) bool {
		at = at.Add(DeliveryHeartbeat / 5)
		if !tells.due(deliveryNews(report), at) {
			return false
		}
		tells.tell(deliveryNews(report), at)
		times++
		return true
	}
	if !hear(good) || !hear(bad) || hear(bad) {
		t.Error("the beginning and the first failure are to be told at once, and once")
	}
	for begun := at; at.Sub(begun) < DeliveryTurn; {
		hear(good)
		hear(bad)
	}
	if most := int(DeliveryTurn/reportEvery) + 70; times > most {
		t.Errorf("told %d times in a turn, want %d at most", times, most)
	}
	for begun := at; tells.told != deliveryNews(good); {
		if hear(good); at.Sub(begun) > reportEvery {
			t.Fatal("that all is well again is not told")
		}
	}
}
