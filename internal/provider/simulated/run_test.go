package simulated_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/simulated"
)

func TestFailedCommandIsSentAgain(t *testing.T) {
	t.Parallel()
	failures := 5
	b := &book{fail: func(told) error {
		if failures--; failures >= 0 {
			return &fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: "Try again."}
		}
		return nil
	}}
	live(t, b, func(t *testing.T, p *simulated.Provider) {
		mustCreate(t, p, request("a", even(map[string]any{"deliver": false})))
	})
	if got := b.names(); !slices.Equal(got, []string{"CreateFulfillment"}) || b.told[0].At <= 10*time.Second {
		t.Errorf("told %+v, want one shipment, later than planned", b.told)
	}
}

// An answer that was lost after Packhorse had done the command must not make it do another.
func TestRepeatedCommandIsTheSame(t *testing.T) {
	t.Parallel()
	b := &book{lose: true}
	live(t, b, func(t *testing.T, p *simulated.Provider) {
		mustCreate(t, p, request("a", even(nil)))
	})
	if len(b.told) != 5 {
		t.Fatalf("told %v, want the shipment twice", b.names())
	}
	if b.told[0].CommandID != b.told[1].CommandID || b.told[0].Fingerprint != b.told[1].Fingerprint {
		t.Errorf("the shipment was sent as %+v, then as %+v", b.told[0], b.told[1])
	}
}

func TestRefusedCommandIsGivenUp(t *testing.T) {
	t.Parallel()
	tries := 0
	b := &book{fail: func(told) error {
		tries++
		return &fulfillment.Error{
			Code: fulfillment.CodeInvalidState, Message: "Closed.", RequestStatus: fulfillment.RequestClosed,
		}
	}}
	live(t, b, func(t *testing.T, p *simulated.Provider) {
		mustCreate(t, p, request("a", even(nil)))
	})
	if tries != 1 || len(b.told) != 0 {
		t.Errorf("%d tries, told %v; want one try and no news of a parcel that isn't", tries, b.names())
	}
}

// What is to be cancelled goes on until the cancellation is accepted; here Packhorse refuses that answer.
func TestRefusedCancellationAnswerStopsNothing(t *testing.T) {
	t.Parallel()
	b := &book{fail: func(x told) error {
		if x.Verb == fulfillment.VerbAcceptCancellationRequest {
			return &fulfillment.Error{
				Code: fulfillment.CodeInvalidState, Message: "Shipped.", RequestStatus: fulfillment.RequestAccepted,
			}
		}
		return nil
	}}
	live(t, b, func(t *testing.T, p *simulated.Provider) {
		r := request("a", even(map[string]any{"answer": "pending", "deliver": false}))
		mustCreate(t, p, r)
		time.Sleep(2 * time.Second) // Virtual.
		if _, err := p.Cancel(t.Context(), cancellation(r)); err != nil {
			t.Error(err)
		}
	})
	if got := b.names(); !slices.Equal(got, []string{"AcceptFulfillmentRequest", "CreateFulfillment"}) {
		t.Errorf("told %v, want the acceptance and the shipment", got)
	}
}

// What the service has said by itself is found by whoever asks later. What Packhorse did not take is given up.
func TestLookupFindsWhatWasSaidSince(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		options map[string]any
		refused bool
		outcome fulfillment.Outcome
	}{
		"accepted": {outcome: fulfillment.OutcomeAccepted},
		"rejected": {options: map[string]any{"rejectAlways": "OTHER"}, outcome: fulfillment.OutcomeRejected},
		"given up": {refused: true, outcome: fulfillment.OutcomeRejected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &book{fail: func(told) error {
				if want.refused {
					return &fulfillment.Error{Code: fulfillment.CodeInvalidState, Message: "It went elsewhere."}
				}
				return nil
			}}
			live(t, b, func(t *testing.T, p *simulated.Provider) {
				options := even(map[string]any{"answer": "pending", "acceptAfter": "2s", "deliver": false})
				maps.Copy(options, want.options)
				r := request("a", options)
				mustCreate(t, p, r)
				for _, outcome := range []fulfillment.Outcome{fulfillment.OutcomePending, want.outcome} {
					found, err := p.Lookup(t.Context(), provider.Query{Key: "a"})
					if err != nil || len(found) != 1 || found[0].Answer.Outcome != outcome ||
						found[0].Answer.Reference == "" {
						t.Errorf("found %+v (%v), want %s", found, err, outcome)
					}
					time.Sleep(5 * time.Second) // Virtual.
				}
			})
		})
	}
}

