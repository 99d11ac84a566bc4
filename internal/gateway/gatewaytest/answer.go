package gatewaytest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Answer is what the API answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte

	Data   map[string]any
	Errors []Error
	Cost   *Cost
	// Other is what stands under "errors" where that is no list of GraphQL errors.
	Other any
}

// Error is an error of a whole request, or of one of its fields.
type Error struct {
	Message    string `json:"message"`
	Path       []any  `json:"path"`
	Extensions struct {
		Code string `json:"code"`
	} `json:"extensions"`
}

func (e Error) String() string { return strings.TrimSpace(e.Extensions.Code + " " + e.Message) }

// Cost is what an answer tells of its cost.
type Cost struct {
	Requested int  `json:"requestedQueryCost"`
	Actual    *int `json:"actualQueryCost"`
	Throttle  struct {
		Maximum     float64 `json:"maximumAvailable"`
		Available   float64 `json:"currentlyAvailable"`
		RestoreRate float64 `json:"restoreRate"`
	} `json:"throttleStatus"`
}

// UserError is a refusal in a mutation's payload.
type UserError struct {
	Field   []string `json:"field"`
	Message string   `json:"message"`
	Code    string   `json:"code"`
}

func (e UserError) String() string {
	return strings.TrimSpace(e.Code + " " + strings.Join(e.Field, ".") + " " + e.Message)
}

// ReadAnswer reads an answer. Every answer of the API is a JSON object.
func ReadAnswer(status int, header http.Header, body []byte) (*Answer, error) {
	a := &Answer{Status: status, Header: header, Body: body}
	var parts struct {
		Data       map[string]any  `json:"data"`
		Errors     json.RawMessage `json:"errors"`
		Extensions struct {
			Cost *Cost `json:"cost"`
		} `json:"extensions"`
	}
	if err := json.Unmarshal(body, &parts); err != nil {
		return nil, fmt.Errorf("the answer (status %d) is no JSON object: %w: %.300q", status, err, body)
	}
	a.Data, a.Cost = parts.Data, parts.Extensions.Cost
	if parts.Errors != nil && json.Unmarshal(parts.Errors, &a.Errors) != nil {
		a.Errors = nil
		if err := json.Unmarshal(parts.Errors, &a.Other); err != nil {
			return nil, fmt.Errorf("the errors of the answer are no JSON: %w", err)
		}
	}
	return a, nil
}

// RequestID is the request's ID, by which the server knows it.
func (a *Answer) RequestID() string { return a.Header.Get("X-Request-Id") }

// Codes lists the codes of the errors.
func (a *Answer) Codes() []string {
	var codes []string
	for _, e := range a.Errors {
		codes = append(codes, e.Extensions.Code)
	}
	return codes
}

// UserErrors lists the user errors of all payloads, where the document selects them.
func (a *Answer) UserErrors() []UserError {
	var list []UserError
	for _, payload := range a.Data {
		fields, _ := payload.(map[string]any)
		for name, value := range fields {
			if value == nil || !strings.HasSuffix(name, "serErrors") {
				continue
			}
			var some []UserError
			if remarshal(value, &some) == nil {
				list = append(list, some...)
			}
		}
	}
	return list
}

// Refusals says in words why the request, or a part of it, was not carried out; nothing if all of it was.
func (a *Answer) Refusals() []string {
	var list []string
	if a.Other != nil {
		list = append(list, fmt.Sprint(a.Other))
	}
	for _, e := range a.Errors {
		list = append(list, e.String())
	}
	for _, e := range a.UserErrors() {
		list = append(list, e.String())
	}
	return list
}

// Get reads a part of the data. The path's names and positions have dots between them. The part must be there; null is
// the zero value.
func Get[T any](t Reporter, a *Answer, path string) T {
	t.Helper()
	var at any = a.Data
	for _, step := range strings.Split(path, ".") {
		var next any
		ok := false
		switch here := at.(type) {
		case map[string]any:
			next, ok = here[step]
		case []any:
			if i, err := strconv.Atoi(step); err == nil && 0 <= i && i < len(here) {
				next, ok = here[i], true
			}
		}
		if !ok {
			t.Fatalf("there is no %s (%s is missing) in %s", path, step, a.Body)
		}
		at = next
	}
	var value T
	if err := remarshal(at, &value); err != nil {
		t.Fatalf("read %s of %s: %v", path, a.Body, err)
	}
	return value
}

func remarshal(from, into any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
