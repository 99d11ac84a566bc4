package gateway

import (
	"context"
	"net/http"

	"packhorse/internal/graphql/document"
)

// The classes of outcomes, for the access log and the metrics.
const (
	ClassOK           = "ok"
	ClassUserError    = "user_error"   // refused by a rule, see userErrors
	ClassBadRequest   = "bad_request"  // no document to carry out: body, syntax, validation, variables
	ClassUnauthorized = "unauthorized" // no such token
	ClassDenied       = "denied"       // the app may not
	ClassNotFound     = "not_found"
	ClassThrottled    = "throttled"
	ClassConflict     = "conflict" // of idempotency keys
	ClassReplayed     = "replayed" // the stored answer of an idempotency key
	ClassTimeout      = "timeout"
	ClassUnavailable  = "unavailable" // for a moment
	ClassInternal     = "internal"
	ClassOther        = "other"
)

// classOf is the class of an error by its extensions.code.
var classOf = map[string]string{
	document.CodeBadRequest:   ClassBadRequest,
	codeAccessDenied:          ClassDenied,
	codeNotFound:              ClassNotFound,
	codeThrottled:             ClassThrottled,
	codeMaxCostExceeded:       ClassThrottled,
	codeMaxInputExceeded:      ClassBadRequest,
	codeAnswerTooLarge:        ClassThrottled,
	codeKeyMismatch:           ClassConflict,
	codeConcurrentRequest:     ClassConflict,
	codeInvalidIdempotencyKey: ClassBadRequest,
	codeTimeout:               ClassTimeout,
	codeUnavailable:           ClassUnavailable,
	codeInternal:              ClassInternal,
}

// record is what is found out about a request while it is handled. It belongs to one goroutine.
type record struct {
	app       string   // handle
	operation string   // the name that the document gives it
	kind      string   // query or mutation
	fields    []string // names of the root fields, without repetition
	cost      int      // points taken
	spent     bool     // what it cost was taken from the bucket, or was not there
	due       int      // points that are still to be taken
	class     string
}

// note is what the access log and the metrics say of the operation.
func (r *record) note(name, kind string, fields []string) {
	r.operation, r.kind, r.fields = name, kind, fields
}

type recordKey struct{}

func withRecord(ctx context.Context, r *record) context.Context {
	return context.WithValue(ctx, recordKey{}, r)
}

// recordFrom is the request's record; one that nobody reads, outside requests.
func recordFrom(ctx context.Context) *record {
	if r, ok := ctx.Value(recordKey{}).(*record); ok {
		return r
	}
	return &record{}
}

// recorder notes the status and the size of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += n
	return n, err
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
