package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/document"
	"packhorse/internal/postgres"
	"packhorse/internal/refusal"
)

// The values of extensions.code that the gateway gives or looks for. Others come with the document's errors.
const (
	codeAccessDenied          = access.Code
	codeNotFound              = "RESOURCE_NOT_FOUND"
	codeThrottled             = "THROTTLED"
	codeMaxCostExceeded       = document.CodeMaxCostExceeded
	codeMaxInputExceeded      = document.CodeMaxInputExceeded
	codeAnswerTooLarge        = "MAX_ANSWER_SIZE_EXCEEDED"
	codeTimeout               = "TIMEOUT"
	codeUnavailable           = refusal.Unavailable
	codeInternal              = refusal.Internal
	codeKeyMismatch           = refusal.KeyMismatch
	codeConcurrentRequest     = "IDEMPOTENCY_CONCURRENT_REQUEST"
	codeInvalidIdempotencyKey = "INVALID_IDEMPOTENCY_KEY"
)

// passing is what has a chance to be gone when the same is sent again: an answer with it is not stored. A denial is
// gone once the app has the scope.
var passing = map[string]bool{
	codeInternal: true, codeTimeout: true, codeUnavailable: true, codeThrottled: true, codeAccessDenied: true,
}

const timeoutMessage = "No answer in time. What was asked may still be carried out: look at the state, or send the " +
	"same again with the same idempotency key."

func newError(code, format string, args ...any) *gqlerror.Error {
	return &gqlerror.Error{Message: fmt.Sprintf(format, args...), Extensions: map[string]any{"code": code}}
}

// internalError is what an asker is told of a fault on our side: nothing but how to ask for it.
func internalError(ctx context.Context) gqlerror.List {
	id := RequestID(ctx)
	e := newError(
		codeInternal,
		"Internal error. Looks like something went wrong on our end. "+
			"Request ID: %s (include this in support requests).",
		id,
	)
	e.Extensions["requestId"] = id
	return gqlerror.List{e}
}

// codeOf is an error's extensions.code; empty if it has none.
func codeOf(err *gqlerror.Error) string {
	code, _ := err.Extensions["code"].(string)
	return code
}

// presenter turns what resolvers fail with into errors of one answer. An error that brings its own code is passed on as
// it is, and so is what a refusal says; of any other the asker learns only that there was one, and the log its cause,
// the first time in a request.
type presenter struct {
	*Gateway
	deadline context.Context // of the execution
	faults   atomic.Int32
	told     atomic.Int32
	left     atomic.Int32 // errors that are not told
}

// What the errors of an answer may come to: a field that fails is repeated by aliases, and by the objects of a page.
const (
	maxErrors     = 100
	maxErrorBytes = 256 << 10
)

// bounded is the errors that an answer has: as many as there is room for, with their texts clipped, and a last one that
// counts those that are left out, with these more.
func bounded(errs gqlerror.List, left int) gqlerror.List {
	var told gqlerror.List
	room := maxErrorBytes
	for _, e := range errs {
		if text := document.Clip(e.Message); text != e.Message {
			clipped := *e
			clipped.Message, e = text, &clipped
		}
		if room -= len(encode(e)); room < 0 {
			break
		}
		told = append(told, e)
	}
	if left += len(errs) - len(told); left > 0 {
		told = append(told, &gqlerror.Error{Message: fmt.Sprintf("Too many errors: %d more are left out.", left)})
	}
	return told
}

// extended is an error that knows its extensions, such as *access.Denied.
type extended interface {
	error
	Extensions() map[string]any
}

// present is nil for those that are too many.
func (p *presenter) present(ctx context.Context, err error) *gqlerror.Error {
	if p.told.Add(1) > maxErrors {
		p.left.Add(1)
		return nil
	}
	shown := &gqlerror.Error{Path: graphql.GetPath(ctx)}
	if located, ok := errors.AsType[*gqlerror.Error](err); ok {
		for known := located; ok; known, ok = errors.AsType[*gqlerror.Error](known.Err) {
			if codeOf(known) != "" {
				return known
			}
		}
		shown.Path, shown.Locations = located.Path, located.Locations
		if located.Err != nil {
			err = located.Err // Without the place in the document, which is in the log anyway.
		}
	}
	known, hasCode := errors.AsType[extended](err)
	refused, isRefusal := fulfillment.AsError(err)
	var showing refusal.Showing
	if isRefusal {
		showing = refusal.Of(refused.Code)
	}
	switch {
	case hasCode:
		shown.Message, shown.Extensions = known.Error(), known.Extensions()
	case p.deadline.Err() != nil && !showing.EndsField:
		shown.Message, shown.Extensions = timeoutMessage, map[string]any{"code": codeTimeout}
		p.log(ctx, slog.LevelWarn, "no answer in time", "path", shown.Path.String(), "error", err)
	case isRefusal:
		switch {
		case showing.Retry: // The asker is not told what stands in the way.
			p.log(ctx, slog.LevelWarn, "no answer yet", "path", shown.Path.String(), "error", refused)
		case showing.Fault:
			p.log(ctx, slog.LevelError, "a fault of ours", "path", shown.Path.String(), "error", refused)
		}
		shown.Message = cmp.Or(showing.Message, refused.Message)
		shown.Extensions = map[string]any{"code": showing.GraphQL}
	case postgres.IsUnavailable(err):
		shown.Message, shown.Extensions = refusal.UnavailableMessage, map[string]any{"code": codeUnavailable}
		p.log(ctx, slog.LevelError, "the database does not answer", "path", shown.Path.String(), "error", err)
	default:
		told := internalError(ctx)[0]
		shown.Message, shown.Extensions = told.Message, told.Extensions
		p.log(ctx, slog.LevelError, "a resolver failed", "path", shown.Path.String(), "error", err)
	}
	return shown
}

// errPanicked stands for a panic that was logged when it was recovered.
var errPanicked = errors.New("a resolver panicked")

// recover is for gqlgen: a resolver that panics must not end the process.
func (p *presenter) recover(ctx context.Context, value any) error {
	p.log(
		ctx, slog.LevelError, "a resolver panicked", "path", graphql.GetPath(ctx).String(), "panic", value, "stack",
		string(debug.Stack()),
	)
	shown := internalError(ctx)[0]
	shown.Path = graphql.GetPath(ctx)
	shown.Err = errPanicked
	return shown
}

func (p *presenter) log(ctx context.Context, level slog.Level, message string, attributes ...any) {
	if p.faults.Add(1) == 1 {
		p.logger.Log(ctx, level, message, append([]any{"request_id", RequestID(ctx)}, attributes...)...)
	}
}
