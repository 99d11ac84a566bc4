package main

import (
	"cmp"
	"fmt"
	"strings"

	"packhorse/internal/fulfillment"
)

// advice is the next step after a refusal; of is what the command was about.
func advice(refused *fulfillment.Error, commandID, of string) string {
	switch refused.Code {
	case fulfillment.CodeUnavailable:
		return strings.TrimSpace("Look whether a worker is running. " + again(commandID))
	case fulfillment.CodeIdempotencyConflict:
		return "Take another --command-id: this one belongs to a command that asked for something else."
	case fulfillment.CodeAccessDenied:
		return "Ask as somebody who may: --as operator, --as merchant, or --as service:ID of the service that runs the location."
	case fulfillment.CodeNotFound:
		return "See what there is: packhorse fulfillment-order list --all"
	case fulfillment.CodeOrderNotFound:
		return "See what there is: packhorse order list"
	case fulfillment.CodeOrderExists:
		return "Change the one that is there: packhorse order edit --help. A new order needs an id or sourceIdentifier of its own."
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
