package temporalio

import (
	"errors"
	"strings"

	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/refusal"
)

// RefusalError is a domain refusal as it travels through Temporal, from an activity or from the handler of an update:
// an application error with the code as its type, the message, and as details the whole refusal, by which [Refusal]
// finds it again, and what to do about it, if there is something ([guide]). It is not retried, and counts as a benign
// answer, not as a failure of the system, unless the table of package refusal says that it is our own fault. Its texts
// are clipped: it stays in the history of the workflow that refused.
func RefusalError(refused *fulfillment.Error) error { return FaultError(refused, nil) }

// FaultError is [RefusalError] with a cause that can be looked up in the history, and is told to nobody.
func FaultError(refused *fulfillment.Error, cause error) error {
	refused = refused.Short()
	if cause != nil && fulfillment.ClipMessage(cause.Error()) != cause.Error() {
		cause = errors.New(fulfillment.ClipMessage(cause.Error()))
	}
	options := temporal.ApplicationErrorOptions{
		NonRetryable: true, Category: temporal.ApplicationErrorCategoryBenign, Cause: cause,
		Details: []any{*refused}, // By value: it is read back before it crossed the wire, too.
	}
	shown := refusal.Of(refused.Code)
	if shown.Advice != "" {
		options.Details = append(options.Details, guide{strings.ReplaceAll(shown.Advice, "{id}", "ID")})
	}
	if shown.Fault {
		options.Category = temporal.ApplicationErrorCategoryUnspecified
	}
	return temporal.NewApplicationErrorWithOptions(refused.Told(), string(refused.Code), options)
}

// guide is for people whose own program calls Temporal: what the command line says beside such a refusal.
type guide struct {
	WhatToDo string `json:"whatToDo"`
}

// Refusal finds the domain refusal in an error that came through Temporal, or has not gone there at all. Whatever else
// an error may be (nil, of the infrastructure, an application error of another kind) is no refusal.
func Refusal(err error) (*fulfillment.Error, bool) {
	if refused, ok := fulfillment.AsError(err); ok {
		return refused, true
	}
	var app *temporal.ApplicationError
	if !errors.As(err, &app) || !app.HasDetails() {
		return nil, false
	}
	var refused fulfillment.Error
	if err := app.Details(&refused); err != nil || refused.Code == "" {
		return nil, false
	}
	return &refused, true
}
