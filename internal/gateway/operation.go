package gateway

import (
	"context"
	"crypto/sha256"
	"slices"

	"packhorse/internal/access"
	"packhorse/internal/refusal"
)

// Operation is one piece of work that an app asks for, whichever API it comes through: all that is needed to carry it
// out within what its token may spend, and once if it has idempotency keys. Each API translates its requests into it.
type Operation struct {
	// Changes tells whether it may change something. Then it goes on when whoever asked hangs up.
	Changes bool
	// Uses are the names in [access.Operations] of what it consists of, each once.
	Uses []string
	// Points is what it costs at the most.
	Points int
	// Keys are its idempotency keys, each once, in an order that all requests share, so that two can't wait for each
	// other.
	Keys []string
	// Fingerprint identifies what it asks for: under the same key, anything else is a mistake.
	Fingerprint [sha256.Size]byte
	// Run carries it out.
	Run func(ctx context.Context) Outcome
	// StatusOf is the HTTP status of an answer that was stored under a key: only the body is. Nil: 200, whatever it
	// says.
	StatusOf func(body []byte) int
	// Refuse is the answer when it is not carried out, in the words of its API.
	Refuse func(ctx context.Context, why Fault) Answer
}

// Outcome is what carrying an operation out came to.
type Outcome struct {
	Status  int                     // of HTTP
	Class   string                  // for the log and the metrics
	Durable bool                    // the same would come out again
	Points  int                     // what it cost in the end
	Beyond  int                     // points that it took more than it was said to cost at the most
	Body    func(cost Spent) []byte // of the answer, which may tell what it cost
}

// Spent is what an operation cost its token.
type Spent struct {
	Points int  // at the most
	Actual *int // in the end; nil if it was not carried out
	Left   Status
}

// Fault is why an operation is not carried out, or why it is not known what became of it.
type Fault struct {
	Class   string
	Code    string // extensions.code of GraphQL
	Message string
	Spent   *Spent // where it is about that; nil: nothing was spent
}

// The faults that an operation may meet in the gateway.
var (
	faultThrottled = Fault{Class: ClassThrottled, Code: codeThrottled, Message: "Throttled"}
	faultTimeout   = Fault{Class: ClassTimeout, Code: codeTimeout, Message: timeoutMessage}
	faultAway      = Fault{Class: ClassUnavailable, Code: codeUnavailable, Message: refusal.UnavailableMessage}
	faultInternal  = Fault{Class: ClassInternal, Code: codeInternal}
	faultMismatch  = Fault{Class: ClassConflict, Code: codeKeyMismatch,
		Message: "The same idempotency key was used with another document or other variables. Use a new key."}
	faultNotAnyMore = Fault{Class: ClassDenied, Code: codeAccessDenied,
		Message: "Access denied for the answer to this idempotency key: it rests on access scopes or a fulfillment " +
			"service that the app no longer has. What was asked was carried out: read what the app may see of it."}
	faultConcurrent = Fault{Class: ClassConflict, Code: codeConcurrentRequest,
		Message: "A request with this idempotency key is being carried out. Send the same again in a moment."}
)

// CarryOut carries an operation of a request out, in the time that a request has, and once if it has idempotency keys.
// The context is the request's.
func (g *Gateway) CarryOut(ctx context.Context, caller access.Caller, op Operation) Answer {
	ctx, cancel := g.workContext(ctx, op.Changes)
	defer cancel()
	if len(op.Keys) == 0 || !g.mayReplay(caller, op.Uses) {
		return g.spend(ctx, caller, op)
	}
	return g.once(ctx, caller, op, func(ctx context.Context, caller access.Caller) Answer {
		return g.spend(ctx, caller, op)
	})
}

// mayReplay tells whether a stored answer is for the app: not if it may not ask any more.
func (g *Gateway) mayReplay(caller access.Caller, uses []string) bool {
	return g.mayCall == nil || !slices.ContainsFunc(uses, func(name string) bool { return !g.mayCall(caller, name) })
}

// workContext bounds an operation's time. One that only reads ends when whoever asked hangs up; one that changes
// something goes on, since what it has begun is better finished, and others may wait for its answer. Both end when the
// server is told to end at once.
func (g *Gateway) workContext(request context.Context, changes bool) (context.Context, context.CancelFunc) {
	ctx := request
	if changes {
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	stop := context.AfterFunc(serverContext(request), cancel)
	return ctx, func() { stop(); cancel() }
}
