package main

import (
	"fmt"
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
)

// ownWords is what people call the steps that nobody takes by a command of the contract.
var ownWords = map[fulfillment.Verb]string{
	fulfillment.VerbTick:           "time passes",
	fulfillment.VerbProviderAnswer: "provider's answer",
	fulfillment.VerbCancelUnits:    "order cancelled or edited",
}

// arrow is all steps from one state to another, as the picture has them.
type arrow struct {
	from, to string
	labels   []string
}

// lifecycle is the Mermaid state diagram of a fulfillment order.
func lifecycle() string {
	states, arrows := statesAndArrows(fulfillment.Lifecycle())
	groups := groupsOf(states, arrows)
	var b strings.Builder
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	inside := map[string]string{} // the group of a state
	for _, group := range groups {
		if len(group) == 1 {
			declare(&b, "    ", group[0])
			continue
		}
		name := "from_any_of_" + alias(group[0])
		fmt.Fprintf(&b, "    state \"any of these\" as %s {\n", name)
		for _, state := range group {
			inside[state] = name
			declare(&b, "        ", state)
		}
		b.WriteString("    }\n")
	}
	b.WriteString("    [*] --> OPEN_UNSUBMITTED\n    [*] --> SCHEDULED_UNSUBMITTED : fulfillAt is to come\n")
	drawn := map[string]bool{}
	for _, a := range arrows {
		from := alias(a.from)
		if group := inside[a.from]; group != "" {
			from = group
		}
		line := fmt.Sprintf("    %s --> %s : %s\n", from, alias(a.to), strings.Join(a.labels, "<br/>"))
		if !drawn[line] { // The members of a group have the same ones.
			drawn[line] = true
			b.WriteString(line)
		}
	}
	b.WriteString("    CLOSED --> [*]\n```\n")
	return b.String()
}

// statesAndArrows merges the steps between the same two states, and lists the states as they are first met.
func statesAndArrows(edges []fulfillment.Edge) (states []string, arrows []*arrow) {
	between := map[[2]string]*arrow{}
	for _, e := range edges {
		for _, state := range []string{e.From, e.To} {
			if !slices.Contains(states, state) {
				states = append(states, state)
			}
		}
		a := between[[2]string{e.From, e.To}]
		if a == nil {
			a = &arrow{from: e.From, to: e.To}
			between[[2]string{e.From, e.To}] = a
			arrows = append(arrows, a)
		}
		a.labels = append(a.labels, label(e.Label))
	}
	return states, arrows
}

// groupsOf puts states together from which the very same steps are possible: one arrow then stands for several.
func groupsOf(states []string, arrows []*arrow) [][]string {
	var groups [][]string
	at := map[string]int{} // the group that has these ways out
	for _, state := range states {
		var out strings.Builder
		for _, a := range arrows {
			if a.from == state {
				fmt.Fprintln(&out, a.to, a.labels)
			}
		}
		if i, ok := at[out.String()]; ok {
			groups[i] = append(groups[i], state)
			continue
		}
		at[out.String()] = len(groups)
		groups = append(groups, []string{state})
	}
	return groups
}

func label(v fulfillment.Verb) string {
	if words := ownWords[v]; words != "" {
		return words
	}
	return string(v)
}

func declare(b *strings.Builder, indent, state string) {
	fmt.Fprintf(b, "%sstate \"%s\" as %s\n", indent, strings.ReplaceAll(state, "/", " / "), alias(state))
}

// alias is a state's name as Mermaid allows it.
func alias(state string) string { return strings.ReplaceAll(state, "/", "_") }
