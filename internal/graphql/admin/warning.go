package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/fulfillment"
)

// warningsExtension is the name under which an answer has its warnings in its extensions, each a [Warning].
const warningsExtension = "warnings"

// Warning says that a field does not show what is stored.
type Warning struct {
	Message string   `json:"message"`
	Path    ast.Path `json:"path"`
}

// mostWarnings is how many warnings an answer has at most: they are all alike.
const mostWarnings = 50

// warnings are those of one request.
type warnings struct {
	mu  sync.Mutex
	all []Warning
}

// MarshalJSON writes the list.
func (w *warnings) MarshalJSON() ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return json.Marshal(w.all)
}

// warn notes on the present field that it does not show what is stored.
func warn(ctx context.Context, format string, args ...any) {
	w := &LoadersFrom(ctx).warned
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.all) == 0 {
		graphql.RegisterExtension(ctx, warningsExtension, w)
	}
	if len(w.all) < mostWarnings {
		w.all = append(w.all, Warning{fmt.Sprintf(format, args...), graphql.GetPath(ctx)})
	}
}

// servedCountry is a stored country's code. One that the API has no name for is null, with a warning: it was stored
// before such codes were refused.
func servedCountry(ctx context.Context, code string) *string {
	if code == "" || fulfillment.IsCountry(code) {
		return optional(code)
	}
	warn(ctx, "The stored country %q is none of CountryCode.", code)
	return nil
}

// servedCurrency is a stored currency's code, and XXX, with a warning, for one that the API has no name for: a currency
// can't be null.
func servedCurrency(ctx context.Context, code string) string {
	if fulfillment.IsCurrency(code) {
		return code
	}
	warn(ctx, "The stored currency %q is none of CurrencyCode: it is shown as %s.", code, fulfillment.UnknownCurrency)
	return fulfillment.UnknownCurrency
}
