package gateway

import (
	"net/http"
	"runtime/debug"
)

// recovery answers for a handler that panicked. What it panicked with is logged, and not told.
func (g *Gateway) recovery(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares it the same way.
				panic(p)
			}
			ctx := r.Context()
			g.logger.ErrorContext(
				ctx, "a request panicked", "request_id", RequestID(ctx), "panic", p, "stack", string(debug.Stack()),
			)
			recordFrom(ctx).class = ClassInternal
			writeJSON(w, http.StatusInternalServerError, response{Errors: internalError(ctx)})
		}()
		next.ServeHTTP(w, r)
	})
}
