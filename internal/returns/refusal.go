package returns

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
)

// Codes of refusals. Those of Shopify's ReturnErrorCode are as there.
const (
	CodeNotFound     fulfillment.Code = "NOT_FOUND"
	CodeInvalid                       = fulfillment.CodeInvalid
	CodeInvalidState                  = fulfillment.CodeInvalidState
	CodeBlank                         = fulfillment.CodeBlank
	CodeTooLong                       = fulfillment.CodeTooLong
	CodeGreaterThan                   = fulfillment.CodeGreaterThan
	CodeAccessDenied                  = fulfillment.CodeAccessDenied
	// CodeTooLarge: the return is as large as it may be. What does not let it grow still goes.
	CodeTooLarge fulfillment.Code = "RETURN_TOO_LARGE"
	// CodeHasReturns: a shipment or an order is to be cancelled of which units are coming back.
	CodeHasReturns fulfillment.Code = "HAS_RETURNS"

	// The source answers these without a code, see [Coded].
	CodeLineMustExist  fulfillment.Code = "REVERSE_FULFILLMENT_ORDER_LINE_ITEM_NOT_FOUND"
	CodeMoreThanReturn fulfillment.Code = "MORE_THAN_IS_RETURNED"
)

// Coded tells whether the Admin API has a code for such a refusal; of the others, its user errors have null.
func Coded(code fulfillment.Code) bool {
	return code != CodeLineMustExist && code != CodeMoreThanReturn
}

// Texts that several commands are refused with.
const (
	invalidQuantity = "Return line item has an invalid quantity."
	invalidStatus   = "Return status is invalid."
	lineNotFound    = "Return line item was not found."
)

// Limits on texts in characters, and on lists.
const (
	maxText         = 255
	maxReasonNote   = 255
	maxCustomerNote = 300
	maxDeclineNote  = 500
	maxNote         = 5000
	maxSKU          = 255

	// MaxLines is how many lines a return may have, and a command may name: Shopify's limit on lists in its inputs.
	MaxLines = 250
	// MaxDeliveries is how many reverse deliveries a return may have.
	MaxDeliveries = 100
)

func refusal(code fulfillment.Code, field []string, format string, args ...any) *fulfillment.Error {
	return &fulfillment.Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// NotFound is the refusal of a command on a return that does not exist. Field is the path of what names it.
func NotFound(field ...string) *fulfillment.Error {
	return refusal(CodeNotFound, field, "Return not found.")
}

// problems collects refusals of one input.
type problems []*fulfillment.Error

func (p *problems) add(refused *fulfillment.Error) {
	if refused != nil {
		*p = append(*p, refused)
	}
}

// refused is all of them as one; nil: there are none.
func (p problems) refused() *fulfillment.Error {
	if len(p) == 0 {
		return nil
	}
	all := *p[0]
	if len(p) == 1 {
		return &all
	}
	var texts []string
	for _, one := range p {
		if !slices.Contains(texts, one.Message) {
			texts = append(texts, one.Message)
		}
		all.Problems = append(
			all.Problems, fulfillment.Problem{Code: one.Code, Field: one.Field, Message: one.Message},
		)
	}
	all.Message = strings.Join(texts, " ")
	return &all
}

// at makes a path from names and list positions.
func at(steps ...any) []string {
	path := make([]string, 0, len(steps))
	for _, s := range steps {
		switch s := s.(type) {
		case []string:
			path = append(path, s...)
		case int:
			path = append(path, strconv.Itoa(s))
		case string:
			path = append(path, s)
		}
	}
	return path
}

// tooMany refuses a list that is longer than what can be looked at.
func tooMany(n int, field []string) *fulfillment.Error {
	if n <= MaxLines {
		return nil
	}
	return refusal(
		CodeInvalid, field, "The input array size of %d is greater than the maximum allowed of %d.", n, MaxLines,
	)
}

// tooLong refuses a text that is longer than it may be, under the API's code for that.
func tooLong(text string, limit int, field []string) *fulfillment.Error {
	refused := fulfillment.TooLong(text, limit, field...)
	if refused != nil && utf8.RuneCountInString(text) > limit {
		refused.Code = CodeTooLong
	}
	return refused
}

// unknownWord is the refusal of a word that is none of those that are allowed; kind is what it should be: "a role".
func unknownWord[T ~string](field []string, kind string, word T, allowed []T) *fulfillment.Error {
	texts := make([]string, len(allowed))
	for i, a := range allowed {
		texts[i] = string(a)
	}
	return refusal(
		CodeInvalid, field, "%q is not %s. Use one of: %s.", clip(string(word), maxText), kind,
		strings.Join(texts, ", "),
	)
}

func clip(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit]) + "…"
}

// NotFoundBy is [NotFound] in the words of the command.
func NotFoundBy(cmd Command) *fulfillment.Error { return NotFound(cmd.target()...) }

// OrderNotFound is the refusal of a command that begins a return of an order that does not exist.
func OrderNotFound(cmd Opening) *fulfillment.Error {
	return refusal(CodeNotFound, cmd.target(), "Order was not found.")
}
