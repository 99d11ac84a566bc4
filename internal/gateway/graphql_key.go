package gateway

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/document"
	"packhorse/internal/operation"
	"packhorse/internal/refusal"
)

const keyDirective = "idempotent"

// documentKeys is the idempotency keys of a document: of its mutation fields by response name, and all of them once.
type documentKeys struct {
	fields map[string]string
	names  []string // sorted
	// beside is the header's key of a request in which fields have keys of their own, too: it belongs to what is asked,
	// because under another one the fields without a key of their own are other work.
	beside string
}

// keysOf finds the keys of a mutation: a field's is that of its directive, else that of the header. Keys of queries
// mean nothing.
func keysOf(r *http.Request, p *document.Prepared, fields []graphql.CollectedField) (documentKeys, *Fault) {
	keys := documentKeys{fields: map[string]string{}}
	if p.Operation.Operation != ast.Mutation {
		return keys, nil
	}
	byDirective := map[string]bool{}
	header, hasHeader, invalid := headerKey(r)
	if invalid != nil {
		return keys, invalid
	}
	if hasHeader {
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
			return keys, invalidKey("@%s of %s: %v", keyDirective, field.Alias, err)
		}
		if byDirective[key] {
			why := faultMismatch
			why.Message = "Two fields of a request have the same idempotency key: each needs one of its own."
			return keys, &why
		}
		byDirective[key] = true
		keys.fields[field.Alias] = key
		keys.names = append(keys.names, key)
	}
	if hasHeader && len(byDirective) > 0 {
		keys.beside = header
	}
	slices.Sort(keys.names)
	keys.names = slices.Compact(keys.names)
	return keys, nil
}

// headerKey is the idempotency key of a request as a whole; false if it has none.
func headerKey(r *http.Request) (string, bool, *Fault) {
	switch given := r.Header[keyHeader]; len(given) {
	case 0:
		return "", false, nil
	case 1:
		if err := operation.CheckKey(given[0]); err != nil {
			return "", false, invalidKey("%s: %v", keyHeader, err)
		}
		return given[0], true, nil
	}
	return "", false, invalidKey("%s: there is more than one", keyHeader)
}

func invalidKey(format string, args ...any) *Fault {
	return &Fault{Class: ClassBadRequest, Code: codeInvalidIdempotencyKey, Message: fmt.Sprintf(format, args...)}
}

// withFieldKey puts a mutation field's key into the context of its resolver.
func (k documentKeys) withFieldKey(ctx context.Context, app fulfillment.ID, field string) context.Context {
	name, ok := k.fields[field]
	if !ok {
		return ctx
	}
	return operation.WithKey(ctx, operation.Key{App: app, Name: name, Field: field})
}

// needsKey is the mutation fields that say themselves what is wrong with their idempotency key, and the version of the
// API from which on they need one.
var needsKey = map[string]string{"locationActivate": "2026-04", "locationDeactivate": "2026-04"}

// keyNeeded is the error of a mutation field that lacks a key that it needs.
type keyNeeded struct{}

// Error is the message.
func (keyNeeded) Error() string {
	return "The @idempotent directive is required for this mutation but was not provided."
}

// Extensions is the extensions object of the error in an answer.
func (keyNeeded) Extensions() map[string]any { return map[string]any{"code": refusal.BadRequest} }

// withKeyNeeded puts into the context of a mutation field's resolver that the field lacks a key that it needs.
func (k documentKeys) withKeyNeeded(ctx context.Context, field *ast.Field, version string) context.Context {
	since, needed := needsKey[field.Name]
	if _, has := k.fields[field.Alias]; has || !needed || version < since { // "unstable" comes after any number.
		return ctx
	}
	return operation.WithKeyFault(ctx, keyNeeded{})
}

// tellKeyFaults tells whether all of a document's fields say themselves what is wrong with their keys.
func tellKeyFaults(fields []graphql.CollectedField) bool {
	return len(fields) > 0 && !slices.ContainsFunc(fields, func(field graphql.CollectedField) bool {
		_, tells := needsKey[field.Name]
		return !tells
	})
}

// refusalOf is a fault with an idempotency key in the words of such fields; nil: it is another fault.
func refusalOf(why Fault) *fulfillment.Error {
	switch why.Code {
	case codeKeyMismatch:
		return fulfillment.KeyMismatch()
	case codeConcurrentRequest:
		return fulfillment.KeyInUse()
	}
	return nil
}
