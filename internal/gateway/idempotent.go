package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/document"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
)

// Keys remembers what was asked under idempotency keys, and the answers: a *postgres.Store.
type Keys interface {
	ClaimKey(ctx context.Context, c postgres.KeyClaim) (postgres.ClaimedKey, error)
	AnswerKey(ctx context.Context, claimed postgres.ClaimedKey, answer []byte) error
	ReleaseKey(ctx context.Context, claimed postgres.ClaimedKey) error
}

const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotent-Replayed"
	keyDirective   = "idempotent"
	keyLifetime    = 24 * time.Hour
	// storeTimeout bounds how long an answer is tried to be stored, and belongs to the lease.
	storeTimeout = 5 * time.Second
	storePause   = 100 * time.Millisecond
)

// requestKeys is the idempotency keys of a request: of its mutation fields by response name, and all of them once, in
// an order that all requests share, so that two can't wait for each other.
type requestKeys struct {
	fields map[string]string
	names  []string
}

// keysOf finds the keys of a mutation: a field's is that of its directive, else that of the header. Keys of queries mean
// nothing.
func keysOf(r *http.Request, p *document.Prepared, fields []graphql.CollectedField) (requestKeys, *gqlerror.Error) {
	keys := requestKeys{fields: map[string]string{}}
	if p.Operation.Operation != ast.Mutation {
		return keys, nil
	}
	byDirective := map[string]bool{}
	header, hasHeader := r.Header.Get(keyHeader), len(r.Header[keyHeader]) > 0
	if len(r.Header[keyHeader]) > 1 {
		return keys, newError(codeInvalidIdempotencyKey, "%s: there is more than one", keyHeader)
	}
	if hasHeader {
		if err := operation.CheckKey(header); err != nil {
			return keys, newError(codeInvalidIdempotencyKey, "%s: %v", keyHeader, err)
		}
		keys.names = append(keys.names, header)
	}
	for _, field := range fields {
		directive := field.Directives.ForName(keyDirective)
		if directive == nil {
			if hasHeader {
				keys.fields[field.Alias] = header
			}
			continue
		}
		key, _ := directive.ArgumentMap(p.Variables)["key"].(string)
		if err := operation.CheckKey(key); err != nil {
			return keys, newError(codeInvalidIdempotencyKey, "@%s of %s: %v", keyDirective, field.Alias, err)
		}
		if byDirective[key] {
			return keys, newError(codeKeyMismatch, "Two fields of a request have the same idempotency key: each needs one of its own.")
		}
		byDirective[key] = true
		keys.fields[field.Alias] = key
		keys.names = append(keys.names, key)
	}
	slices.Sort(keys.names)
	keys.names = slices.Compact(keys.names)
	return keys, nil
}

// withFieldKey puts a mutation field's key into the context of its resolver.
func (k requestKeys) withFieldKey(ctx context.Context, app fulfillment.ID, field string) context.Context {
	name, ok := k.fields[field]
	if !ok {
		return ctx
	}
	return operation.WithKey(ctx, operation.Key{App: app, Name: name, Field: field})
}

// fingerprint identifies a document, the operation chosen from it, and its variables.
func fingerprint(r document.Request) [sha256.Size]byte {
	variables, err := json.Marshal(r.Variables) // Keys are sorted.
	if err != nil {                             // They came from JSON.
		variables = []byte(err.Error())
	}
	if len(r.Variables) == 0 {
		variables = []byte("{}")
	}
	parts, _ := json.Marshal([]string{r.Query, r.OperationName, string(variables)})
	return sha256.Sum256(parts)
}

