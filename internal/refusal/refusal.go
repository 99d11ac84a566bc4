// Package refusal is the one table of how each entrance of Packhorse shows a refusal of the domain: the GraphQL API,
// any API that answers with an HTTP status, the command line, Temporal, and whoever sends a command again.
package refusal

import (
	"net/http"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// Values of extensions.code of the GraphQL errors that refusals become, where they concern the request as a whole.
const (
	BadRequest  = "BAD_REQUEST"
	Unavailable = "SERVICE_UNAVAILABLE" // sent again, the same request may succeed
	Internal    = "INTERNAL_SERVER_ERROR"
	KeyMismatch = "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
)

// ExitStatus is what the command line ends with when it was refused.
const ExitStatus = 1

// Showing is how the entrances show a refusal.
type Showing struct {
	// UserError lists the codes under which a mutation's payload may have the refusal: it has the first one that the
	// enum of the payload knows, and none when it knows none.
	UserError []string
	// GraphQL is the code of a top-level error. A mutation's refusal is one only if EndsField says so.
	GraphQL string
	// EndsField tells that the refusal is no user error, because it says nothing about the input: the mutation field
	// ends with an error of the code GraphQL.
	EndsField bool
	// Message takes the place of the refusal's own, which says what stands in the way inside; empty: its own is shown.
	Message string
	// HTTP is the status of an answer that has one for each outcome.
	HTTP int
	// Exit is the exit status of a command.
	Exit int
	// Fault tells that it is our own fault: in Temporal it counts as a failure, where others are benign answers.
	Fault bool
	// Advice is the next step, in commands of packhorse; empty: the message says it all. {id} stands for what the
	// command was about. How to send the command again is told beside it, where that may help.
	Advice string
	// Retry tells whether the same, sent again unchanged, may succeed: [fulfillment.Error.Retryable].
	Retry bool
}

// Of is how a refusal with this code is shown. One that is not in the table is shown as an input that is wrong.
func Of(code fulfillment.Code) Showing {
	shown, known := table[code]
	if !known {
		shown = entry{http: http.StatusUnprocessableEntity}
	}
	codes := []string{string(code)}
	if shown.alias != "" {
		codes = append(codes, shown.alias)
	}
	if returns.Coded(code) {
		codes = append(codes, string(fulfillment.CodeInvalid))
	}
	s := Showing{
		UserError: codes, GraphQL: BadRequest, Message: shown.message,
		HTTP: shown.http, Exit: ExitStatus, Fault: shown.endsField == Internal, Advice: shown.advice,
		Retry: (&fulfillment.Error{Code: code}).Retryable(),
	}
	if shown.endsField != "" {
		s.GraphQL, s.EndsField = shown.endsField, true
	}
	return s
}
