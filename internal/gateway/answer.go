package gateway

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// response is a GraphQL answer, in the order in which Shopify's API writes it.
type response struct {
	Data       json.RawMessage `json:"data,omitempty"` // absent where nothing was carried out
	Errors     gqlerror.List   `json:"errors,omitempty"`
	Extensions map[string]any  `json:"extensions,omitempty"`
}

// Answer is a whole answer, ready to be sent, and whether it may be given to others who ask the same.
type Answer struct {
	Status   int // of HTTP
	Body     []byte
	Class    string        // for the log and the metrics
	Durable  bool          // not for want of something that may be there the next time
	replayed bool          // it was given before
	grounds  []byte        // what it rests on, see [access.Grounds]; nil: it is not known
	keep     time.Duration // how long it may be given again; zero: as long as its keys are remembered
}

// again is the answer to whoever asks the same again.
func (a Answer) again() Answer {
	a.replayed = true
	return a
}

func (a Answer) write(w http.ResponseWriter) {
	if a.replayed {
		w.Header().Set(replayedHeader, "true")
	}
	writeBody(w, a.Status, a.Body)
}

// writeError writes what is no GraphQL answer, as Shopify does: text, or an object of texts, under "errors".
func writeError(w http.ResponseWriter, status int, errors any) {
	writeJSON(w, status, map[string]any{"errors": errors})
}

func writeJSON(w http.ResponseWriter, status int, document any) {
	writeBody(w, status, encode(document))
}

func writeBody(w http.ResponseWriter, status int, body []byte) {
	header := w.Header()
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", mediaJSON+"; charset=utf-8")
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // An error here means that whoever asked is gone.
}

// encode writes the answer without another copy of the data: they may fill it.
func (r response) encode() []byte {
	if r.Data == nil || !json.Valid(r.Data) {
		return marshal(r) // Which tells what is wrong with them.
	}
	data := r.Data
	r.Data = nil
	rest := marshal(r)
	var b bytes.Buffer
	b.Grow(len(data) + len(rest) + len(`"data":,`))
	b.WriteString(`{"data":`)
	b.Write(data)
	if len(rest) > len(`{}`) {
		b.WriteByte(',')
	}
	b.Write(rest[1:])
	return b.Bytes()
}

// encode writes JSON without escaping HTML: answers are byte for byte what resolvers gave.
func encode(document any) []byte {
	if r, ok := document.(response); ok {
		return r.encode()
	}
	return marshal(document)
}

func marshal(document any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		// Only a resolver that writes something else than JSON gets here.
		return []byte(
			`{"errors":[{"message":"The answer could not be written.","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`,
		)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
