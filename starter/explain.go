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
	"packhorse/internal/operation"
	"packhorse/internal/pooler"
	"packhorse/internal/postgres"
	"packhorse/internal/refusal"
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

// stoppedError is long work that did not do all, and how to go on.
type stoppedError struct {
	err   error
	goOn  string
	again bool // doing the very same again may do the rest
}

func (e *stoppedError) Error() string { return e.err.Error() }
func (e *stoppedError) Unwrap() error { return e.err }

// explanation is what a failure says, to people and to programs.
type explanation struct {
	Message          string                    `json:"message"`
	Code             fulfillment.Code          `json:"code,omitempty"`
	Field            []string                  `json:"field,omitempty"`
	Problems         []fulfillment.Problem     `json:"problems,omitempty"` // each of several things that are wrong
	Status           fulfillment.Status        `json:"status,omitempty"`
	RequestStatus    fulfillment.RequestStatus `json:"requestStatus,omitempty"`
	SupportedActions []fulfillment.Action      `json:"supportedActions,omitempty"`
	CommandID        string                    `json:"commandId,omitempty"`
	Retryable        bool                      `json:"retryable"`
	WhatToDo         string                    `json:"whatToDo,omitempty"`

	apart bool // the message does not say where each of the problems is
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
		e.WhatToDo, e.Retryable = stopped.goOn, stopped.again
	case errors.Is(err, context.Canceled) && cmd.Context().Err() != nil:
		e.Message = "interrupted"
		e.WhatToDo = again(e.CommandID)
		e.Retryable = e.CommandID != ""
	case isRefusal:
		e.Message, e.Code, e.Field = refused.Told(), refused.Code, refused.Field
		e.Status, e.RequestStatus, e.SupportedActions = refused.Status, refused.RequestStatus, refused.SupportedActions
		shown := refusal.Of(refused.Code)
		status, e.Retryable = shown.Exit, shown.Retry
		e.Problems = refused.Problems
		e.WhatToDo = advice(refused, e.CommandID, cmp.Or(cmd.Flags().Arg(0), "ID"))
		if of, is := errors.AsType[*returnError](err); is {
			e.WhatToDo, e.apart = returnAdvice(refused, e.CommandID, of.see), true
		}
		if waited, ok := errors.AsType[*operation.Unanswered](err); ok {
			if step, known := waited.WhatToDo(); known {
				e.WhatToDo = strings.TrimSpace(step + " " + again(e.CommandID))
			}
		}
		if refused.Code == fulfillment.CodeUnavailable {
			e.Message += " (" + a.backend.where() + ")"
		}
	case isListening(err):
		e.WhatToDo = "Set PACKHORSE_API_ADDRESS or PACKHORSE_METRICS_ADDRESS to an address of this machine that " +
			"nobody uses; port 0 is any."
	case errors.Is(err, pooler.ErrPooler):
		e.WhatToDo = "Add default_query_exec_mode=cache_describe to the database URL, PACKHORSE_DATABASE_URL."
	case isUnprepared(err):
		e.WhatToDo = "Prepare the database: packhorse migrate"
	case isUnreachable(err):
		e.Code, e.Retryable = fulfillment.CodeUnavailable, true
		todo := cmp.Or(postgres.WhatToDo(err), reach(err))
		e.Message = strings.Replace(e.Message, ": "+todo, "", 1) // It has a line of its own.
		e.WhatToDo = strings.TrimSpace(todo + " " + again(e.CommandID))
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
	if e.apart && len(e.Problems) > 0 {
		for _, p := range e.Problems {
			row("wrong", strings.TrimPrefix(strings.Join(p.Field, ".")+": "+p.Message, ": "))
		}
	} else {
		row("field", strings.Join(e.Field, "."))
	}
	if e.Status != "" {
		row("stands at", pair(e.Status, e.RequestStatus))
		row("possible", cmp.Or(strings.Join(commandsFor(e.SupportedActions), ", "), "nothing any more"))
	}
	row("what to do", e.WhatToDo)
}
