package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// What webhooks would be as most people write them on Temporal: a workflow for each subscription, and an activity for
// each delivery.
const (
	oneByOneQueue    = "bench-deliver"
	oneByOneWorkflow = "BenchSubscription"
	oneByOneActivity = "BenchDeliver"
	// atOnce is how many are on their way at the same time, as with Packhorse's own default.
	atOnce = 8
	// freshEvery is after how many deliveries the workflow begins a new history.
	freshEvery = 500
)

// parcel is one delivery.
type parcel struct {
	URL      string `json:"url"`
	Position int64  `json:"position"`
	Body     []byte `json:"body"`
}

// deliverAll delivers the positions from one to another.
func deliverAll(ctx workflow.Context, url string, from, to int64) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	body := bytes.Repeat([]byte("x"), 600)
	selector, open := workflow.NewSelector(ctx), 0
	var failed error
	until := min(to, from+freshEvery)
	for position := from; position < until || open > 0; {
		if position < until && open < atOnce {
			delivery := workflow.ExecuteActivity(ctx, oneByOneActivity, parcel{url, position, body})
			selector.AddFuture(delivery, func(f workflow.Future) {
				failed = errors.Join(failed, f.Get(ctx, nil))
				open--
			})
			open++
			position++
			continue
		}
		selector.Select(ctx)
	}
	if failed != nil || until == to {
		return failed
	}
	return workflow.NewContinueAsNewError(ctx, oneByOneWorkflow, url, until, to)
}

// oneByOne is how many deliveries a second that makes.
func oneByOne(ctx context.Context, temporal client.Client, r *receiver, deliveries int) (perSecond float64, err error) {
	caller := newCaller()
	defer caller.CloseIdleConnections()
	w := sdkworker.New(temporal, oneByOneQueue, sdkworker.Options{})
	w.RegisterWorkflowWithOptions(deliverAll, workflow.RegisterOptions{Name: oneByOneWorkflow})
	w.RegisterActivityWithOptions(func(ctx context.Context, p parcel) error { return p.post(ctx, caller) },
		activity.RegisterOptions{Name: oneByOneActivity})
	if err := w.Start(); err != nil {
		return 0, fmt.Errorf("start a worker: %w", err)
	}
	defer w.Stop()
	r.forget()
	started := time.Now()
	run, err := temporal.ExecuteWorkflow(
		ctx, client.StartWorkflowOptions{TaskQueue: oneByOneQueue}, oneByOneWorkflow, r.url+"/one-by-one", int64(0),
		int64(deliveries),
	)
	if err == nil {
		err = run.Get(ctx, nil)
	}
	if err != nil {
		return 0, fmt.Errorf("deliver with an activity for each: %w", err)
	}
	took := time.Since(started)
	if events, _ := r.count(); events != deliveries {
		return 0, fmt.Errorf("deliver with an activity for each: %d of %d arrived", events, deliveries)
	}
	return float64(deliveries) / took.Seconds(), nil
}

func newCaller() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * atOnce}}
}

func (p parcel) post(ctx context.Context, caller *http.Client) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(p.Body))
	if err != nil {
		return err
	}
	request.Header.Set("Packhorse-Position", strconv.FormatInt(p.Position, 10))
	response, err := caller.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
