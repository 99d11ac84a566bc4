package main

import (
	"cmp"
	"fmt"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/refusal"
	"packhorse/internal/returns"
)

// advice is the next step after a refusal; of is what the command was about.
func advice(refused *fulfillment.Error, commandID, of string) string {
	shown := refusal.Of(refused.Code)
	text := strings.ReplaceAll(shown.Advice, "{id}", of)
	if refused.Code == fulfillment.CodeInvalidState && len(refused.SupportedActions) > 0 {
		text = "Do what is possible now, or s" + strings.TrimPrefix(text, "S")
	}
	if shown.Retry {
		text = strings.TrimSpace(text + " " + again(commandID))
	}
	return text
}

// returnAdvice is the next step after a refusal of a command on a return; see is the command that shows what it depends
// on.
func returnAdvice(refused *fulfillment.Error, commandID, see string) string {
	shown := refusal.Of(refused.Code)
	text := "See what there is: " + see
	switch {
	case refused.Code == fulfillment.CodeInvalidState && len(refused.SupportedActions) > 0:
		text = "Do what is possible now: packhorse return --help. " + text
	case refused.Code != fulfillment.CodeInvalidState && shown.Advice != "":
		text = shown.Advice
	}
	if shown.Retry {
		text = strings.TrimSpace(text + " " + again(commandID))
	}
	return text
}

// again says how to repeat a command whose fate is unknown.
func again(commandID string) string {
	if commandID == "" {
		return ""
	}
	return fmt.Sprintf(
		"If the command was taken, it is not lost. Send it again with --command-id %s: it is done once, however "+
			"often it is sent.",
		commandID,
	)
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

	fulfillment.Action(returns.VerbProcess):        "inspect",
	fulfillment.Action(returns.VerbCreateDelivery): "parcel create",
	fulfillment.Action(returns.VerbUpdateDelivery): "parcel update",
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
