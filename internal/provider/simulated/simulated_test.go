package simulated_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/simulated"
)

func request(key string, options map[string]any) provider.Request {
	r := providertest.Request(key)
	r.ServiceOptions = options
	return r
}

func cancellation(r provider.Request) provider.Cancellation {
	return provider.Cancellation{Key: r.Key + "/cancel", RequestKey: r.Key, FulfillmentOrderID: r.FulfillmentOrderID}
}

// A repeated rehearsal must be the same, however its calls interleave.
func TestBehaviourFollowsFromSeedAndKey(t *testing.T) {
	t.Parallel()
	options := map[string]any{
		"rejectionRate": 0.5, "rejectionReasons": []any{"INVALID_SKU", "OTHER"}, "lostAnswerRate": 0.3, "ship": false,
	}
	behaviour := func(seed int64, keys []string) map[string]string {
		p := newProvider(t, simulated.Config{Seed: seed, Ledger: &simulated.MemoryLedger{}})
		did := make(map[string]string)
		for _, key := range keys {
			answer, err := p.Create(t.Context(), request(key, options))
			did[key] = fmt.Sprint(answer, err)
		}
		return did
	}
	var keys []string
	for i := range 100 {
		keys = append(keys, fmt.Sprintf("fulfillment-order/%d#3", i))
	}
	first := behaviour(1, keys)
	slices.Reverse(keys)
	if !reflect.DeepEqual(first, behaviour(1, keys)) {
		t.Error("the order of calls changes what happens")
	}
	if reflect.DeepEqual(first, behaviour(2, keys)) {
		t.Error("another seed changes nothing")
	}
}

func TestLostAnswerIsFoundAndAdopted(t *testing.T) {
	t.Parallel()
	ledger := &simulated.MemoryLedger{}
	p := newProvider(t, simulated.Config{Ledger: ledger})
	r := request("a", map[string]any{"lostAnswerRate": 1})
	send := func(ctx context.Context) (provider.Answer, error) { return p.Create(ctx, r) }

	_, err := provider.Call(t.Context(), p, provider.Attempt{Query: provider.Query{Key: "a"}, First: true}, send)
	if provider.Classify(err) != provider.UnknownOutcome {
		t.Fatalf("%v, want an unknown outcome", err)
	}
	answer, err := provider.Call(t.Context(), p, provider.Attempt{Query: provider.Query{Key: "a"}}, send)
	if err != nil || answer.Outcome != fulfillment.OutcomeAccepted || answer.Reference == "" {
		t.Errorf("%+v, %v; want the accepted request to be adopted", answer, err)
	}
	requireEffect(t, ledger, "a", 1, 1)
}

// With ignoreKeys the service does what must never be; the ledger and the lookup have to show it.
func TestDoubledEffectIsSeen(t *testing.T) {
	t.Parallel()
	for name, open := range ledgers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ledger := open(t)
			p := newProvider(t, simulated.Config{Ledger: ledger})
			r := request("a", map[string]any{"ignoreKeys": true})
			first := mustCreate(t, p, r)
			mustCreate(t, p, request("b", nil))
			mustCreate(t, p, request("b", nil))
			if effects := allEffects(t, ledger); len(effects) != 2 || len(simulated.Doubled(effects)) != 0 {
				t.Fatalf("before: %+v", effects)
			}
			second := mustCreate(t, p, r)
			if first.Reference == second.Reference {
				t.Error("two effects have one reference")
			}
			requireEffect(t, ledger, "a", 2, 2)
			requireEffect(t, ledger, "b", 2, 1)
			if doubled := simulated.Doubled(allEffects(t, ledger)); len(doubled) != 1 || doubled[0].Key != "a" {
				t.Errorf("doubled: %+v, want a", doubled)
			}
			answer, err := provider.Call(t.Context(), p, provider.Attempt{Query: provider.Query{Key: "a"}}, nil)
			if err != nil || answer.Outcome != fulfillment.OutcomeParked {
				t.Errorf("%+v, %v; want PARKED", answer, err)
			}
		})
	}
}

