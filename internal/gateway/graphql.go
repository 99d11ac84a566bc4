package gateway

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"packhorse/internal/access"
	"packhorse/internal/graphql/document"
	"packhorse/internal/operation"
)

// costExtension is the name of an answer's extension that tells what it cost and what is left.
const costExtension = "cost"

// serveGraphQL answers one operation of a GraphQL document.
func (g *Gateway) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	caller, _ := access.CallerFrom(ctx)
	bucket, found := g.buckets.For(caller.TokenID.String()), recordFrom(ctx)
	if owes, left := bucket.Owes(time.Now()); owes {
		// Read all the same, or whoever sends it may not hear the answer.
		_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, int64(g.maxBody)))
		writeGraphQL(w, r, throttled(ctx, 0, left))
		return
	}
	sent, refused := readBody(w, r, g.maxBody)
	toRead := pointsToRead(len(sent.text))
	if ok, left := bucket.Take(time.Now(), toRead); !ok {
		writeGraphQL(w, r, throttled(ctx, toRead, left))
		return
	}
	var effort document.Effort
	defer func() { bucket.Charge(time.Now(), pointsToCheck(effort)+found.due) }()
	var request document.Request
	if refused == nil {
		request, refused = sent.decode(r, g.maxBody)
	}
	if refused != nil {
		found.due = pointsUnspent(nil)
		writeError(w, refused.status, refused.errors)
		return
	}
	prepared, effort, errs := g.documents.Prepare(request)
	if len(errs) > 0 {
		body := encode(response{Errors: bounded(errs, 0)})
		found.due = pointsUnspent(body)
		writeGraphQL(w, r, Answer{Status: http.StatusOK, Body: body, Class: ClassBadRequest})
		return
	}
	if r.Method == http.MethodGet && prepared.Operation.Operation != ast.Query {
		found.due = pointsUnspent(nil)
		w.Header().Set("Allow", http.MethodPost)
		writeError(w, http.StatusMethodNotAllowed, "Method Not Allowed: send mutations with "+http.MethodPost)
		return
	}
	given := g.answerGraphQL(r, request, prepared)
	if !found.spent {
		found.due += pointsUnspent(given.Body)
	}
	writeGraphQL(w, r, given)
}

// writeGraphQL writes an answer to a document in the form that is asked for.
func writeGraphQL(w http.ResponseWriter, r *http.Request, given Answer) {
	recordFrom(r.Context()).class = given.Class
	w.Header().Set("Vary", "Accept")
	if mediaFor(r.Header["Accept"]) == mediaGraphQL {
		w.Header().Set("Content-Type", mediaGraphQL+"; charset=utf-8")
		given.Status = statusOf(given.Body)
	}
	given.write(w)
}

// answerGraphQL translates a prepared document into an operation, and has it carried out.
func (g *Gateway) answerGraphQL(r *http.Request, request document.Request, p *document.Prepared) Answer {
	ctx := r.Context()
	caller, _ := access.CallerFrom(ctx)
	prepared := g.newOperationContext(p)
	points, errs := document.Estimate(g.schema.Schema(), p.Operation, p.Document, p.Variables, g.limits)
	var fields []graphql.CollectedField
	if !slices.ContainsFunc(errs, isCrowded) { // It takes the square of their number.
		fields = graphql.CollectFields(prepared, p.Operation.SelectionSet, []string{g.rootName(p.Operation.Operation)})
	}
	op := Operation{
		Changes: p.Operation.Operation == ast.Mutation, Uses: namesOf(fields),
		Refuse: refuseGraphQL,
	}
	recordFrom(ctx).note(p.Operation.Name, string(p.Operation.Operation), op.Uses)

	if op.Points = points.Cost; len(errs) > 0 {
		return g.tooMuch(caller, op.Points, errs)
	}
	keys, invalid := keysOf(r, p, fields)
	if invalid != nil {
		return refuseGraphQL(ctx, *invalid)
	}
	op.Keys, op.Fingerprint = keys.names, fingerprint(request, keys.beside)
	version := versionOf(r)
	prepared.RootResolverMiddleware = func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		field := graphql.GetRootFieldContext(ctx).Field
		ctx = operation.WithVersion(ctx, version)
		return next(keys.withKeyNeeded(keys.withFieldKey(ctx, caller.App.ID, field.Alias), field.Field, version))
	}
	op.Run = func(ctx context.Context) Outcome {
		e := g.execute(ctx, prepared)
		return g.outcomeOf(p, e, op.Points)
	}
	if tellKeyFaults(fields) {
		op.Refuse = func(ctx context.Context, why Fault) Answer {
			refused := refusalOf(why)
			if refused == nil {
				return refuseGraphQL(ctx, why)
			}
			e := g.execute(operation.WithKeyFault(ctx, refused), prepared)
			return Answer{Status: http.StatusOK, Body: encode(e.answer), Class: why.Class}
		}
	}
	return g.CarryOut(ctx, caller, op)
}