// The goods are ready before Packhorse has found the lost answer.
func TestShipmentWaitsForItsAnswerToArrive(t *testing.T) {
	t.Parallel()
	b := &book{}
	b.fail = func(x told) error {
		if x.At < time.Minute {
			return &fulfillment.Error{
				Code: fulfillment.CodeInvalidState, Message: "Not accepted.",
				RequestStatus: fulfillment.RequestSubmitted,
			}
		}
		return nil
	}
	live(t, b, func(t *testing.T, p *simulated.Provider) {
		mustCreate(t, p, request("a", even(map[string]any{"deliver": false})))
	})
	if got := b.names(); !slices.Equal(got, []string{"CreateFulfillment"}) {
		t.Errorf("told %v, want the shipment", got)
	}
}

// Whatever dies, the ledger in PostgreSQL has the rest, and two processes share the work.
func TestRunContinuesWhatAnotherBegan(t *testing.T) {
	t.Parallel()
	const requests = 20
	ledger := postgresLedger(t)
	b := &book{began: time.Now(), signal: make(chan struct{}, 10*requests)}
	quick := map[string]any{"answer": "pending", "acceptAfter": "5ms", "shipAfter": "5ms", "inTransitAfter": "1ms",
		"deliver":             true,
		"outForDeliveryAfter": "1ms", "deliveredAfter": "1ms"}
	first := newProvider(t, simulated.Config{Ledger: ledger})
	for i := range requests {
		mustCreate(t, first, request(fmt.Sprint(i), quick))
	}
	var group sync.WaitGroup
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 2 {
		p := newProvider(t, simulated.Config{Ledger: ledger, Reporter: b, Logger: discard, Parallel: 4})
		group.Go(func() {
			if err := p.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	for i := range 5 * requests {
		select {
		case <-b.signal:
		case <-ctx.Done():
			t.Fatalf("%d commands, want %d", i, 5*requests)
		}
	}
	cancel()
	group.Wait()
	ids := make(map[string]bool)
	for _, x := range b.told {
		ids[x.CommandID] = true
	}
	if len(ids) != 5*requests || len(b.told) != 5*requests {
		t.Errorf("%d commands, %d of them different; want %d", len(b.told), len(ids), 5*requests)
	}
}

func TestStopGivesWorkBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := &simulated.MemoryLedger{}
		ctx, cancel := context.WithCancel(t.Context())
		p := newProvider(t, simulated.Config{Ledger: ledger, Logger: discard,
			Reporter: reporterFunc(func(ctx context.Context) error {
				cancel()
				<-ctx.Done()
				return ctx.Err()
			})})
		mustCreate(t, p, request("a", even(map[string]any{"shipAfter": "0s"})))
		if err := p.Run(ctx); err != nil {
			t.Error(err)
		}
		tasks, err := ledger.Claim(t.Context(), time.Now(), time.Second, 10)
		if err != nil || len(tasks) != 1 || tasks[0].Step.Name != "ship-1" {
			t.Errorf("%+v, %v; want the shipment, free for another process at once", tasks, err)
		}
	})
}

type reporterFunc func(context.Context) error

func (f reporterFunc) Send(ctx context.Context, _ fulfillment.ID, _ fulfillment.Command) (fulfillment.Result, error) {
	return fulfillment.Result{}, f(ctx)
}
