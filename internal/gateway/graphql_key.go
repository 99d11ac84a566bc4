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
)

const keyDirective = "idempotent"

// documentKeys is the idempotency keys of a document: of its mutation fields by response name, and all of them once.
type documentKeys struct {
	fields map[string]string
	names  []string // sorted
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
