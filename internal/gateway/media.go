package gateway

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"packhorse/internal/graphql/document"
)

// The media types of answers. With plain JSON an answer to a document has status 200, whatever it says; with that of
// GraphQL the status tells whether the document was carried out.
const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
)

// mediaFor is the media type for a GraphQL answer to whoever sent the Accept header: GraphQL's own if it is named and
// nothing that is served is liked better, else JSON.
func mediaFor(accept []string) string { return preferred(accept, mediaJSON, mediaGraphQL) }

// preferred is the media type that whoever sent the Accept header likes best: of those that are liked as much the first
// that is named. The usual one is for those who name none of them, or anything.
func preferred(accept []string, usual string, others ...string) string {
	best, most := usual, 0.0
	for _, one := range strings.Split(strings.Join(accept, ","), ",") {
		kind, params, err := mime.ParseMediaType(one)
		if err != nil {
			continue
		}
		weight := 1.0
		if q, err := strconv.ParseFloat(params["q"], 64); err == nil {
			weight = q
		}
		switch {
		case kind == "*/*", kind == "application/*":
			kind = usual
		case kind != usual && !slices.Contains(others, kind):
			continue
		}
		if weight > most {
			best, most = kind, weight
		}
	}
	return best
}

// statusByCode is the status of an answer without data, as GraphQL over HTTP wants it, by the code of its first error;
// others are 400.
var statusByCode = map[string]int{
	codeAccessDenied:      http.StatusForbidden,
	codeThrottled:         http.StatusTooManyRequests,
	codeKeyMismatch:       http.StatusUnprocessableEntity,
	codeConcurrentRequest: http.StatusConflict,
	codeTimeout:           http.StatusGatewayTimeout,
	codeUnavailable:       http.StatusServiceUnavailable,
	codeInternal:          http.StatusInternalServerError,
}

// statusOf is the status of a GraphQL answer with the media type of GraphQL: 200 if it has data, be they null.
func statusOf(body []byte) int {
	if bytes.HasPrefix(body, []byte(`{"data":`)) {
		return http.StatusOK
	}
	var answer struct {
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.Unmarshal(body, &answer); err == nil && len(answer.Errors) > 0 {
		if status := statusByCode[answer.Errors[0].Extensions.Code]; status != 0 {
			return status
		}
	}
	return http.StatusBadRequest
}

// readQueryString reads the document and its variables from the URL of a GET request.
func readQueryString(r *http.Request) (document.Request, *badRequest) {
	var request document.Request
	if decoded, err := url.QueryUnescape(r.URL.RawQuery); err != nil || !utf8.ValidString(decoded) {
		return request, bad(http.StatusBadRequest, map[string]string{"url": "It is not valid UTF-8, URL-encoded."})
	}
	for name, values := range r.URL.Query() {
		if len(values) > 1 {
			return request, bad(http.StatusBadRequest, map[string]string{clip(name): "It is there twice"})
		}
		var value any = values[0]
		if name == "variables" || name == "extensions" {
			if values[0] == "" {
				continue
			}
			decoder := json.NewDecoder(strings.NewReader(values[0]))
			decoder.UseNumber()
			if decoder.Decode(&value) != nil || decoder.More() {
				value = values[0]
			}
		}
		if refused := setField(&request, name, value); refused != nil {
			return request, refused
		}
	}
	if strings.TrimSpace(request.Query) == "" {
		return request, missingQuery
	}
	return request, nil
}
