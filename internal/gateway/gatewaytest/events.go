package gatewaytest

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"packhorse/internal/gateway"
)

// Events asks for events of the feed; the query is what stands behind the path. Whoever asks closes the answer.
func (a *App) Events(ctx context.Context, query string, options ...Option) (*http.Response, error) {
	url := strings.TrimSuffix(a.server.URL, gateway.Endpoint()) + gateway.EventsPath + "?" + query
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	request.Header.Set("X-Shopify-Access-Token", a.Token)
	for _, change := range options {
		change(request)
	}
	response, err := a.server.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("send the request: %w", err)
	}
	return response, nil
}
