package easypost

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// apiError is an answer that is none of 2xx.
type apiError struct {
	Status     int
	Code       string // such as SHIPMENT.POSTAGE.EXISTS; empty: EasyPost gave none
	Message    string
	Details    []errorDetail
	RetryAfter time.Duration
}

type errorDetail struct {
	Code    text `json:"code"`
	Field   text `json:"field"`
	Message text `json:"message"`
}

// longestWords bounds what is passed on of EasyPost's words, in bytes.
const longestWords = 1000

// Error is EasyPost's words.
func (e *apiError) Error() string {
	parts := []string{}
	for _, part := range []string{e.Code, e.words()} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return fmt.Sprintf("EasyPost answers %d: %s", e.Status, strings.Join(parts, ": "))
}

// words is what EasyPost says, for people.
func (e *apiError) words() string {
	words := []string{}
	if e.Message != "" {
		words = append(words, e.Message)
	}
	for _, d := range e.Details {
		said := string(d.Message)
		if d.Field != "" {
			said = string(d.Field) + " " + said
		}
		if said != "" {
			words = append(words, said)
		}
	}
	if len(words) == 0 {
		words = append(words, http.StatusText(e.Status))
	}
	return clip(strings.Join(words, "; "), longestWords)
}

// is tells whether the code, or that of a detail, is this one or begins with it and a dot.
func (e *apiError) is(codes ...string) bool {
	for _, code := range codes {
		if within(e.Code, code) {
			return true
		}
		for _, d := range e.Details {
			if within(string(d.Code), code) {
				return true
			}
		}
	}
	return false
}

func within(code, family string) bool { return code == family || strings.HasPrefix(code, family+".") }

// names tells whether a detail is about a field with this in its name.
func (e *apiError) names(field string) bool {
	for _, d := range e.Details {
		if strings.Contains(string(d.Field), field) {
			return true
		}
	}
	return false
}

// readError reads an error of EasyPost's. Its message may be a list or an object, and its details may be plain texts.
func readError(response *http.Response, body []byte, now time.Time) *apiError {
	e := &apiError{Status: response.StatusCode, RetryAfter: retryAfter(response.Header.Get("Retry-After"), now)}
	var said struct {
		Error maybe[struct {
			Code    text                  `json:"code"`
			Message json.RawMessage       `json:"message"`
			Errors  list[json.RawMessage] `json:"errors"`
		}] `json:"error"`
	}
	if json.Unmarshal(body, &said) != nil || said.Error.Value == nil {
		return e
	}
	e.Code, e.Message = string(said.Error.Value.Code), strings.Join(texts(said.Error.Value.Message), "; ")
	for _, raw := range said.Error.Value.Errors {
		var d errorDetail
		if json.Unmarshal(raw, &d) != nil {
			d = errorDetail{Message: text(strings.Join(texts(raw), "; "))}
		}
		e.Details = append(e.Details, d)
	}
	return e
}

// texts are all the texts in a value, in the order of a list, and by name in an object.
func texts(raw json.RawMessage) []string {
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return nil
	}
	return textsIn(value)
}

func textsIn(value any) []string {
	var found []string
	switch v := value.(type) {
	case string:
		found = append(found, v)
	case []any:
		for _, item := range v {
			found = append(found, textsIn(item)...)
		}
	case map[string]any:
		for _, name := range sortedKeys(v) {
			for _, said := range textsIn(v[name]) {
				found = append(found, name+" "+said)
			}
		}
	}
	return found
}

// retryAfter reads the header of that name, in seconds or as a date; 0: it says nothing.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(strings.TrimSpace(header), 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
