package gateway

import (
	"context"
	"net/http"

	"packhorse/internal/graphql/document"
)

// The classes of outcomes, for the access log and the metrics.
const (
	classOK           = "ok"
	classUserError    = "user_error"   // refused by a rule, see userErrors
	classBadRequest   = "bad_request"  // no document to carry out: body, syntax, validation, variables
	classUnauthorized = "unauthorized" // no such token
	classDenied       = "denied"       // the app may not
	classNotFound     = "not_found"
	classThrottled    = "throttled"
	classConflict     = "conflict" // of idempotency keys
	classReplayed     = "replayed" // the stored answer of an idempotency key
	classTimeout      = "timeout"
	classUnavailable  = "unavailable" // for a moment
	classInternal     = "internal"
	classOther        = "other"
)

// classOf is the class of an error by its extensions.code.
var classOf = map[string]string{
	document.CodeBadRequest:   classBadRequest,
	codeAccessDenied:          classDenied,
	codeNotFound:              classNotFound,
	codeThrottled:             classThrottled,
	codeMaxCostExceeded:       classThrottled,
	codeKeyMismatch:           classConflict,
	codeConcurrentRequest:     classConflict,
	codeInvalidIdempotencyKey: classBadRequest,
	codeTimeout:               classTimeout,
	codeUnavailable:           classUnavailable,
	codeInternal:              classInternal,
}

// record is what is found out about a request while it is handled. It belongs to one goroutine.
type record struct {
	app       string   // handle
	operation string   // the name that the document gives it
	kind      string   // query or mutation
	fields    []string // names of the root fields, without repetition
	cost      int      // points taken
	class     string
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
