package document

import (
	"encoding/json"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// anyScalar names the treatment of JSON and of scalars unknown here: any value is accepted.
const anyScalar = "JSON"

// scalarProblem is why a value is not one of a scalar type.
type scalarProblem struct {
	explanation string
	// own is set if the scalar has its own words, which Shopify then also gives as "message".
	own bool
}

// scalars are the coercions by type name. Each takes a value as decoded from JSON with
// UseNumber, never null, and returns the value to execute with; false if it does not fit.
var scalars = map[string]func(any) (any, bool){
	"Int":             coerceInt,
	"Float":           coerceFloat,
	"String":          coerceString,
	"Boolean":         func(value any) (any, bool) { b, ok := value.(bool); return b, ok },
	"ID":              coerceID,
	"DateTime":        coerceDateTime,
	"Date":            coerceDate,
	"Decimal":         coerceDecimal,
	"Money":           coerceDecimal,
	"UnsignedInt64":   coerceUnsigned,
	"HTML":            coerceString,
	"FormattedString": coerceString,
	anyScalar:         coerceAny,
}

func isAnyScalar(name string) bool {
	_, known := scalars[name]
	return name == anyScalar || (!known && name != "URL")
}

// coerceScalar returns the value to execute with, or why there is none. Scalars which
// are not known here take any value.
func coerceScalar(name string, value any) (any, *scalarProblem) {
	if name == "URL" {
		return coerceURL(value)
	}
	coerce := scalars[name]
	if coerce == nil {
		coerce = coerceAny
	}
	coerced, ok := coerce(value)
	if !ok {
		return nil, notCoerced(name, value)
	}
	return coerced, nil
}

func notCoerced(name string, value any) *scalarProblem {
	return &scalarProblem{explanation: "Could not coerce value " + serialize(value) + " to " + name}
}

// coerceInt takes integers of 32 bits, written as such: 1.0 is not an Int.
func coerceInt(value any) (any, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return nil, false
	}
	_, err := strconv.ParseInt(n.String(), 10, 32)
	return n, err == nil
}

func coerceFloat(value any) (any, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return nil, false
	}
	f, err := n.Float64()
	return n, err == nil && !math.IsInf(f, 0)
}

// coerceString takes strings. U+0000 is refused because PostgreSQL's text can't hold it.
func coerceString(value any) (any, bool) {
	s, ok := value.(string)
	return s, ok && !strings.ContainsRune(s, 0)
}

// coerceID takes strings and integers of any length.
func coerceID(value any) (any, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return coerceString(value)
	}
	return n.String(), !strings.ContainsAny(n.String(), ".eE")
}

// dateTimes are the forms of ISO 8601 which are taken; seconds may have a fraction in each.
var dateTimes = []string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00", time.DateOnly,
}

// coerceDateTime takes an ISO 8601 time with its offset, or a date, which means its start in UTC.
func coerceDateTime(value any) (any, bool) {
	s, ok := value.(string)
	if !ok {
		return nil, false
	}
	for _, layout := range dateTimes {
		// Whoever stores or sends the time on needs its year in UTC to have four digits, too.
		if t, err := time.Parse(layout, s); err == nil && t.UTC().Year() >= 0 && t.UTC().Year() <= 9999 {
			text := t.Format(time.RFC3339Nano)
			_, err := time.Parse(time.RFC3339Nano, text) // An offset such as +24:60 is read, but written it is none.
			return text, err == nil
		}
	}
	return nil, false
}

func coerceDate(value any) (any, bool) {
	s, ok := value.(string)
	if !ok {
		return nil, false
	}
	_, err := time.Parse(time.DateOnly, s)
	return s, err == nil
}

// decimal has as many digits as resolvers take: a value that they refused would look like a fault of theirs.
var decimal = regexp.MustCompile(`^-?[0-9]{1,20}(\.[0-9]{1,20})?$`)

// coerceDecimal takes decimal numbers as strings or as numbers.
func coerceDecimal(value any) (any, bool) {
	var s string
	switch value := value.(type) {
	case string:
		s = value
	case json.Number:
		s = value.String()
		if strings.ContainsAny(s, "eE") {
			f, err := value.Float64()
			if err != nil {
				return nil, false
			}
			s = strconv.FormatFloat(f, 'f', -1, 64)
		}
	default:
		return nil, false
	}
	return s, decimal.MatchString(s)
}

func coerceUnsigned(value any) (any, bool) {
	var s string
	switch value := value.(type) {
	case string:
		s = value
	case json.Number:
		s = value.String()
	}
	_, err := strconv.ParseUint(s, 10, 64)
	return s, err == nil
}

// coerceURL takes absolute URLs. Its words are Shopify's.
func coerceURL(value any) (any, *scalarProblem) {
	s, ok := value.(string)
	if !ok || strings.ContainsRune(s, 0) {
		return nil, notCoerced("URL", value)
	}
	invalid := "Invalid url '" + s + "'"
	u, err := url.Parse(s)
	switch {
	case err != nil && !strings.Contains(s, ":"), err == nil && u.Scheme == "":
		return nil, &scalarProblem{explanation: invalid + ", missing scheme", own: true}
	case err != nil:
		return nil, &scalarProblem{explanation: invalid, own: true}
	case u.Opaque == "" && u.Host == "":
		return nil, &scalarProblem{explanation: invalid + ", missing host", own: true}
	}
	return s, nil
}

// coerceAny takes everything except strings that can't be stored and numbers that can't be read.
func coerceAny(value any) (any, bool) {
	switch value := value.(type) {
	case string:
		return coerceString(value)
	case json.Number:
		return coerceFloat(value)
	case []any:
		for _, item := range value {
			if _, ok := coerceAny(item); !ok {
				return nil, false
			}
		}
	case map[string]any:
		for name, item := range value {
			if _, ok := coerceAny(item); !ok || strings.ContainsRune(name, 0) {
				return nil, false
			}
		}
	}
	return value, true
}
