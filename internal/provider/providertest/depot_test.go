package providertest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/providertest/httpfault"
)

// depot is a provider over HTTP that keeps all rules, with its system: POST makes a parcel, as often as it is sent, and
// GET lists those of a key.
type depot struct {
	manual.Provider
	url   string
	clock *providertest.Clock // nil: the list doesn't lag

	isBlind, isHasty, isDeaf, isSlow bool // what it breaks

	mu      sync.Mutex
	parcels []parcel

	creating sync.Mutex // one at a time looks up and makes
}

type parcel struct {
	Key  string    `json:"key"`
	Made time.Time `json:"made"`
}

const lag = time.Minute

func (d *depot) blind() *depot { d.isBlind = true; return d }
func (d *depot) hasty() *depot { d.isHasty = true; return d }
func (d *depot) deaf() *depot  { d.isDeaf = true; return d }
func (d *depot) slow() *depot  { d.isSlow = true; return d }

// into adds to a suite what is to be tested of a depot that breaks the same.
func (d *depot) into(suite *providertest.Suite) {
	suite.New = func(t *testing.T) provider.Provider { return d.start(t, &httpfault.Faults{}, nil) }
	suite.Faulty = func(t *testing.T, faults *httpfault.Faults) provider.Provider { return d.start(t, faults, nil) }
	suite.Lagging = func(t *testing.T, clock *providertest.Clock) provider.Provider {
		return d.start(t, &httpfault.Faults{}, clock)
	}
	suite.Settle = lag
}

func (d *depot) start(t *testing.T, faults *httpfault.Faults, clock *providertest.Clock) *depot {
	started := &depot{isBlind: d.isBlind, isHasty: d.isHasty, isDeaf: d.isDeaf, isSlow: d.isSlow, clock: clock}
	system := httptest.NewServer(faults.Wrap(http.HandlerFunc(started.serve)))
	t.Cleanup(system.Close)
	started.url = system.URL
	return started
}

func (d *depot) serve(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if d.clock != nil {
		now = d.clock.Now()
	}
	key := r.FormValue("key")
	if r.Method == http.MethodPost {
		d.parcels = append(d.parcels, parcel{key, now})
		_ = json.NewEncoder(w).Encode(d.parcels[len(d.parcels)-1])
		return
	}
	behind := time.Duration(0)
	if d.clock != nil {
		if behind = lag; d.isSlow {
			behind += time.Second
		}
	}
	found := []parcel{}
	for _, p := range d.parcels {
		if p.Key == key && !p.Made.Add(behind).After(now) {
			found = append(found, p)
		}
	}
	_ = json.NewEncoder(w).Encode(found)
}

func (d *depot) ask(ctx context.Context, method, key string, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, d.url+"/?key="+url.QueryEscape(key), http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return d.failed(provider.UnknownOutcome, 0, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return d.failed(provider.UnknownOutcome, 0, err)
	case response.StatusCode == http.StatusTooManyRequests:
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		if d.isDeaf {
			seconds = 0
		}
		return d.failed(provider.Retryable, time.Duration(seconds)*time.Second, errors.New(response.Status))
	case response.StatusCode >= 500:
		return d.failed(provider.UnknownOutcome, 0, errors.New(response.Status))
	}
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(into); err != nil {
		return d.failed(provider.UnknownOutcome, 0, err)
	}
	return nil
}

func (d *depot) failed(class provider.Class, after time.Duration, err error) error {
	if d.isHasty {
		class = provider.Permanent
	}
	return &provider.Error{Class: class, RetryAfter: after, Message: "the depot", Cause: err}
}

var accepted = provider.Answer{Outcome: fulfillment.OutcomeAccepted}

func (*depot) Idempotent() bool { return false }

func (d *depot) Create(ctx context.Context, r provider.Request) (provider.Answer, error) {
	d.creating.Lock()
	defer d.creating.Unlock()
	if found, err := d.Lookup(ctx, provider.Query{Key: r.Key}); err != nil || len(found) > 0 {
		return accepted, err
	}
	return accepted, d.ask(ctx, http.MethodPost, r.Key, new(parcel))
}

func (d *depot) Cancel(ctx context.Context, c provider.Cancellation) (provider.Answer, error) {
	found, err := d.Lookup(ctx, provider.Query{Key: c.RequestKey})
	if err != nil || len(found) == 0 {
		return provider.Answer{Outcome: fulfillment.OutcomeRejected}, err
	}
	return accepted, d.ask(ctx, http.MethodPost, c.Key, new(parcel))
}

func (d *depot) CreateReturn(ctx context.Context, r provider.ReturnRequest) (provider.Answer, error) {
	return d.Create(ctx, provider.Request{Key: r.Key})
}

func (d *depot) Lookup(ctx context.Context, q provider.Query) ([]provider.Found, error) {
	if d.isBlind {
		return nil, nil
	}
	var parcels []parcel
	if err := d.ask(ctx, http.MethodGet, q.Key, &parcels); err != nil {
		return nil, err
	}
	var found []provider.Found
	for range parcels {
		found = append(found, provider.Found{Answer: accepted})
	}
	return found, nil
}

func TestProviderOverHTTPPasses(t *testing.T) {
	t.Parallel()
	var suite providertest.Suite
	new(depot).into(&suite)
	suite.Run(t)
}
