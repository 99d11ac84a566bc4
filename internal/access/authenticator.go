package access

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
)

// Defaults of [AuthenticatorOptions].
const (
	DefaultCacheTime = 10 * time.Second
	DefaultCacheSize = 10_000
)

const (
	usesInterval = time.Minute     // between two records of when tokens were used last
	watchRetry   = 5 * time.Second // until the store is watched again after it broke off
	stopTimeout  = 5 * time.Second // for the last record
)

// Store is where apps and tokens are: a *postgres.Store.
type Store interface {
	// Caller is who has the token with this hash, or [ErrUnknownToken].
	Caller(ctx context.Context, hash Hash) (Caller, error)
	// RecordTokenUses writes when tokens, by their IDs, were used last.
	RecordTokenUses(ctx context.Context, uses map[fulfillment.ID]time.Time) error
	// WatchAccess calls changed once it is watching, and then after every change of tokens, apps or the ownership of
	// services, until ctx ends or the store breaks off.
	WatchAccess(ctx context.Context, changed func()) error
}

// AuthenticatorOptions adjust an Authenticator. The zero value is usable.
type AuthenticatorOptions struct {
	// CacheTime is how long the answer for a token is used again; negative: not at all. Default: DefaultCacheTime.
	CacheTime time.Duration
	// CacheSize is how many tokens are remembered. Default: DefaultCacheSize.
	CacheSize int
	// Logger gets what goes wrong behind the requests. Default: slog.Default.
	Logger *slog.Logger
}

// Authenticator says which caller a token stands for. It remembers the answers, so that a request does not cost a
// statement. While [Authenticator.Run] runs, a token that is revoked anywhere is refused within moments; if the
// database can't tell about changes (it is away, or behind a proxy without LISTEN), within CacheTime. It is safe for
// concurrent use.
type Authenticator struct {
	store Store
	opts  AuthenticatorOptions

	mu         sync.Mutex
	known      map[Hash]knownCaller
	generation int                          // counts what made the answers so far worthless
	uses       map[fulfillment.ID]time.Time // since the last record
}

type knownCaller struct {
	Caller
	until time.Time
}

// NewAuthenticator makes an Authenticator. Run must run beside it.
func NewAuthenticator(store Store, opts AuthenticatorOptions) *Authenticator {
	if opts.CacheTime == 0 {
		opts.CacheTime = DefaultCacheTime
	}
	if opts.CacheSize <= 0 {
		opts.CacheSize = DefaultCacheSize
	}
	if opts.Logger == nil {
		opts.Logger = slog.Default()
	}
	return &Authenticator{store: store, opts: opts, known: map[Hash]knownCaller{}, uses: map[fulfillment.ID]time.Time{}}
}

// Caller is who sends this token, or [ErrUnknownToken]. Any other error is the store's.
func (a *Authenticator) Caller(ctx context.Context, token string) (Caller, error) {
	hash, ok := HashToken(token)
	if !ok {
		return Caller{}, ErrUnknownToken
	}
	now := time.Now()
	a.mu.Lock()
	generation := a.generation
	if known, ok := a.known[hash]; ok && now.Before(known.until) {
		a.uses[known.TokenID] = now
		a.mu.Unlock()
		return known.Caller, nil
	}
	a.mu.Unlock()
	caller, err := a.store.Caller(ctx, hash)
	if err != nil {
		return Caller{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.uses[caller.TokenID] = now
	if generation == a.generation { // Else the answer may be from before the change.
		a.remember(hash, knownCaller{caller, now.Add(a.opts.CacheTime)})
	}
	return caller, nil
}

func (a *Authenticator) remember(hash Hash, known knownCaller) {
	if len(a.known) >= a.opts.CacheSize {
		maps.DeleteFunc(a.known, func(_ Hash, old knownCaller) bool { return !time.Now().Before(old.until) })
	}
	if len(a.known) >= a.opts.CacheSize {
		clear(a.known)
	}
	a.known[hash] = known
}

// Forget makes the next request of every token ask the store. Whoever gives an app a fulfillment service, or takes it
// away, calls it before it answers: the app's next request already knows, without waiting for Run to hear of it.
func (a *Authenticator) Forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.generation++
	clear(a.known)
}

// Run hears of changes, and records every minute which tokens were used since, until ctx ends. What fails is logged
// and tried again.
func (a *Authenticator) Run(ctx context.Context) {
	var group sync.WaitGroup
	group.Go(func() { a.watch(ctx) })
	tick := time.NewTicker(usesInterval)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-tick.C:
			a.recordUses(ctx)
		case <-ctx.Done():
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	a.recordUses(last)
	group.Wait()
}

func (a *Authenticator) watch(ctx context.Context) {
	for {
		err := a.store.WatchAccess(ctx, a.Forget)
		if ctx.Err() != nil {
			return
		}
		a.opts.Logger.Warn("can't hear of changed tokens, trying again", "error", err, "known_for", a.opts.CacheTime)
		select {
		case <-time.After(watchRetry):
		case <-ctx.Done():
			return
		}
	}
}

func (a *Authenticator) recordUses(ctx context.Context) {
	a.mu.Lock()
	uses := a.uses
	a.uses = map[fulfillment.ID]time.Time{}
	a.mu.Unlock()
	if len(uses) == 0 {
		return
	}
	err := a.store.RecordTokenUses(ctx, uses)
	if err == nil {
		return
	}
	a.opts.Logger.Warn("can't record when tokens were used, trying again", "error", err)
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, at := range uses {
		if _, later := a.uses[id]; !later {
			a.uses[id] = at
		}
	}
}
