package fulfillment

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Code names a kind of refusal, stable for programs. Where Shopify's API has a code for it, the Code is that code.
type Code string

// Codes of Shopify's typed user errors.
const (
	CodeNotFound           Code = "FULFILLMENT_ORDER_NOT_FOUND"
	CodeGreaterThan        Code = "GREATER_THAN"
	CodeGreaterThanZero    Code = "GREATER_THAN_ZERO"
	CodeNotSplittable      Code = "FULFILLMENT_ORDER_NOT_SPLITTABLE"
	CodeDuplicateLines     Code = "DUPLICATED_FULFILLMENT_ORDER_LINE_ITEMS"
	CodeHoldLimit          Code = "FULFILLMENT_ORDER_HOLD_LIMIT_REACHED"
	CodeDuplicateHandle    Code = "DUPLICATE_FULFILLMENT_HOLD_HANDLE"
	CodeNoLineItemsToSplit Code = "NO_LINE_ITEMS_PROVIDED_TO_SPLIT"
	CodeProgressOnMove     Code = "CANNOT_MOVE_FULFILLMENT_ORDER_WITH_REPORTED_PROGRESS"
	CodeProgressOnCancel   Code = "FULFILLMENT_ORDER_HAS_MANUALLY_REPORTED_PROGRESS"
	CodeInvalidLineItem    Code = "INVALID_LINE_ITEM_QUANTITY"
	CodeServiceInvalid     Code = "FULFILLMENT_SERVICE_INVALID" // a line names a fulfillment service that there is not
	CodePickupInvalid      Code = "FULFILLMENT_ORDER_INVALID"   // nothing of it is picked up, at this time or at all
	CodeNothingToPrepare   Code = "NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER"
)

// Codes of Packhorse, for refusals that have no code in Shopify's API (it answers them with code null).
const (
	CodeInvalid             Code = "INVALID"            // the input is malformed; the same input never succeeds
	CodeInvalidState        Code = "INVALID_STATE"      // not in this state; see Error.SupportedActions
	CodeAccessDenied        Code = "ACCESS_DENIED"      // this actor may not
	CodeLocationNotFound    Code = "LOCATION_NOT_FOUND" // no such location
	CodeFulfillmentNotFound Code = "FULFILLMENT_NOT_FOUND"
	CodeHoldNotFound        Code = "HOLD_NOT_FOUND"
	CodeDocumentNotFound    Code = "DOCUMENT_NOT_FOUND" // no such label or other document, or its content is not there
	CodeLineItemNotFound    Code = "LINE_ITEM_NOT_FOUND"
	CodeOrderNotFound       Code = "ORDER_NOT_FOUND"
	CodeOrderExists         Code = "ORDER_EXISTS"           // another order has this ID or sourceIdentifier
	CodeOrderShipped        Code = "ORDER_HAS_FULFILLMENTS" // an order is to be cancelled of which a part is shipped
	CodeOrderCancelled      Code = "ORDER_CANCELLED"        // an order is to be cancelled, or edited, that is cancelled
	CodeIdempotencyConflict Code = "IDEMPOTENCY_CONFLICT"   // this command ID came before with another body
	CodeUnroutable          Code = "UNROUTABLE"             // no location can ship a line
	// CodeInternal is a fault of Packhorse itself: the same input does not succeed before it is mended.
	CodeInternal Code = "INTERNAL"
	// CodeNoRoom: the fulfillment order is as large as it may be. What does not let it grow still goes.
	CodeNoRoom      Code = "NO_ROOM"
	CodeUnavailable Code = "UNAVAILABLE" // Packhorse can't answer now; send it again with the same command ID
)

// Error is a refusal: the command was understood and changed nothing.
type Error struct {
	Code    Code     `json:"code"`
	Field   []string `json:"field,omitempty"` // path into the input of the GraphQL mutation; nil: the whole input
	Message string   `json:"message"`         // Shopify's text where it has one

	// Problems is each of several things that are wrong by itself; Message says all of them, and Field is the first
	// place.
	Problems []Problem `json:"problems,omitempty"`

	// Where the fulfillment order stands, and what the asker may do with it instead. Empty when it is unknown.
	Status           Status        `json:"status,omitempty"`
	RequestStatus    RequestStatus `json:"requestStatus,omitempty"`
	SupportedActions []Action      `json:"supportedActions,omitempty"`
	Sequence         int64         `json:"sequence,omitempty"` // of the transition that it stood at
}

