package gateway

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// executed is what came of a document.
type executed struct {
	answer response
	points int  // the least that it costs
	whole  bool // nothing is given back of what it may cost at the most
}

// execute runs the resolvers of a document, as far as there is room for the answer.
func (g *Gateway) execute(ctx context.Context, operation *graphql.OperationContext) (e executed) {
	p := &presenter{Gateway: g, deadline: ctx}
	m := newMeter(g.schema.Schema(), operation, g.maxAnswer)
	operation.RecoverFunc, operation.ResolverMiddleware = p.recover, m.around(operation.ResolverMiddleware)
	operation.RootResolverMiddleware = m.resolveRoot(operation.RootResolverMiddleware)
	defer func() {
		if v := recover(); v != nil { // Outside resolvers; an idempotency key must get its answer all the same.
			p.log(ctx, slog.LevelError, "executing an operation panicked", "panic", v, "stack", string(debug.Stack()))
			e.answer = response{Errors: internalError(ctx)}
		}
	}()
	if g.around != nil {
		ctx = g.around(ctx)
	}
	ctx = graphql.WithOperationContext(ctx, operation)
	ctx = graphql.WithResponseContext(ctx, p.present, p.recover)
	var r response
	if made := g.schema.Exec(ctx)(ctx); made != nil {
		r.Data, r.Errors = made.Data, made.Errors
	}
	r.Extensions = graphql.GetExtensions(ctx)
	r.Errors = bounded(append(r.Errors, graphql.GetErrors(ctx)...), int(p.left.Load()))
	if m.over.Load() || len(r.Data) > g.maxAnswer-maxErrorBytes {
		return executed{response{Data: json.RawMessage("null"), Errors: gqlerror.List{m.tooLarge()}}, m.points(), true}
	}
	return executed{r, m.points(), ctx.Err() != nil} // With all the time that there is, it costs all.
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
