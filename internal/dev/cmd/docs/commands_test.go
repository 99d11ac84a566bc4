package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

func TestCommandTable(t *testing.T) {
	t.Parallel()
	comments, err := readComments(domainSource)
	if err != nil {
		t.Fatal(err)
	}
	table := commandTable(comments)
	for _, want := range []string{
		"| `Close` | `close` | service | How a service gives up",
		"| OPEN/SUBMITTED → IN_PROGRESS/ACCEPTED |",
		"| `SetDeadline` | `set-deadline` | merchant |", "| no change of state |",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q:\n%s", want, table)
		}
	}
	for line := range strings.Lines(table) {
		if strings.Count(line, "|") != 6 {
			t.Errorf("not five columns: %s", line)
		}
	}
	for _, verb := range verbs() {
		if askers[verb] == "" {
			t.Errorf("nobody is said to ask for %s", verb)
		}
		if comments.typeText(structOf(verb)) == "" {
			t.Errorf("%s is not explained", verb)
		}
	}
	for verb := range askers {
		if !slices.Contains(verbs(), verb) {
			t.Errorf("%s is no command", verb)
		}
	}
}

func TestFieldText(t *testing.T) {
	t.Parallel()
	c := comments{
		"Order.Name":  `shown to people; default "#<id>"`,
		"Order.Count": "1 to MaxLines; see [ID]",
		"Order.Other": "see Other.Field",
		"Order.ID":    "default: minted, see Order.AssignIDs",
		"Other.Field": "how long",
	}
	for field, want := range map[string][2]string{
		"Name": {`"#<id>"`, "shown to people"}, "Count": {"", "1 to 512"}, "Other": {"", "how long"},
		"ID": {"minted", ""},
	} {
		if fallback, meaning := c.fieldText("Order." + field); [2]string{fallback, meaning} != want {
			t.Errorf("%s: got %q and %q, want %q", field, fallback, meaning, want)
		}
	}
}

// TestNotes keeps notes from hiding what the source says by now, and from outliving their fields.
func TestNotes(t *testing.T) {
	t.Parallel()
	comments, err := readComments(domainSource)
	if err != nil {
		t.Fatal(err)
	}
	structs := []reflect.Type{reflect.TypeFor[fulfillment.Order](), reflect.TypeFor[fulfillment.LineItem]()}
	for _, verb := range verbs() {
		structs = append(structs, structOf(verb))
	}
	for name := range notes {
		needed := false
		for _, s := range structs {
			for i := range s.NumField() {
				json, _, _ := strings.Cut(s.Field(i).Tag.Get("json"), ",")
				needed = needed || json == name && comments[s.Name()+"."+s.Field(i).Name] == ""
			}
		}
		if !needed {
			t.Errorf("the note about %q is not needed", name)
		}
	}
}