// Problem is one of the things that are wrong with an input.
type Problem struct {
	Code    Code     `json:"code,omitempty"`  // default: that of the [Error]
	Field   []string `json:"field,omitempty"` // as that of [Error]
	Message string   `json:"message"`
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Told is the message for whoever reads nothing else of the refusal, such as a program that commands a workflow: it has
// a subject. In the Admin API the field is beside the message, and the source's messages are without one.
func (e *Error) Told() string {
	if len(e.Field) == 0 {
		return e.Message
	}
	first, _ := utf8.DecodeRuneInString(e.Message)
	place := showPath(ownPath(e.Field))
	if !unicode.IsLower(first) || strings.HasPrefix(e.Message, place) {
		return e.Message
	}
	return place + ": " + e.Message
}

// What is told of a refusal at the most: a refusal may name what was sent, which may be as large as what carries it.
// Each text is clipped, and so is a long list.
const (
	maxTold      = 2000 // characters of a message, or of a step of a field
	maxToldSteps = 16   // of a field
)

// Short is the refusal as it is told, and kept in histories: the same, unless its texts are longer than people read.
func (e *Error) Short() *Error {
	short := *e
	short.Message = ClipMessage(e.Message)
	if len(e.Field) > maxToldSteps {
		short.Field = e.Field[:maxToldSteps]
	}
	short.Field = slices.Clone(short.Field)
	for i, step := range short.Field {
		short.Field[i] = ClipMessage(step)
	}
	short.Problems = slices.Clone(e.Problems)
	for i, problem := range short.Problems {
		short.Problems[i].Message = ClipMessage(problem.Message)
	}
	return &short
}

// ClipMessage is a text that others sent, or with something in it that they sent, as a message has it.
func ClipMessage(text string) string {
	if len(text) <= maxTold {
		return text
	}
	return clip(strings.ToValidUTF8(text, "\uFFFD"), maxTold) + "…"
}

// Retryable tells whether the same command may succeed when it is sent again unchanged.
func (e *Error) Retryable() bool { return e.Code == CodeUnavailable }

// Final tells whether the same command is refused whenever it is sent, rather than by what passes or came before.
func (e *Error) Final() bool { return !e.Retryable() && e.Code != CodeIdempotencyConflict }

// AsError finds the refusal in err.
func AsError(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

func refusal(code Code, field []string, format string, args ...any) *Error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// OrderNotFound is the refusal of what is asked of an order that does not exist. Field is the path of what names it.
func OrderNotFound(field ...string) *Error {
	return refusal(CodeOrderNotFound, field, "Order does not exist")
}

// unknownWord is the refusal of a word that is none of those that are allowed; kind is what it should be: "a role".
func unknownWord[T ~string](field []string, kind string, word T, allowed []T) *Error {
	return refusal(
		CodeInvalid, field, "%q is not %s. Use one of: %s.", clip(string(word), maxText), kind, joined(allowed),
	)
}

// IsNoRoom tells whether a command was refused because it would let a large state grow.
func IsNoRoom(err error) bool {
	refused, ok := AsError(err)
	return ok && refused.Code == CodeNoRoom
}

// NotFound is the refusal of a command on a fulfillment order that does not exist. Field is the path of what names it;
// none: the whole input.
func NotFound(field ...string) *Error {
	return refusal(CodeNotFound, field, "Fulfillment order does not exist.")
}

// IdempotencyConflict is the refusal of a command whose command ID came before with another body.
func IdempotencyConflict() *Error {
	return refusal(
		CodeIdempotencyConflict, nil, "This command ID was used before for a different command. Use a new command ID.",
	)
}

func notAssigned() *Error {
	return refusal(CodeAccessDenied, nil, "The fulfillment order is not assigned to your fulfillment service.")
}

func invalidState(format string, args ...any) *Error {
	return refusal(CodeInvalidState, nil, format, args...)
}
