package gateway

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"runtime/debug"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/access"
	"packhorse/internal/graphql/document"
)

// serveGraphQL answers one operation.
func (g *Gateway) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	request, refused := readRequest(w, r, g.maxBody)
	if refused != nil {
		writeError(w, refused.status, refused.errors)
		return
	}
	prepared, errs := g.documents.Prepare(request)
	if len(errs) > 0 {
		recordFrom(r.Context()).class = classBadRequest
		writeJSON(w, http.StatusOK, response{Errors: errs})
		return
	}
	ctx, cancel := g.workContext(r, prepared.Operation.Operation)
	defer cancel()
	given := g.carryOut(ctx, w, r, request, prepared)
	recordFrom(ctx).class = given.class
	given.write(w)
}

// workContext bounds an operation's time. A query ends when the asker hangs up; a mutation goes on, since what it has
// begun is better finished, and others may wait for its answer. Both end when the server is told to end at once.
func (g *Gateway) workContext(r *http.Request, kind ast.Operation) (context.Context, context.CancelFunc) {
	ctx := r.Context()
	if kind == ast.Mutation {
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	stop := context.AfterFunc(serverContext(r.Context()), cancel)
	return ctx, func() { stop(); cancel() }
}

// carryOut carries a prepared operation out, once if it has idempotency keys.
func (g *Gateway) carryOut(ctx context.Context, w http.ResponseWriter, r *http.Request, request document.Request, p *document.Prepared) answer {
	caller, _ := access.CallerFrom(ctx)
	operation := newOperation(p)
	fields := graphql.CollectFields(operation, p.Operation.SelectionSet, []string{g.rootName(p.Operation.Operation)})
	note(recordFrom(ctx), p.Operation, fields)

	points, errs := g.estimate(p)
	if len(errs) > 0 {
		return g.tooMuch(caller, points, errs)
	}
	keys, invalid := keysOf(r, p, fields)
	if invalid != nil {
		return notBegun(classOf[codeOf(invalid)], nil, invalid)
	}
	operation.RootResolverMiddleware = func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		return next(keys.withFieldKey(ctx, caller.App.ID, graphql.GetRootFieldContext(ctx).Field.Alias))
	}
	run := func() answer {
		return g.spend(ctx, caller, p, points, func() outcome { return g.execute(ctx, operation) })
	}
	if len(keys.names) == 0 || !g.mayReplay(caller, fields) {
		return run()
	}
	given, replayed := g.once(ctx, caller.App.ID, keys, fingerprint(request), run)
	if replayed {
		w.Header().Set(replayedHeader, "true")
	}
	return given
}

// mayReplay tells whether a stored answer is for the app: not if it may not ask any more.
func (g *Gateway) mayReplay(caller access.Caller, fields []graphql.CollectedField) bool {
	return g.mayCall == nil || !slices.ContainsFunc(fields, func(f graphql.CollectedField) bool {
		return f.Name != "__typename" && !g.mayCall(caller, f.Name)
	})
}

func newOperation(p *document.Prepared) *graphql.OperationContext {
	return &graphql.OperationContext{
		Doc: p.Document, Operation: p.Operation, OperationName: p.Operation.Name, Variables: p.Variables,
		ResolverMiddleware: func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
	}
}

func (g *Gateway) rootName(kind ast.Operation) string {
	schema := g.schema.Schema()
	if kind == ast.Mutation && schema.Mutation != nil {
		return schema.Mutation.Name
	}
	return schema.Query.Name
}

// note is what the access log and the metrics say of the operation.
func note(found *record, operation *ast.OperationDefinition, fields []graphql.CollectedField) {
	found.operation, found.kind = operation.Name, string(operation.Operation)
	for _, field := range fields {
		if field.Name != "__typename" && !slices.Contains(found.fields, field.Name) {
			found.fields = append(found.fields, field.Name)
		}
	}
}

// outcome is what executing an operation came to.
type outcome struct {
	response response
	class    string
	durable  bool
}

func (o outcome) answer() answer { return newAnswer(http.StatusOK, o.class, o.durable, o.response) }

// execute runs the resolvers.
func (g *Gateway) execute(ctx context.Context, operation *graphql.OperationContext) (o outcome) {
	p := &presenter{Gateway: g, deadline: ctx}
	operation.RecoverFunc = p.recover
	defer func() {
		if v := recover(); v != nil { // Outside resolvers; an idempotency key must get its answer all the same.
			p.log(ctx, "executing an operation panicked", "panic", v, "stack", string(debug.Stack()))
			o = classify(response{Errors: internalError(ctx)})
		}
	}()
	if g.around != nil {
		ctx = g.around(ctx)
	}
	ctx = graphql.WithOperationContext(ctx, operation)
	ctx = graphql.WithResponseContext(ctx, p.present, p.recover)
	r := response{}
	if executed := g.schema.Exec(ctx)(ctx); executed != nil {
		r.Data, r.Errors = executed.Data, executed.Errors
	}
	r.Errors = append(r.Errors, graphql.GetErrors(ctx)...)
	return classify(r)
}

// refusedByRule is how a mutation's answer looks, in its JSON, when a rule refused it. In strings, quotes are escaped.
var refusedByRule = []byte(`"userErrors":[{`)

// classify finds an outcome's class, which is that of its first error, and whether asking again could change it.
func classify(r response) outcome {
	o := outcome{response: r, class: classOK, durable: true}
	if bytes.Contains(r.Data, refusedByRule) {
		o.class = classUserError
	}
	for i, err := range r.Errors {
		code := codeOf(err)
		if passing[code] {
			o.durable = false
		}
		if i == 0 {
			o.class = cmp.Or(classOf[code], classOther)
		}
	}
	return o
}
