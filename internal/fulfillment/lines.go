package fulfillment

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits on texts, in characters. They keep the state, and so every payload of its workflow, small.
const (
	maxMessage = 5000
	maxText    = 255
	maxURL     = 2048
)

// tooLong refuses a text that is longer than the limit, or that holds the NUL which PostgreSQL can't keep: it could
// never be committed.
func tooLong(text string, limit int, field ...string) *Error {
	if strings.ContainsRune(text, 0) {
		return refusal(CodeInvalid, field, "must not contain the character NUL")
	}
	if utf8.RuneCountInString(text) > limit {
		return refusal(CodeInvalid, field, "is too long (maximum is %d characters)", limit)
	}
	return nil
}

// clip shortens a text that comes from a system which can't be told that it is too long, and takes out the NUL that
// PostgreSQL can't keep.
func clip(text string, limit int) string {
	text = strings.ReplaceAll(text, "\x00", "")
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit])
}

// quantityTexts is how a command refuses the lines that it was given: each has its own texts and fields in the source.
type quantityTexts struct {
	field    []string // of the list
	zero     *Error   // code and message for a quantity that is not positive
	tooMany  *Error   // for more units than remain
	fullPath bool     // unknown lines and too many units are reported on field; else on the whole input
}

var (
	notPositive   = &Error{Code: CodeGreaterThanZero, Message: "Quantity must be greater than 0"}
	invalidAmount = &Error{Code: CodeInvalid, Message: "Invalid fulfillment order line item quantity requested."}
	genericTexts  = quantityTexts{
		field: []string{"fulfillmentOrderLineItems"}, zero: notPositive, tooMany: invalidAmount, fullPath: true,
	}
)

// check refuses quantities that no fulfillment order could give: it needs no state.
func (t quantityTexts) check(lines []Quantity) *Error {
	if len(lines) > MaxLines {
		return refusal(CodeInvalid, t.field, "There may be up to %d line items.", MaxLines)
	}
	for i, q := range lines {
		if q.Quantity <= 0 {
			field := append(append([]string(nil), t.field...), strconv.Itoa(i), "quantity")
			return &Error{Code: t.zero.Code, Field: field, Message: t.zero.Message}
		}
	}
	seen := make(map[ID]bool, len(lines))
	for _, q := range lines {
		if seen[q.ID] {
			return refusal(CodeDuplicateLines, t.field, "must contain unique line item ids")
		}
		seen[q.ID] = true
	}
	return nil
}

// units is how many units of which of the fulfillment order's lines, by line ID.
type units map[ID]int

// take turns checked quantities into units, or refuses what the fulfillment order doesn't have.
func (t quantityTexts) take(fo *FulfillmentOrder, lines []Quantity) (units, *Error) {
	var field []string
	if t.fullPath {
		field = t.field
	}
	taken := make(units, len(lines))
	for _, q := range lines {
		if fo.line(q.ID) == nil {
			return nil, refusal(CodeLineItemNotFound, field, "Fulfillment order line item does not exist.")
		}
		taken[q.ID] = q.Quantity
	}
	for _, q := range lines {
		if q.Quantity > fo.line(q.ID).Remaining {
			return nil, &Error{Code: t.tooMany.Code, Field: field, Message: t.tooMany.Message}
		}
	}
	return taken, nil
}

// remaining is all units that are not shipped yet.
func (fo *FulfillmentOrder) remaining() units {
	all := make(units, len(fo.Lines))
	for _, l := range fo.Lines {
		if l.Remaining > 0 {
			all[l.ID] = l.Remaining
		}
	}
	return all
}

// rest is what remains without the taken units.
func (fo *FulfillmentOrder) rest(taken units) units {
	rest := fo.remaining()
	for id, n := range taken {
		if rest[id] -= n; rest[id] <= 0 {
			delete(rest, id)
		}
	}
	return rest
}

// quantities is the units in the order of the fulfillment order's lines.
func (fo *FulfillmentOrder) quantities(taken units) []Quantity {
	list := make([]Quantity, 0, len(taken))
	for _, l := range fo.Lines {
		if n := taken[l.ID]; n > 0 {
			list = append(list, Quantity{l.ID, n})
		}
	}
	return list
}

// hasShippedUnits tells whether units of lines that are still on this fulfillment order were shipped.
func (fo *FulfillmentOrder) hasShippedUnits() bool { return fo.TotalUnits() > fo.RemainingUnits() }
