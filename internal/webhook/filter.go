package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/search"
)

// MaxFilter is how many bytes a filter may have.
const MaxFilter = 65535

// filterError is what is wrong with a filter, in the words of Shopify's API.
type filterError string

const (
	errFilterTooLarge filterError = "The specified filter exceeds the maximum allowed size."
	errFilterInvalid  filterError = "The specified filter is invalid, please ensure you specify the field(s) you " +
		"wish to filter on."
)

// Error is the text.
func (e filterError) Error() string { return string(e) }

// Filter decides which events a subscription is told of, by what their bodies say. The zero value lets all through. It
// is safe for concurrent use.
type Filter struct{ holds func(body any) bool }

// CompileFilter reads a filter: a query in the search syntax (package search) over the keys of the body, with dots
// between those inside of each other, such as `fulfillment_order.status:open`. Where there is a list in the way, one of
// its items is enough. A path that no body has is no error: it never holds. Blank text lets everything through.
//
//   - A text is compared as a whole, in any case, or with * its start.
//   - Numbers are compared exactly, also those that the body has as text, such as prices.
//   - A time is compared with a span: a date is all of that day, in UTC if it names no other zone.
//   - < <= > >= are for numbers and times; of anything else they never hold.
//   - `field:*` holds if the field is there and not null.
//
// The error is the text of Shopify's API, and where something else than a missing field is wrong, it says what.
func CompileFilter(text string) (Filter, error) {
	if len(text) > MaxFilter {
		return Filter{}, errFilterTooLarge
	}
	e, err := search.ParseWithin(text, search.Limits{Length: MaxFilter, Values: MaxFilter})
	if err != nil {
		return Filter{}, fmt.Errorf("%w %w", errFilterInvalid, err)
	}
	holds, err := compile(e)
	if err != nil {
		return Filter{}, err
	}
	return Filter{holds}, nil
}

// Matches tells whether the filter lets an event with this body through. The body is JSON as [Decode] reads it.
func (f Filter) Matches(body any) bool { return f.holds == nil || f.holds(body) }

// Decode reads a body for [Filter.Matches]. Numbers keep all of their digits.
func Decode(body []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return nil, fmt.Errorf("read a webhook's body: %w", err)
	}
	return decoded, nil
}

func compile(e search.Expr) (func(any) bool, error) {
	switch e := e.(type) {
	case *search.And:
		return compileAll(e.Terms, false)
	case *search.Or:
		return compileAll(e.Terms, true)
	case *search.Not:
		holds, err := compile(e.Term)
		return func(body any) bool { return !holds(body) }, err
	case *search.Term:
		if e.Field == "" {
			return nil, errFilterInvalid
		}
		return compileTerm(e), nil
	}
	return nil, fmt.Errorf("compile a filter: unknown expression %T", e)
}

// compileAll holds when all of the terms do, or with one when one does.
func compileAll(terms []search.Expr, one bool) (func(any) bool, error) {
	list := make([]func(any) bool, len(terms))
	for i, t := range terms {
		var err error
		if list[i], err = compile(t); err != nil {
			return nil, err
		}
	}
	return func(body any) bool {
		for _, holds := range list {
			if holds(body) == one {
				return one
			}
		}
		return !one
	}, nil
}

func compileTerm(t *search.Term) func(any) bool {
	path := strings.Split(t.Field, ".")
	tests := []func(any) bool{func(value any) bool { return value != nil }}
	if t.Comparator != search.Exists {
		tests = nil
		for _, v := range t.Values {
			tests = append(tests, newOperand(v).test(t.Comparator))
		}
	}
	return func(body any) bool {
		return anyAt(body, path, func(value any) bool {
			for _, holds := range tests {
				if holds(value) {
					return true
				}
			}
			return false
		})
	}
}

// anyAt tells whether something holds for one of the values at a path: each item of a list on the way has its own.
func anyAt(value any, path []string, holds func(any) bool) bool {
	switch at := value.(type) {
	case []any:
		for _, item := range at {
			if anyAt(item, path, holds) {
				return true
			}
		}
		return false
	case map[string]any:
		if len(path) == 0 {
			return holds(at)
		}
		inner, ok := at[path[0]]
		return ok && anyAt(inner, path[1:], holds)
	}
	return len(path) == 0 && holds(value)
}

// operand is a value of a filter, with all that it may mean.
type operand struct {
	text        string
	prefix      bool
	number      *big.Rat // nil: it is none
	from, until time.Time
	isTime      bool
}

func newOperand(v search.Value) operand {
	o := operand{text: v.Text, prefix: v.Prefix, number: number(v.Text)}
	o.from, o.until, o.isTime = search.ParseSpan(v.Text)
	return o
}

func (o operand) test(c search.Comparator) func(any) bool {
	if c == search.Equal {
		return o.equals
	}
	return func(value any) bool {
		text, ok := scalar(value)
		if !ok {
			return false
		}
		if n := number(text); n != nil && o.number != nil {
			return ordered(c, n.Cmp(o.number))
		}
		at, ok := instant(text)
		if !ok || !o.isTime {
			return false
		}
		switch {
		case at.Before(o.from):
			return ordered(c, -1)
		case at.Before(o.until):
			return ordered(c, 0)
		}
		return ordered(c, 1)
	}
}

func (o operand) equals(value any) bool {
	text, ok := scalar(value)
	if !ok {
		return false
	}
	if o.prefix {
		return strings.HasPrefix(strings.ToLower(text), strings.ToLower(o.text))
	}
	if strings.EqualFold(text, o.text) {
		return true
	}
	// "12.50" is a price, "007" a name.
	_, isText := value.(string)
	if n := number(text); n != nil && o.number != nil && (!isText || strings.Contains(text, ".")) {
		return n.Cmp(o.number) == 0
	}
	at, ok := instant(text)
	return ok && o.isTime && !at.Before(o.from) && at.Before(o.until)
}

// ordered tells whether a comparator holds for the outcome of a comparison.
func ordered(c search.Comparator, sign int) bool {
	switch c {
	case search.Less:
		return sign < 0
	case search.LessOrEqual:
		return sign <= 0
	case search.Greater:
		return sign > 0
	case search.GreaterOrEqual:
		return sign >= 0
	}
	return false
}

// scalar is a value as text; false for null and for what has parts.
func scalar(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// decimal is a plain number, of so many digits that all work on it is small.
var decimal = regexp.MustCompile(`^-?[0-9]{1,40}(\.[0-9]{1,40})?$`)

// number is a text as a number; nil when it is none.
func number(text string) *big.Rat {
	if !decimal.MatchString(text) {
		return nil
	}
	n, _ := new(big.Rat).SetString(text)
	return n
}

// instant reads a time of a body: these are whole, with a date and a time.
func instant(text string) (time.Time, bool) {
	if !strings.Contains(text, "T") {
		return time.Time{}, false
	}
	from, _, ok := search.ParseSpan(text)
	return from, ok
}
