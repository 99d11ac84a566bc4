package provider

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
)

// Entry is what is known of a provider before it is opened. Each provider's package makes its own; the package
// catalogue lists them all.
type Entry struct {
	ID   string // see [Provider].ID
	What string // what it is, for people, in one line without a full stop

	// Settings is the provider's own settings, which Open reads: a pointer to a struct as config.Load fills it. The
	// names of its variables begin with PACKHORSE_ and the ID in capitals. nil: there is nothing to set.
	Settings any

	// Settle is how long the system's [Finder] may lag behind its writes: after an attempt without an answer, a lookup
	// that finds nothing is believed, and the effect is sent again, only when so much time has passed. Too short, and
	// one effect may happen twice; too long, and lost calls are repeated late. 0: the lookup never lags.
	Settle time.Duration
	// SettleSetting is the field of Settings that takes the place of Settle, once they are loaded. nil: there is none.
	SettleSetting *time.Duration

	// Addresses are the names of a service's options that are addresses which the provider calls. What configures a
	// service holds them to the rules for callback URLs, as the provider holds its calls to Host.Rules.
	Addresses []string

	// Secrets are the names of a service's options that name secrets, each with the name that it has by default; "": it
	// has none.
	Secrets map[string]string

	// Queue limits the calls of the provider's own task queue. nil: the provider is never called, because people
	// answer in its place, and it has no task queue.
	Queue *Queue

	// PollEvery is how often a service is asked what is new, of a [Poller]; the service's option "pollEvery" may say
	// otherwise. Default: [DefaultPollEvery].
	PollEvery time.Duration

	// Offline is the provider without its system: it lists and checks options, and its type says what it is capable
	// of. Nothing else of it is called.
	Offline Provider

	// Open connects the provider to its system. Settings are loaded by then. A system that is away is no error here,
	// but of the calls: an error ends the worker, which would be started again all the time. The function that it
	// returns beside the provider ends the connection after the last call; nil: there is nothing to end. The API's
	// process opens each [Receiver], too, and only verifies with it: Open has no effect.
	Open func(ctx context.Context, host Host) (Provider, func(), error)

	// Migrate brings tables that the provider has of its own in Packhorse's database up to date; several processes may
	// do it at the same time. nil: it has none.
	Migrate func(ctx context.Context, databaseURL string) error
}

// Settles is the entry's Settle, or what is set in its place.
func (e Entry) Settles() time.Duration {
	if e.SettleSetting != nil && *e.SettleSetting > 0 {
		return *e.SettleSetting
	}
	return e.Settle
}

// Queue is how much a provider's system bears. A worker's settings may allow less, never more.
type Queue struct {
	Concurrency int // calls at the same time from one worker; 0: as many as the worker's settings say
	// Rate is calls per second over all workers; 0: as many as the worker's settings say. To be asked what is new is a
	// call, too: PollShare of the Rate of a [Poller] is for that.
	Rate float64
}

// PollShare is the part of a rate that is for asking what is new. It has a part of its own, because neither may wait
// for the other: requests that never end would hide what became of the ones before.
const PollShare = 0.25

// DefaultPollEvery is how often a service is asked what is new, unless somebody says otherwise; ShortestPoll and
// LongestPoll bound what anybody may say.
const (
	DefaultPollEvery = time.Minute
	ShortestPoll     = time.Second
	LongestPoll      = 7 * 24 * time.Hour
)

// Host is what an opened provider has of Packhorse.
type Host struct {
	DatabaseURL string   // for tables of its own: see Entry.Migrate
	Reporter    Reporter // nil in the API's process, which only verifies what is received
	Secrets     Secrets
	Rules       callback.Rules // for addresses that a service's options name
	Logger      *slog.Logger
}

// Reporter sends commands to fulfillment orders: the way in which a service answers and reports by itself. Its refusals
// are [*fulfillment.Error]s.
type Reporter interface {
	Send(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error)
}

// TaskQueue is the Temporal task queue on which a provider's activities run: one of its own, so that a slow provider
// starves no other and each can have its rate limit.
func TaskQueue(id string) string { return "packhorse-provider-" + id }

var validID = regexp.MustCompile(`^[a-z0-9]+([-_][a-z0-9]+)*$`)

const maxIDLength = 64

// CheckID says what is wrong with a provider's ID, if anything is: see [Provider].ID.
func CheckID(id string) error {
	if len(id) > maxIDLength || !validID.MatchString(id) {
		return fmt.Errorf("%q is not a provider ID: it takes lower-case letters and digits, joined by '-' or '_', "+
			"at most %d", id, maxIDLength)
	}
	return nil
}
