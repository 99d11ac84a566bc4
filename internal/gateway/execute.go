package gateway

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
)

// execute runs the resolvers of a document.
func (g *Gateway) execute(ctx context.Context, operation *graphql.OperationContext) (r response) {
	p := &presenter{Gateway: g, deadline: ctx}
	operation.RecoverFunc = p.recover
	defer func() {
		if v := recover(); v != nil { // Outside resolvers; an idempotency key must get its answer all the same.
			p.log(ctx, slog.LevelError, "executing an operation panicked", "panic", v, "stack", string(debug.Stack()))
			r = response{Errors: internalError(ctx)}
		}
	}()
	if g.around != nil {
		ctx = g.around(ctx)
	}
	ctx = graphql.WithOperationContext(ctx, operation)
	ctx = graphql.WithResponseContext(ctx, p.present, p.recover)
	if executed := g.schema.Exec(ctx)(ctx); executed != nil {
		r.Data, r.Errors = executed.Data, executed.Errors
	}
	r.Extensions = graphql.GetExtensions(ctx)
	r.Errors = append(r.Errors, graphql.GetErrors(ctx)...)
	return r
}

// refusedByRule is how a mutation's answer looks, in its JSON, when a rule refused it: userErrors, or
// locationActivateUserErrors and the like, have an item. In strings, quotes are escaped.
var refusedByRule = []byte(`serErrors":[{`)

// classify finds the class of a document's answer, which is that of its first error, and whether asking again could not
// change it.
func classify(r response) (class string, durable bool) {
	class, durable = ClassOK, true
	if bytes.Contains(r.Data, refusedByRule) {
		class = ClassUserError
	}
	for i, err := range r.Errors {
		code := codeOf(err)
		if passing[code] {
			durable = false
		}
		if i == 0 {
			class = cmp.Or(classOf[code], ClassOther)
		}
	}
	return class, durable
}
