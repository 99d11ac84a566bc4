package access

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
)

// fakeStore has callers by their tokens, and counts what it is asked.
type fakeStore struct {
	mu      sync.Mutex
	callers map[Hash]Caller
	asked   int
	uses    map[fulfillment.ID]time.Time
	records int
	broken  error         // what recording and watching fail with
	watches int           // how often it was watched
	changed chan struct{} // a change
	during  func()        // happens while it answers
}

func (f *fakeStore) Caller(_ context.Context, hash Hash) (Caller, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	c, ok := f.callers[hash]
	if f.during != nil {
		f.during()
	}
	if !ok {
		return Caller{}, ErrUnknownToken
	}
	return c, nil
}

func (f *fakeStore) RecordTokenUses(_ context.Context, uses map[fulfillment.ID]time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.records++
	if f.broken != nil {
		return f.broken
	}
	maps.Copy(f.uses, uses)
	return nil
}

func (f *fakeStore) WatchAccess(ctx context.Context, changed func()) error {
	f.mu.Lock()
	f.watches++
	broken := f.broken
	f.mu.Unlock()
	if broken != nil {
		return broken
	}
	changed()
	for {
		select {
		case <-f.changed:
			changed()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *fakeStore) revoke(token string) {
	hash, _ := HashToken(token)
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.callers, hash)
}

// recorded is how often uses were recorded, and those of now.
func (f *fakeStore) recorded() (int, map[fulfillment.ID]time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.records, maps.Clone(f.uses)
}

func newFake(tokens ...string) *fakeStore {
	f := &fakeStore{callers: map[Hash]Caller{}, uses: map[fulfillment.ID]time.Time{}, changed: make(chan struct{})}
	for i, token := range tokens {
		hash, _ := HashToken(token)
		f.callers[hash] = Caller{TokenID: fulfillment.ID(i + 1)}
	}
	return f
}

func quiet() AuthenticatorOptions { return AuthenticatorOptions{Logger: slog.New(slog.DiscardHandler)} }

func TestAuthenticatorRemembers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		token := NewToken()
		store := newFake(token)
		a := NewAuthenticator(store, quiet())
		for range 3 {
			if c, err := a.Caller(t.Context(), token); err != nil || c.TokenID != 1 {
				t.Fatalf("got %+v, %v", c, err)
			}
		}
		if store.asked != 1 {
			t.Errorf("asked %d times", store.asked)
		}
		store.revoke(token)
		time.Sleep(DefaultCacheTime - 1)
		if _, err := a.Caller(t.Context(), token); err != nil {
			t.Errorf("forgotten too early: %v", err)
		}
		time.Sleep(time.Nanosecond)
		for range 2 { // That it is unknown is not remembered: it may be made a moment later.
			if _, err := a.Caller(t.Context(), token); !errors.Is(err, ErrUnknownToken) {
				t.Errorf("revoked: %v", err)
			}
		}
		if store.asked != 3 {
			t.Errorf("asked %d times, want 3", store.asked)
		}
		if _, err := a.Caller(t.Context(), "no token"); !errors.Is(err, ErrUnknownToken) || store.asked != 3 {
			t.Errorf("%v after asking %d times", err, store.asked)
		}
	})
}

// TestAuthenticatorForgets also what was asked before the change and answered after it.
func TestAuthenticatorForgets(t *testing.T) {
	t.Parallel()
	token := NewToken()
	store := newFake(token)
	a := NewAuthenticator(store, quiet())
	for i, during := range []func(){nil, a.Forget, nil, nil} {
		store.during = during
		if _, err := a.Caller(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			a.Forget()
		}
	}
	if store.asked != 3 {
		t.Errorf("asked %d times, want 3: at first, after the change, after the change during the answer", store.asked)
	}
}

func TestAuthenticatorIsBounded(t *testing.T) {
	t.Parallel()
	tokens := make([]string, 50)
	for i := range tokens {
		tokens[i] = NewToken()
	}
	opts := quiet()
	opts.CacheSize = 8
	a := NewAuthenticator(newFake(tokens...), opts)
	for _, token := range tokens {
		if _, err := a.Caller(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if len(a.known) > 8 {
			t.Fatalf("%d remembered", len(a.known))
		}
	}
}

func TestAuthenticatorRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		busy, idle, late := NewToken(), NewToken(), NewToken()
		store := newFake(busy, idle, late)
		a := NewAuthenticator(store, quiet())
		ctx, stop := context.WithCancel(t.Context())
		go a.Run(ctx)
		synctest.Wait()
		use := func(token string) {
			t.Helper()
			if _, err := a.Caller(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		for range 100 {
			use(busy)
			time.Sleep(100 * time.Millisecond)
		}
		if records, _ := store.recorded(); records != 0 {
			t.Error("recorded on the way of a request")
		}
		time.Sleep(usesInterval)
		synctest.Wait()
		if records, uses := store.recorded(); records != 1 || uses[1].IsZero() || !uses[2].IsZero() {
			t.Errorf("%d records: %v", records, uses)
		}
		time.Sleep(3 * usesInterval)
		synctest.Wait()
		if records, _ := store.recorded(); records != 1 {
			t.Errorf("%d records, though nothing was used", records)
		}

		use(busy)
		store.revoke(busy)
		store.changed <- struct{}{}
		synctest.Wait()
		if _, err := a.Caller(t.Context(), busy); !errors.Is(err, ErrUnknownToken) {
			t.Errorf("a change was not heard: %v", err)
		}

		use(late)
		stop()
		synctest.Wait()
		if _, uses := store.recorded(); uses[3].IsZero() {
			t.Error("the last uses are lost at the end")
		}
	})
}

// TestAuthenticatorGoesOn when the store fails for a while.
func TestAuthenticatorGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		token := NewToken()
		store := newFake(token)
		store.broken = errors.New("away")
		a := NewAuthenticator(store, quiet())
		go a.Run(t.Context())
		if _, err := a.Caller(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		time.Sleep(usesInterval + 1)
		synctest.Wait()
		store.mu.Lock()
		if store.watches < 10 || store.records != 1 || !store.uses[1].IsZero() {
			t.Errorf("watched %d times, recorded %d times", store.watches, store.records)
		}
		store.broken = nil
		watches := store.watches
		store.mu.Unlock()
		time.Sleep(usesInterval)
		synctest.Wait()
		store.mu.Lock()
		defer store.mu.Unlock()
		if store.watches != watches+1 || store.uses[1].IsZero() {
			t.Errorf("watched %d times more, recorded %v", store.watches-watches, store.uses)
		}
	})
}
