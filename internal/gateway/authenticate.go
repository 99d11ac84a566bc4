package gateway

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"packhorse/internal/access"
)

// Callers finds out who has a token: an *access.Authenticator.
type Callers interface {
	// Caller is who has the token, or [access.ErrUnknownToken].
	Caller(ctx context.Context, token string) (access.Caller, error)
}

const tokenHeader = "X-Shopify-Access-Token"

// unauthorized is Shopify's answer, the same whatever is wrong with the token.
const unauthorized = "[API] Invalid API key or access token (unrecognized login or wrong password)"

// authenticate lets those pass who have a token, before anything of their request is read.
func (g *Gateway) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		caller, err := g.callerOf(r)
		switch {
		case errors.Is(err, access.ErrUnknownToken):
			recordFrom(ctx).class = ClassUnauthorized
			writeError(w, http.StatusUnauthorized, unauthorized)
			return
		case err != nil:
			g.logger.ErrorContext(ctx, "can't look a caller up", "request_id", RequestID(ctx), "error", err)
			w.Header().Set("Retry-After", "1")
			writeError(
				w, http.StatusServiceUnavailable,
				"Service unavailable. Try again in a moment. Request ID: "+RequestID(ctx),
			)
			return
		}
		caller.RequestID = RequestID(ctx)
		recordFrom(ctx).app = caller.App.Handle
		next.ServeHTTP(w, r.WithContext(access.WithCaller(ctx, caller)))
	})
}

// callerOf looks the token up, in no more time than a request has: a database that says nothing must not keep anybody.
func (g *Gateway) callerOf(r *http.Request) (access.Caller, error) {
	ctx, cancel := context.WithTimeout(r.Context(), g.timeout)
	defer cancel()
	return g.callers.Caller(ctx, tokenOf(r))
}

// tokenOf is the token in Shopify's header, else a bearer token; empty if there is none.
func tokenOf(r *http.Request) string {
	if token := r.Header.Get(tokenHeader); token != "" {
		return token
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
