package gatewaytest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Option changes a request before it is sent.
type Option func(*http.Request)

// Header sets a header.
func Header(name, value string) Option {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// Key sets an idempotency key.
func Key(key string) Option { return Header("Idempotency-Key", key) }

// Send sends an operation. An error means that there was no answer of the API, whatever it says.
func (a *App) Send(ctx context.Context, query string, variables map[string]any, options ...Option) (*Answer, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	return a.SendBody(ctx, body, options...)
}

// SendBody sends anything as a request's body.
func (a *App) SendBody(ctx context.Context, body []byte, options ...Option) (*Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.server.URL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Shopify-Access-Token", a.Token)
	for _, change := range options {
		change(request)
	}
	response, err := a.server.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("send the request: %w", err)
	}
	defer response.Body.Close()
	given, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return ReadAnswer(response.StatusCode, response.Header, given)
}

// Reporter is a *testing.T, or what else tests are told of failures by.
type Reporter interface {
	Helper()
	Context() context.Context
	Fatalf(format string, args ...any)
}

// Do sends an operation whose answer must be a GraphQL one. Its errors are the caller's to look at.
func (a *App) Do(t Reporter, query string, variables map[string]any, options ...Option) *Answer {
	t.Helper()
	answer, err := a.Send(t.Context(), query, variables, options...)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if answer.Status != http.StatusOK {
		t.Fatalf("status %d: %s", answer.Status, answer.Body)
	}
	return answer
}

// Must sends an operation that must be carried out: without errors, and without user errors in any payload.
func (a *App) Must(t Reporter, query string, variables map[string]any, options ...Option) *Answer {
	t.Helper()
	answer := a.Do(t, query, variables, options...)
	if refused := answer.Refusals(); len(refused) > 0 {
		t.Fatalf("refused: %v\n%s\n%v", refused, query, variables)
	}
	return answer
}
