package postgres

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"packhorse/internal/fulfillment"
)

// Bounds of [Page].Limit.
const (
	DefaultLimit = 50
	MaxLimit     = 250
)

// Cursor is a place in a list: that of the last item before it. In text, and so in JSON, it is opaque; zero is the
// beginning.
type Cursor int64

const cursorVersion = 1

// String is the opaque text of the cursor, "" at the beginning.
func (c Cursor) String() string {
	if c == 0 {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(binary.AppendVarint([]byte{cursorVersion}, int64(c)))
}

// MarshalText is String.
func (c Cursor) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText is [ParseCursor].
func (c *Cursor) UnmarshalText(text []byte) error {
	v, err := ParseCursor(string(text))
	if err == nil {
		*c = v
	}
	return err
}

// ParseCursor reads a cursor's text. Anything that no list has given out is refused with a *[fulfillment.Error].
func ParseCursor(text string) (Cursor, error) {
	if text == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil && len(raw) > 1 && raw[0] == cursorVersion {
		if v, n := binary.Varint(raw[1:]); n == len(raw)-1 && v > 0 {
			return Cursor(v), nil
		}
	}
	return 0, &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{"after"},
		Message: fmt.Sprintf("%q is not a cursor: use the one that came with the page before.", text)}
}

// Page asks for a part of a list. Lists are ordered by ID (orders: by when they came; histories: by sequence).
type Page struct {
	After   Cursor // the Next of the page before; zero: from the beginning
	Limit   int    // how many items at most; default 50, at most 250
	Reverse bool   // the latest first
}

func (p Page) limit() int {
	if p.Limit <= 0 {
		return DefaultLimit
	}
	return min(p.Limit, MaxLimit)
}

// clause is the end of a list's query, which must have a condition already; it asks for one item more than the page
// has, to know whether there are more.
func (p Page) clause(key string, args *[]any) string {
	sql, compare := "", ">"
	if p.Reverse {
		compare = "<"
	}
	if p.After != 0 {
		*args = append(*args, int64(p.After))
		sql = fmt.Sprintf(" AND %s %s $%d", key, compare, len(*args))
	}
	*args = append(*args, p.limit()+1)
	return fmt.Sprintf("%s ORDER BY %s%s LIMIT $%d", sql, key, p.direction(), len(*args))
}

func (p Page) direction() string {
	if p.Reverse {
		return " DESC"
	}
	return ""
}

// Results are the items of one page.
type Results[T any] struct {
	Items   []T    `json:"items"`
	Next    Cursor `json:"next,omitempty"` // where the next page starts; zero when there is none
	HasMore bool   `json:"hasMore"`
}

func paged[T any](items []T, page Page, key func(*T) int64) Results[T] {
	if items == nil {
		items = []T{}
	}
	limit := page.limit()
	if len(items) <= limit {
		return Results[T]{Items: items}
	}
	items = items[:limit]
	return Results[T]{Items: items, Next: Cursor(key(&items[limit-1])), HasMore: true}
}