// once carries a request out under its keys, or gives the answer that the same request got before. In this process,
// those who ask the same at the same time wait for one answer.
func (g *Gateway) once(ctx context.Context, app fulfillment.ID, keys requestKeys, print [sha256.Size]byte, run func() answer) (answer, bool) {
	f, leads := g.flights.join(app, keys.names, print)
	switch {
	case f.fingerprint != print:
		return mismatch(), false
	case !leads:
		select {
		case <-f.done:
			return f.answer, true
		case <-ctx.Done():
			return concurrent(), false
		}
	}
	defer g.flights.leave(app, keys.names, f)
	given, replayed := g.claimAndRun(ctx, app, keys.names, print, run)
	f.answer = given
	return given, replayed
}

func (g *Gateway) claimAndRun(ctx context.Context, app fulfillment.ID, names []string, print [sha256.Size]byte, run func() answer) (answer, bool) {
	var claimed []postgres.ClaimedKey
	for _, name := range names {
		c, err := g.keys.ClaimKey(ctx, postgres.KeyClaim{App: app, Key: name, Fingerprint: print[:], Lease: g.timeout + storeTimeout, Lifetime: keyLifetime})
		switch {
		case errors.Is(err, postgres.ErrKeyMismatch):
			g.release(ctx, claimed)
			return mismatch(), false
		case errors.Is(err, postgres.ErrKeyInUse):
			g.release(ctx, claimed)
			return concurrent(), false
		case err != nil:
			g.release(ctx, claimed)
			g.logger.ErrorContext(ctx, "can't claim an idempotency key", "request_id", RequestID(ctx), "error", err)
			return unclaimed(ctx, err), false
		case c.Answer != nil:
			// The keys before it are here only if whoever answered crashed before it had stored the answer for all.
			stored := answer{status: http.StatusOK, body: c.Answer, class: classReplayed, durable: true}
			return g.store(ctx, claimed, stored), true
		}
		claimed = append(claimed, c)
	}
	given := run()
	if !given.durable {
		g.release(ctx, claimed)
		return given, false
	}
	return g.store(ctx, claimed, given), false
}

// unclaimed is the answer when the database could not say whose a key is. Nothing was carried out.
func unclaimed(ctx context.Context, err error) answer {
	switch {
	case ctx.Err() != nil:
		return timedOut()
	case postgres.IsUnavailable(err):
		return notBegun(classUnavailable, nil, newError(codeUnavailable, unavailableMessage))
	}
	return notBegun(classInternal, nil, internalError(ctx)...)
}

// store stores the answer before anybody sees it: an answer that was given must be given again, and one that can't be
// stored could come out differently the next time.
func (g *Gateway) store(ctx context.Context, claimed []postgres.ClaimedKey, given answer) answer {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	for _, c := range claimed {
		err := g.keys.AnswerKey(ctx, c, given.body)
		for err != nil && !errors.Is(err, postgres.ErrKeyLost) && ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(storePause):
				err = g.keys.AnswerKey(ctx, c, given.body)
			}
		}
		switch {
		case errors.Is(err, postgres.ErrKeyLost):
			return concurrent()
		case err != nil:
			g.logger.ErrorContext(ctx, "can't store the answer to an idempotency key", "request_id", RequestID(ctx), "error", err)
			return timedOut()
		}
	}
	return given
}

// release lets the same be tried again at once. If it fails, the lease ends by itself.
func (g *Gateway) release(ctx context.Context, claimed []postgres.ClaimedKey) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	for _, c := range claimed {
		if err := g.keys.ReleaseKey(ctx, c); err != nil && !errors.Is(err, postgres.ErrKeyLost) {
			g.logger.WarnContext(ctx, "can't release an idempotency key", "request_id", RequestID(ctx), "error", err)
		}
	}
}

func timedOut() answer {
	return notBegun(classTimeout, nil, newError(codeTimeout, timeoutMessage))
}

func mismatch() answer {
	return notBegun(classConflict, nil, newError(codeKeyMismatch, "The same idempotency key was used with another document or other variables. Use a new key."))
}

func concurrent() answer {
	return notBegun(classConflict, nil, newError(codeConcurrentRequest, "A request with this idempotency key is being carried out. Send the same again in a moment."))
}
