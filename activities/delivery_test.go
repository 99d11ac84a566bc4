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

// TestDeliveryEndsWithItsWorker: a worker that stops gives what it delivers to another one at once, and does not wait
// for half a day, or until its own time to stop is over.
func TestDeliveryEndsWithItsWorker(t *testing.T) {
	t.Parallel()
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	stop := make(chan struct{})
	env.SetWorkerStopChannel(stop)
	d := &Deliveries{Follow: func(
		ctx context.Context, _ fulfillment.ID, _ func(temporalio.DeliveryReport),
	) (delivered temporalio.Delivered, err error) {
		close(stop)
		select {
		case <-ctx.Done():
			delivered.State = temporalio.DeliveryEnabled
			return delivered, nil
		case <-time.After(10 * time.Second):
			return delivered, errors.New("it was not told to end")
		}
	}}
	env.RegisterActivity(d.FollowFeed)
	ended, err := env.ExecuteActivity(d.FollowFeed, fulfillment.ID(7))
	var delivered temporalio.Delivered
	if err == nil {
		err = ended.Get(&delivered)
	}
	if err != nil || delivered.State != temporalio.DeliveryEnabled {
		t.Errorf("it ends with %+v, %v", delivered, err)
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
