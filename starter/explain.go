package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/config"
	"packhorse/internal/fulfillment"
)

// usageError says that the command line itself is wrong.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// sendError is a command that was not answered with a yes. It names the command, so that it can be sent again.
type sendError struct {
	commandID string
	err       error
}

func (e *sendError) Error() string { return e.err.Error() }
func (e *sendError) Unwrap() error { return e.err }

// unreachableError is a server that can't be reached.
type unreachableError struct {
	server  string // "PostgreSQL"
	address string // without a password
	setting string // the environment variable that says it
	err     error
}

func (e *unreachableError) Error() string {
	return fmt.Sprintf("%s can't be used at %s: %v", e.server, e.address, e.err)
}

func (e *unreachableError) Unwrap() error { return e.err }

// explanation is what a failure says, to people and to programs.
type explanation struct {
	Message          string                    `json:"message"`
	Code             fulfillment.Code          `json:"code,omitempty"`
	Field            []string                  `json:"field,omitempty"`
	Status           fulfillment.Status        `json:"status,omitempty"`
	RequestStatus    fulfillment.RequestStatus `json:"requestStatus,omitempty"`
	SupportedActions []fulfillment.Action      `json:"supportedActions,omitempty"`
	CommandID        string                    `json:"commandId,omitempty"`
	Retryable        bool                      `json:"retryable"`
	WhatToDo         string                    `json:"whatToDo,omitempty"`
}

// Codes for programs where no fulfillment.Error is behind the failure.
const (
	codeUsage  fulfillment.Code = "USAGE"
	codeFailed fulfillment.Code = "FAILED"
)

// explain tells why cmd failed and what to do, and returns the exit status.
func (a *app) explain(cmd *cobra.Command, err error) int {
	status := statusFailed
	e := explanation{Message: err.Error(), Code: codeFailed}
	var sent *sendError
	if errors.As(err, &sent) {
		e.CommandID = sent.commandID
	}
	var stopped *stoppedError
	refused, isRefusal := fulfillment.AsError(err)
	switch {
	case errors.As(err, new(*config.Error)):
		status = statusUsage
		e.WhatToDo = "Set what is missing; packhorse help settings lists the environment variables."
	case !a.started || errors.As(err, new(*usageError)):
		status = statusUsage
		e.Code = codeUsage
		e.WhatToDo = fmt.Sprintf("Read %s --help.", cmd.CommandPath())
	case errors.As(err, &stopped):
		e.WhatToDo, e.Retryable = stopped.goOn, true
	case errors.Is(err, context.Canceled) && cmd.Context().Err() != nil:
		e.Message = "interrupted"
		e.WhatToDo = again(e.CommandID)
		e.Retryable = e.CommandID != ""
	case isRefusal:
		e.Message, e.Code, e.Field = refused.Message, refused.Code, refused.Field
		e.Status, e.RequestStatus, e.SupportedActions = refused.Status, refused.RequestStatus, refused.SupportedActions
		e.Retryable = refused.Retryable()
		e.WhatToDo = advice(refused, e.CommandID, cmp.Or(cmd.Flags().Arg(0), "ID"))
		if refused.Code == fulfillment.CodeUnavailable {
			e.Message += " (" + a.backend.where() + ")"
		}
	case isUnreachable(err):
		e.Code, e.Retryable = fulfillment.CodeUnavailable, true
		e.WhatToDo = strings.TrimSpace(reach(err) + " " + again(e.CommandID))
	}
	if a.json() {
		_ = writeJSON(a.errOut, map[string]explanation{"error": e})
	} else {
		e.write(a.errOut)
	}
	return status
}

func (e explanation) write(w io.Writer) {
	fmt.Fprintln(w, "packhorse:", e.Message)
	row := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "  %-11s %s\n", name, text)
		}
	}
	if e.Code != codeUsage && e.Code != codeFailed {
		row("code", string(e.Code))
	}
	row("field", strings.Join(e.Field, "."))
	if e.Status != "" {
		row("stands at", pair(e.Status, e.RequestStatus))
		row("possible", cmp.Or(strings.Join(commandsFor(e.SupportedActions), ", "), "nothing any more"))
	}
	row("what to do", e.WhatToDo)
}

// advice is the next step after a refusal; of is what the command was about.
func advice(refused *fulfillment.Error, commandID, of string) string {
	switch refused.Code {
	case fulfillment.CodeConflict, fulfillment.CodeUnavailable:
		return again(commandID)
	case fulfillment.CodeIdempotencyConflict:
		return "Take another --command-id: this one belongs to a command that asked for something else."
	case fulfillment.CodeAccessDenied:
		return "Ask as somebody who may: --as operator, --as merchant, or --as service:ID of the service that runs the location."
	case fulfillment.CodeNotFound:
		return "See what there is: packhorse fulfillment-order list --all"
	case fulfillment.CodeOrderNotFound:
		return "See what there is: packhorse order list"
	case fulfillment.CodeFulfillmentNotFound, fulfillment.CodeHoldNotFound, fulfillment.CodeLineItemNotFound:
		return "See what there is: packhorse order show, packhorse fulfillment-order show"
	case fulfillment.CodeLocationNotFound:
		return "See what there is: packhorse location list"
	case fulfillment.CodeUnroutable:
		return "Name a location on the line (locationId), or add one that ships it: packhorse location add --help"
	case fulfillment.CodeInvalidState:
		if len(refused.SupportedActions) > 0 {
			return "Do what is possible now, or see how it came here: packhorse fulfillment-order history " + of
		}
		return "See how it came here: packhorse fulfillment-order history " + of
	case fulfillment.CodeHoldLimit:
		return "Release a hold first: packhorse fulfillment-order release-hold " + of + " --hold HOLD"
	}
	return ""
}

// again says how to repeat a command whose fate is unknown.
func again(commandID string) string {
	if commandID == "" {
		return ""
	}
	return fmt.Sprintf("If the command was taken, it is not lost. Send it again with --command-id %s: it is done once, however often it is sent.", commandID)
}

// commandsFor names what is possible in the words of this program.
func commandsFor(actions []fulfillment.Action) []string {
	names := make([]string, len(actions))
	for i, action := range actions {
		names[i] = cmp.Or(actionCommands[action], kebab(string(action)))
	}
	return names
}

var actionCommands = map[fulfillment.Action]string{
	"REQUEST_FULFILLMENT":      kebab(string(fulfillment.VerbSubmitFulfillmentRequest)),
	"CANCEL_FULFILLMENT_ORDER": kebab(string(fulfillment.VerbCancel)),
	"REQUEST_CANCELLATION":     kebab(string(fulfillment.VerbSubmitCancellationRequest)),
	"MARK_AS_OPEN":             kebab(string(fulfillment.VerbOpen)),
}

// kebab turns a verb (CreateFulfillment) or an action (CREATE_FULFILLMENT) into the name of a command.
func kebab(text string) string {
	var b strings.Builder
	upper := text == strings.ToUpper(text)
	for i, r := range text {
		switch {
		case r == '_':
			b.WriteByte('-')
			continue
		case !upper && i > 0 && r >= 'A' && r <= 'Z':
			b.WriteByte('-')
		}
		b.WriteString(strings.ToLower(string(r)))
	}
	return b.String()
}
