package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"packhorse/internal/fulfillment"
)

// askers is whose business a command usually is. Everything else in the tables comes from the domain.
var askers = map[fulfillment.Verb]string{
	fulfillment.VerbSubmitFulfillmentRequest:          "merchant",
	fulfillment.VerbAcceptFulfillmentRequest:          "service",
	fulfillment.VerbRejectFulfillmentRequest:          "service",
	fulfillment.VerbSubmitCancellationRequest:         "merchant",
	fulfillment.VerbAcceptCancellationRequest:         "service",
	fulfillment.VerbRejectCancellationRequest:         "service",
	fulfillment.VerbHold:                              "merchant",
	fulfillment.VerbReleaseHold:                       "merchant",
	fulfillment.VerbCancel:                            "merchant",
	fulfillment.VerbClose:                             "service",
	fulfillment.VerbOpen:                              "merchant",
	fulfillment.VerbReschedule:                        "merchant",
	fulfillment.VerbReportProgress:                    "merchant",
	fulfillment.VerbSetDeadline:                       "merchant",
	fulfillment.VerbMove:                              "merchant",
	fulfillment.VerbSplit:                             "merchant",
	fulfillment.VerbLineItemsPreparedForPickup:        "merchant",
	fulfillment.VerbLineItemsPreparedForLocalDelivery: "merchant",
	fulfillment.VerbCreateFulfillment:                 "who runs the location",
	fulfillment.VerbCancelFulfillment:                 "who runs the location",
	fulfillment.VerbUpdateTracking:                    "who runs the location",
	fulfillment.VerbRecordEvent:                       "who runs the location",
}

// commandTable lists what people and programs can ask of a fulfillment order.
func commandTable(c comments) string {
	edges := fulfillment.Lifecycle()
	var b strings.Builder
	b.WriteString("| verb | CLI | who | what | from → to |\n|---|---|---|---|---|\n")
	for _, verb := range verbs() {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | %s |\n", verb, kebab(verb), askers[verb],
			cell(firstSentence(c.typeText(structOf(verb)))), steps(edges, verb))
	}
	return b.String()
}

// payloads is every command's JSON.
func payloads(c comments) string {
	var b strings.Builder
	for _, verb := range verbs() {
		t := structOf(verb)
		fmt.Fprintf(&b, "### %s\n\n%s\n\n", verb, c.typeText(t))
		if t.NumField() == 1 { // Only what every command carries.
			b.WriteString("It has no fields of its own.\n\n")
			continue
		}
		b.WriteString(fieldTable(c, t) + "\n")
	}
	return b.String()
}

// verbs is the commands of the contract. CancelUnits isn't one: it is how an order asks its fulfillment orders.
func verbs() []fulfillment.Verb {
	return slices.DeleteFunc(
		fulfillment.Verbs(), func(v fulfillment.Verb) bool { return v == fulfillment.VerbCancelUnits },
	)
}

func structOf(verb fulfillment.Verb) reflect.Type {
	return reflect.TypeOf(fulfillment.NewCommand(verb)).Elem()
}

// steps is where a command leads, a line for each place.
func steps(edges []fulfillment.Edge, verb fulfillment.Verb) string {
	var targets []string
	sources := map[string][]string{}
	for _, e := range edges {
		if e.Label != verb {
			continue
		}
		if sources[e.To] == nil {
			targets = append(targets, e.To)
		}
		sources[e.To] = append(sources[e.To], short(edges, e.From))
	}
	if targets == nil {
		return "no change of state"
	}
	for i, target := range targets {
		targets[i] = strings.Join(sources[target], ", ") + " → " + short(edges, target)
	}
	return strings.Join(targets, "<br>")
}

// short is a pair of statuses without the request status where the status has only one.
func short(edges []fulfillment.Edge, pair string) string {
	status, _, _ := strings.Cut(pair, "/")
	for _, e := range edges {
		for _, other := range []string{e.From, e.To} {
			if strings.HasPrefix(other, status+"/") && other != pair {
				return pair
			}
		}
	}
	return status
}

// kebab is a verb as the command line has it.
func kebab(verb fulfillment.Verb) string {
	var b strings.Builder
	for i, r := range string(verb) {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
