package simulated_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
)

// book is a Reporter that writes down what it is told.
type book struct {
	mu     sync.Mutex
	began  time.Time
	told   []told
	fail   func(told) error // before it is written down
	lose   bool             // after it was written down, once
	signal chan struct{}    // nil: nobody waits
}

type told struct {
	At            time.Duration // since the book began
	ID            fulfillment.ID
	Verb          fulfillment.Verb
	Name          string // the verb, or the event's status
	CommandID     string
	Fingerprint   string
	Actor         fulfillment.Actor
	FulfillmentID fulfillment.ID
	Command       fulfillment.Command
}

func (b *book) Send(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	meta := cmd.Envelope()
	x := told{At: time.Since(b.began), ID: id, Verb: cmd.Verb(), Name: string(cmd.Verb()), CommandID: meta.CommandID,
		Fingerprint: fulfillment.Fingerprint(cmd), Actor: meta.Actor, Command: cmd}
	if event, ok := cmd.(*fulfillment.RecordEvent); ok {
		x.Name, x.FulfillmentID = string(event.Status), event.FulfillmentID
	}
	if b.fail != nil {
		if err := b.fail(x); err != nil {
			return fulfillment.Result{}, err
		}
	}
	b.told = append(b.told, x)
	if b.signal != nil {
		b.signal <- struct{}{}
	}
	if b.lose {
		b.lose = false
		return fulfillment.Result{}, errors.New("connection reset")
	}
	result := fulfillment.Result{FulfillmentOrderID: id}
	if cmd.Verb() == fulfillment.VerbCreateFulfillment {
		result.FulfillmentID = fulfillment.DerivedID("fulfillment", meta.CommandID)
	}
	return result, ctx.Err()
}

func (b *book) names() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := make([]string, len(b.told))
	for i, x := range b.told {
		names[i] = x.Name
	}
	return names
}

var discard = slog.New(slog.DiscardHandler)

// even are settings whose delays are exact.
func even(more map[string]any) map[string]any {
	options := map[string]any{
		"jitter": 0, "shipAfter": "10s", "inTransitAfter": "20s", "outForDeliveryAfter": "30s", "deliveredAfter": "40s",
	}
	maps.Copy(options, more)
	return options
}

// live runs a provider on a memory ledger, in a bubble whose clock jumps, while do does something with it and until
// nothing has been left to do for an hour.
func live(t *testing.T, b *book, do func(t *testing.T, p *simulated.Provider)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b.began = time.Now()
		p := newProvider(t, simulated.Config{Ledger: &simulated.MemoryLedger{}, Reporter: b, Logger: discard})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- p.Run(ctx) }()
		do(t, p)
		time.Sleep(time.Hour) // Virtual.
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
