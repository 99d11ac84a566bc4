// Package trial tells whether a warehouse keeps the contract, point by point, by talking to it over HTTP as Packhorse
// does and as nobody should, and by taking its callbacks. It takes requests on at the warehouse, so it is for one where
// nothing is shipped.
package trial

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/standardwebhook"
)

// Config is which warehouse is tried, and how.
type Config struct {
	URL     string
	Secrets standardwebhook.Secrets // that sign what the warehouse is sent
	Rules   callback.Rules          // for its address
	SKU     string                  // what is asked for
	Timeout time.Duration           // for a call

	Callbacks Callbacks // of the warehouse
}

// Verdict says whether a point holds.
type Verdict string

// The verdicts.
const (
	Holds    Verdict = "HOLDS"
	Broken   Verdict = "BROKEN"
	NotTried Verdict = "NOT_TRIED" // the warehouse does not do such things, or an answer came that leaves it open
)

// Result is what became of a point.
type Result struct {
	Point   string  `json:"point"`
	Rule    string  `json:"rule"` // what the contract says, in a sentence
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why,omitempty"` // unless it holds
}

// Point is something that a warehouse has to do.
type Point struct {
	Name string
	Rule string
	try  func(ctx context.Context, w *warehouse) error
}

// skipped is why a point can't be tried.
type skipped struct{ why string }

func (s skipped) Error() string { return s.why }

func skip(format string, args ...any) error { return skipped{fmt.Sprintf(format, args...)} }

// Run tries all points, one after the other, and tells of each as it is known. The error says that the warehouse can't
// be tried at all.
func Run(ctx context.Context, c Config, tell func(Result)) error {
	if c.Callbacks.Listener != nil {
		defer c.Callbacks.Listener.Close()
	}
	w, err := newWarehouse(c)
	if err != nil {
		return err
	}
	defer w.transport.CloseIdleConnections()
	if err := w.reach(ctx); err != nil {
		return err
	}
	defer w.receiver.serve()()
	for _, point := range Points() {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := Result{Point: point.Name, Rule: point.Rule, Verdict: Holds}
		if err := point.try(ctx, w); err != nil {
			r.Verdict, r.Why = Broken, err.Error()
			if errors.As(err, new(skipped)) {
				r.Verdict = NotTried
			}
		}
		tell(r)
	}
	return nil
}

// Points are all points, in the order in which they are tried.
func Points() []Point {
	return []Point{
		{"options_are_listed",
			"GET /options says which version is spoken, and what the warehouse can do.", optionsAreListed},
		{"unsigned_is_refused",
			"A request without a signature is refused with 401, and nothing is done.", unsignedIsRefused},
		{"wrong_secret_is_refused",
			"A request that another secret has signed is refused with 401, and nothing is done.",
			wrongSecretIsRefused},
		{"changed_body_is_refused", "A request whose body is another one than was signed is refused with 401.",
			changedBodyIsRefused},
		{"old_signature_is_refused", "A signature of more than 300 seconds ago is refused with 401.",
			signatureOf(-10 * time.Minute)},
		{"early_signature_is_refused", "A signature of more than 300 seconds ahead is refused with 401.",
			signatureOf(10 * time.Minute)},
		{"one_signature_of_several_is_enough",
			"Of several signatures, one that matches is enough: secrets are rotated.",
			oneOfSeveral},
		{"request_is_taken",
			"PUT takes a request on: 201 with ACCEPTED or REJECTED, or 202 with PENDING.", requestIsTaken},
		{"unknown_members_are_ignored", "Members that the warehouse does not know do no harm.", unknownMembers},
		{"key_may_have_all_characters", "A key has letters, digits and . _ ~ -, up to 300 of them.", allCharacters},
		{"same_request_is_one", "The same request under the same key is answered 200, as before.", sameRequest},
		{"other_request_is_a_conflict",
			"Another request under a key that is taken is 409, a problem with retryable: false.",
			otherRequest},
		{"requests_at_once_are_one", "The same request, eight times at once, is one.", requestsAtOnce},
		{"lookup_finds_the_request", "GET finds what was put: 200 with the answer as it stands.", lookupFinds},
		{"lookup_of_nothing_is_404", "GET of a key under which nothing was taken is 404, a problem.", lookupOfNothing},
		{"malformed_request_is_refused",
			"What is no JSON object of the contract is 4xx, a problem that is not retryable, " +
				"and nothing is taken.", malformedIsRefused},
		{"key_of_the_body_counts",
			"A body whose key is not that of the path is 4xx: the signature does not cover the path.",
			keyOfTheBody},
		{"cancellation_has_one_answer", "A cancellation is answered, the same way each time, and can be looked up.",
			cancellationHasOneAnswer},
		{"stopped_request_is_not_accepted", "A request that was stopped is found as REJECTED.", stoppedIsNotAccepted},
		{"cancellation_of_nothing_is_rejected", "A cancellation of a request that nobody knows is REJECTED, not 404.",
			cancellationOfNothing},
		{"withdrawn_request_is_not_taken", "A request that was withdrawn before it came is REJECTED when it comes.",
			withdrawnIsNotTaken},
		{"lookup_of_no_cancellation_is_404", "GET of a cancellation that never came is 404, a problem.",
			lookupOfNoCancellation},
		{"return_has_one_answer",
			"A return is answered, the same way each time, and can be looked up.", returnHasOneAnswer},
		{"documents_are_listed", "GET of documents lists those of the kind that is asked for.", documentsAreListed},
		{"rates_are_prices", "POST /rates says what can be chosen, in exact decimal text.", ratesArePrices},
		{"unknown_path_is_a_problem", "Errors are problem documents, with a title and the status.", unknownPath},
		{"callbacks_are_signed", "A callback has a signature of its raw body, and of the time when it is sent.",
			callbacksAreSigned},
		{"callbacks_are_of_the_contract", "A callback is of a type of the contract, with the body that it has there.",
			callbacksAreOfTheContract},
		{"callback_comes_again_after_a_failure",
			"A callback that was answered 500 comes again, with the same webhook-id.", callbackAfterFailure},
		{"callback_comes_again_without_an_answer",
			"A callback that got no answer in time comes again, with the same webhook-id.", callbackAfterSilence},
		{"callback_stays_the_same", "A callback that comes again has the same body, byte by byte.",
			repeatedCallbackIsTheSame},
		{"callbacks_are_in_order",
			"Of one request, each callback that is new has a higher sequence than the one before.",
			callbacksAreInOrder},
	}
}

// newKey is a key as Packhorse spells it, of a fulfillment order that does not exist.
func newKey() string { return fmt.Sprintf("fo-%d-1", 1<<62+rand.Int64N(1<<61)) }