// isCrowded tells that an object, which may be the root, is asked for too many fields.
func isCrowded(err *gqlerror.Error) bool { return codeOf(err) == document.CodeMaxFieldsExceeded }

func (g *Gateway) newOperationContext(p *document.Prepared) *graphql.OperationContext {
	return &graphql.OperationContext{
		Doc: p.Document, Operation: p.Operation, OperationName: p.Operation.Name, Variables: p.Variables,
		ResolverMiddleware: g.fields,
	}
}

func (g *Gateway) rootName(kind ast.Operation) string {
	schema := g.schema.Schema()
	if kind == ast.Mutation && schema.Mutation != nil {
		return schema.Mutation.Name
	}
	return schema.Query.Name
}

// namesOf are the names of root fields, each once.
func namesOf(fields []graphql.CollectedField) []string {
	var names []string
	for _, field := range fields {
		if field.Name != "__typename" && !slices.Contains(names, field.Name) {
			names = append(names, field.Name)
		}
	}
	return names
}

// fingerprint identifies a document, the operation chosen from it, its variables, and the idempotency key of its header
// where fields have keys of their own beside that.
func fingerprint(r document.Request, beside string) [sha256.Size]byte {
	variables, err := json.Marshal(r.Variables) // Keys are sorted.
	if err != nil {                             // They came from JSON.
		variables = []byte(err.Error())
	}
	if len(r.Variables) == 0 {
		variables = []byte("{}")
	}
	parts := []string{r.Query, r.OperationName, string(variables)}
	if beside != "" {
		parts = append(parts, beside)
	}
	text, _ := json.Marshal(parts)
	return sha256.Sum256(text)
}

// maxCounted is the largest data, in bytes, of which the cost is counted anew: what is larger costs what it may cost at
// the most. To count it would take many times as much memory.
const maxCounted = 1 << 20

// outcomeOf is what the answer to a document came to that cost so many points at the most. A GraphQL answer has status
// 200, whatever it says.
func (g *Gateway) outcomeOf(p *document.Prepared, e executed, points int) Outcome {
	r := e.answer
	class, durable := classify(r)
	actual := points
	if !e.whole && e.points < points && len(r.Data) <= maxCounted {
		actual = max(
			e.points, document.Actual(g.schema.Schema(), p.Operation, p.Document, p.Variables, r.Data, points),
		)
	}
	return Outcome{
		Status: http.StatusOK, Class: class, Durable: durable, Points: actual, Beyond: max(0, e.points-points),
		Body: func(s Spent) []byte {
			answer := r
			answer.Extensions = costs(s)
			maps.Copy(answer.Extensions, r.Extensions)
			return encode(answer)
		},
	}
}

// refuseGraphQL is the answer to a document that was not carried out.
func refuseGraphQL(ctx context.Context, why Fault) Answer {
	r := response{Errors: gqlerror.List{newError(why.Code, "%s", why.Message)}}
	if why.Code == codeInternal {
		r.Errors = internalError(ctx)
	}
	if why.Spent != nil {
		r.Extensions = costs(*why.Spent)
	}
	return Answer{Status: http.StatusOK, Body: encode(r), Class: why.Class}
}

// throttled is the answer to what costs more than there is.
func throttled(ctx context.Context, points int, left Status) Answer {
	recordFrom(ctx).spent = true // There is nothing to pay it with.
	why := faultThrottled
	why.Spent = &Spent{Points: points, Left: left}
	return refuseGraphQL(ctx, why)
}

// tooMuch is the answer to a document that is beyond the limits of a single one.
func (g *Gateway) tooMuch(caller access.Caller, points int, errs gqlerror.List) Answer {
	_, left := g.buckets.For(caller.TokenID.String()).Owes(time.Now())
	class := cmp.Or(classOf[codeOf(errs[0])], ClassThrottled)
	body := encode(response{Errors: bounded(errs, 0), Extensions: costs(Spent{Points: points, Left: left})})
	return Answer{Status: http.StatusOK, Body: body, Class: class}
}

func costs(s Spent) map[string]any {
	return map[string]any{
		costExtension: extension{RequestedQueryCost: s.Points, ActualQueryCost: s.Actual, ThrottleStatus: s.Left},
	}
}

// extension is extensions.cost of an answer, in Shopify's words.
type extension struct {
	RequestedQueryCost int    `json:"requestedQueryCost"` // known before it was carried out
	ActualQueryCost    *int   `json:"actualQueryCost"`    // of the answer; null if it was not carried out
	ThrottleStatus     Status `json:"throttleStatus"`
}
