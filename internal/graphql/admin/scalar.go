package admin

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// MarshalDateTime writes a time in UTC, to the second, as in Shopify's API.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = io.WriteString(w, strconv.Quote(t.UTC().Format(time.RFC3339)))
	})
}

// UnmarshalDateTime reads ISO 8601 text with a zone.
func UnmarshalDateTime(v any) (time.Time, error) {
	text, ok := v.(string)
	if !ok {
		return time.Time{}, fmt.Errorf("%v is not a DateTime", v)
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a DateTime: write it like 2026-02-28T13:45:00Z", text)
	}
	return t.UTC(), nil
}

var decimal = regexp.MustCompile(`^-?[0-9]{1,20}(\.[0-9]{1,20})?$`)

// MarshalDecimal writes a decimal number exactly, with no more places than it needs but at least one: "20.00" is
// "20.0", as in Shopify's API.
func MarshalDecimal(text string) graphql.Marshaler {
	whole, places, _ := strings.Cut(text, ".")
	return graphql.MarshalString(whole + "." + cmp.Or(strings.TrimRight(places, "0"), "0"))
}

// UnmarshalDecimal reads a decimal number, as text or as a JSON number, and keeps its digits.
func UnmarshalDecimal(v any) (string, error) {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	case int64:
		text = strconv.FormatInt(v, 10)
	case int:
		text = strconv.Itoa(v)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	}
	if !decimal.MatchString(text) {
		return "", fmt.Errorf("%v is not a Decimal: write it like \"29.99\"", v)
	}
	return text, nil
}

// MarshalUnsignedInt64 writes a number as text.
func MarshalUnsignedInt64(n uint64) graphql.Marshaler {
	return graphql.MarshalString(strconv.FormatUint(n, 10))
}

// UnmarshalUnsignedInt64 reads a number as text.
func UnmarshalUnsignedInt64(v any) (uint64, error) {
	if text, ok := v.(string); ok {
		return strconv.ParseUint(text, 10, 64)
	}
	return 0, errors.New("an UnsignedInt64 is text")
}