func TestDoubledByAnotherKeyIsSeen(t *testing.T) {
	t.Parallel()
	ledger := &simulated.MemoryLedger{}
	p := newProvider(t, simulated.Config{Ledger: ledger})
	first, second := request("a", nil), request("b", nil)
	second.FulfillmentOrderID = first.FulfillmentOrderID
	mustCreate(t, p, first)
	if _, err := p.Cancel(t.Context(), cancellation(first)); err != nil {
		t.Fatal(err)
	}
	mustCreate(t, p, second)
	if doubled := simulated.Doubled(allEffects(t, ledger)); len(doubled) != 0 {
		t.Errorf("doubled: %+v; the first request was cancelled", doubled)
	}
	third := request("c", nil)
	third.FulfillmentOrderID = first.FulfillmentOrderID
	mustCreate(t, p, third)
	if doubled := simulated.Doubled(allEffects(t, ledger)); len(doubled) != 1 || doubled[0].Key != "c" {
		t.Errorf("doubled: %+v, want c", doubled)
	}
}

func TestKeyOfSomethingElseIsRefused(t *testing.T) {
	t.Parallel()
	p := newProvider(t, simulated.Config{Ledger: &simulated.MemoryLedger{}})
	r := request("a", nil)
	mustCreate(t, p, r)
	other := r
	other.FulfillmentOrderID++
	if _, err := p.Create(t.Context(), other); provider.Classify(err) != provider.Permanent {
		t.Errorf("another fulfillment order: %v, want a permanent error", err)
	}
	c := cancellation(r)
	c.Key = r.Key
	if _, err := p.Cancel(t.Context(), c); provider.Classify(err) != provider.Permanent {
		t.Errorf("a cancellation: %v, want a permanent error", err)
	}
	if _, err := p.Create(t.Context(), request("", nil)); provider.Classify(err) != provider.Permanent {
		t.Errorf("no key: %v, want a permanent error", err)
	}
}

// A time-out on the way there leaves nothing behind, one on the way back leaves an effect; the caller can't tell.
func TestLatency(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		patience time.Duration
		effects  int
		answered bool
	}{
		"gone_before_the_effect": {time.Second, 0, false},
		"gone_after_the_effect":  {3 * time.Second, 1, false},
		"patient":                {5 * time.Second, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ledger := &simulated.MemoryLedger{}
				p := newProvider(t, simulated.Config{Ledger: ledger})
				ctx, cancel := context.WithTimeout(t.Context(), test.patience)
				defer cancel()
				began := time.Now()
				_, err := p.Create(
					ctx, request("a", map[string]any{"latency": map[string]any{"min": "4s", "max": "4s"}}),
				)
				if (err == nil) != test.answered || err != nil && provider.Classify(err) != provider.UnknownOutcome {
					t.Errorf("%v, want answered: %t", err, test.answered)
				}
				if took := time.Since(began); took != min(test.patience, 4*time.Second) {
					t.Errorf("it took %s", took)
				}
				if n := len(allEffects(t, ledger)); n != test.effects {
					t.Errorf("%d effects, want %d", n, test.effects)
				}
			})
		})
	}
}

func TestRatesAreKept(t *testing.T) {
	t.Parallel()
	const calls = 2000
	p := newProvider(t, simulated.Config{Seed: 3, Ledger: &simulated.MemoryLedger{}})
	var rejected, lost int
	for i := range calls {
		answer, err := p.Create(
			t.Context(), request(fmt.Sprint(i), map[string]any{"rejectionRate": 0.2, "lostAnswerRate": 0.1}),
		)
		if err != nil {
			lost++
		} else if answer.Outcome == fulfillment.OutcomeRejected {
			rejected++
		}
	}
	// Five standard deviations around 200 and 360.
	if lost < 133 || lost > 267 || rejected < 275 || rejected > 445 {
		t.Errorf("of %d calls %d were lost and %d rejected; want about 200 and 360", calls, lost, rejected)
	}
}

func mustCreate(t *testing.T, p provider.Provider, r provider.Request) provider.Answer {
	t.Helper()
	answer, err := p.Create(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func allEffects(t *testing.T, l simulated.Ledger) []simulated.Effect {
	t.Helper()
	effects, err := l.Effects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return effects
}

func requireEffect(t *testing.T, l simulated.Ledger, key string, calls, effects int) {
	t.Helper()
	e, ok, err := l.Find(t.Context(), key)
	if err != nil || !ok || e.Calls != calls || e.Effects != effects {
		t.Errorf(
			"key %s: %d calls, %d effects (%t, %v); want %d and %d", key, e.Calls, e.Effects, ok, err, calls, effects,
		)
	}
}
