package gatewaytest

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"packhorse/internal/gateway"
)

// Document asks for what is at the path of a document, and reads it.
func (a *App) Document(t testing.TB, path string) (status int, header http.Header, content string) {
	t.Helper()
	url := strings.TrimSuffix(a.server.URL, gateway.Endpoint()) + path
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Shopify-Access-Token", a.Token)
	response, err := a.server.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(body)
}
