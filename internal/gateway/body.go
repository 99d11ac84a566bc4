package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"packhorse/internal/graphql/document"
)

// badRequest is a request from which no document can be read: its status and what it is told, the value of "errors".
type badRequest struct {
	status int
	errors any
}

func bad(status int, errors any) *badRequest { return &badRequest{status, errors} }

// missingQuery is Shopify's answer to a body without a document.
var missingQuery = bad(http.StatusBadRequest, map[string]string{"query": "Required parameter missing or invalid"})

func badBody(format string, args ...any) *badRequest {
	return bad(http.StatusBadRequest, map[string]string{"body": fmt.Sprintf(format, args...)})
}

// body is what was sent, before anybody has looked into it.
type body struct {
	kind string // its media type
	text []byte
}

// readBody reads a body of at most limit bytes: a JSON object, or the document alone as application/graphql. A GET
// request has none.
func readBody(w http.ResponseWriter, r *http.Request, limit int) (body, *badRequest) {
	if r.Method == http.MethodGet {
		return body{}, nil
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	if err != nil || kind != "application/json" && kind != "application/graphql" || charset != "" &&
		charset != "utf-8" {
		return body{}, bad(
			http.StatusUnsupportedMediaType,
			"Unsupported Media Type: send application/json (or application/graphql), in UTF-8",
		)
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return body{}, bad(
			http.StatusUnsupportedMediaType, "Unsupported Content-Encoding: send the body as it is",
		)
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(limit)))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return body{}, bad(
			http.StatusRequestEntityTooLarge, fmt.Sprintf("Payload Too Large: a body has %d bytes at the most", limit),
		)
	case err != nil:
		return body{}, badBody("The body could not be read to its end.")
	}
	return body{kind, text}, nil
}

// decode is the document and its variables, from the URL of a GET request or from a body for which limit was the most.
func (b body) decode(r *http.Request, limit int) (document.Request, *badRequest) {
	switch {
	case r.Method == http.MethodGet:
		return readQueryString(r)
	case !utf8.Valid(b.text):
		return document.Request{}, badBody("The body is not valid UTF-8.")
	case b.kind == "application/graphql":
		if len(bytes.TrimSpace(b.text)) == 0 {
			return document.Request{}, missingQuery
		}
		return document.Request{Query: string(b.text)}, nil
	}
	n, depth := measure(b.text)
	if depth > maxNesting {
		return document.Request{}, badBody("The body is nested more than %d levels deep.", maxNesting)
	}
	if most := max(limit/bytesPerInput, fewValues); n > most {
		return document.Request{}, bad(
			http.StatusRequestEntityTooLarge, fmt.Sprintf("Payload Too Large: a body has %d values at the most", most),
		)
	}
	return decodeRequest(b.text)
}

// bytesPerInput is how many bytes of a body a value has at least on average, if the body is as large as it may be:
// short ones take many times their size in memory. An ID alone has 40.
const (
	bytesPerInput = 16
	fewValues     = 10_000 // which any body may have
)

// maxNesting is how many lists and objects of a body may stand in each other. The deepest input has about ten.
const maxNesting = 100

// measure is how many items and fields there are in a JSON text, without the first of each list and object, and how
// deep those are nested.
func measure(body []byte) (values, deepest int) {
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case quoted:
		case c == ',':
			values++
		case c == '[' || c == '{':
			depth++
			deepest = max(deepest, depth)
		case c == ']' || c == '}':
			depth--
		}
	}
	return values, deepest
}

// decodeRequest reads the JSON object of a request. Fields that GraphQL over HTTP does not know are ignored, as it asks
// for; a known one that is there twice is refused, because two readers could take it for two requests.
func decodeRequest(body []byte) (document.Request, *badRequest) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // IDs have 63 bits.
	switch first, err := decoder.Token(); {
	case err != nil:
		return document.Request{}, notJSON(err)
	case first == json.Delim('['):
		return document.Request{}, badBody("Batches are not supported: send one operation in each request.")
	case first != json.Delim('{'):
		return document.Request{}, badBody("The body must be a JSON object with a query.")
	}
	var request document.Request
	seen := map[string]bool{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return document.Request{}, notJSON(err)
		}
		var value any
		if err := decoder.Decode(&value); err != nil {
			return document.Request{}, notJSON(err)
		}
		field, _ := name.(string)
		refused := setField(&request, field, value)
		if refused == nil && seen[field] {
			refused = badBody("The field %q is there twice.", clip(field))
		}
		if refused != nil {
			return document.Request{}, refused
		}
		seen[field] = true
	}
	if _, err := decoder.Token(); err != nil { // The closing brace.
		return document.Request{}, notJSON(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return document.Request{}, badBody("There is more after the JSON object.")
	}
	if strings.TrimSpace(request.Query) == "" {
		return document.Request{}, missingQuery
	}
	return request, nil
}

func setField(request *document.Request, name string, value any) *badRequest {
	switch value := value.(type) {
	case nil:
		return nil
	case string:
		switch name {
		case "query":
			request.Query = value
			return nil
		case "operationName":
			request.OperationName = value
			return nil
		}
	case map[string]any:
		switch name {
		case "variables":
			request.Variables = value
			return nil
		case "extensions":
			return nil // None is known here.
		}
	}
	switch name {
	case "query":
		return missingQuery
	case "operationName":
		return bad(http.StatusBadRequest, map[string]string{"operationName": "Must be a string"})
	case "variables":
		return bad(http.StatusBadRequest, map[string]string{"variables": "Must be an object"})
	case "extensions":
		return bad(http.StatusBadRequest, map[string]string{"extensions": "Must be an object"})
	}
	return nil
}

func notJSON(err error) *badRequest {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return badBody("The body is not valid JSON: %s at byte %d.", syntax, syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return badBody("The body is not valid JSON: it ends too early.")
	}
	return badBody("The body is not valid JSON.")
}
