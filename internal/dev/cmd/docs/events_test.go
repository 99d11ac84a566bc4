package main

import (
	"reflect"
	"strings"
	"testing"

	"packhorse/internal/feed"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/webhook"
)

func TestEventTables(t *testing.T) {
	t.Parallel()
	comments, err := readAllComments()
	if err != nil {
		t.Fatal(err)
	}
	tables := eventTables(comments)
	for _, want := range []string{
		"| `topic` | text | the webhook topic",
		"| `sequence` | number | the transition's", "### Details\n", "| `before` | object |",
		"| `version` | number | 2,", "| `displayFulfillmentStatus` | text |", "DEADLINE_SET (missing: taken away)",
	} {
		if !strings.Contains(tables, want) {
			t.Errorf("the tables lack %q:\n%s", want, tables)
		}
	}
	event := reflect.TypeFor[feed.Entry]()
	for i := range event.NumField() {
		name, _, _ := strings.Cut(event.Field(i).Tag.Get("json"), ",")
		if !strings.Contains(tables, "| `"+name+"` |") {
			t.Errorf("the tables lack the field %s", name)
		}
	}
}

func TestConstants(t *testing.T) {
	t.Parallel()
	all, err := readAllConstants()
	if err != nil {
		t.Fatal(err)
	}
	topics, kinds := topicList(all), kindList(all)
	var listed strings.Builder
	for _, topic := range webhook.EventTopics() {
		listed.WriteString("- `" + topic + "`\n")
	}
	if listed.String() != topics {
		t.Errorf("the topics are\n%s\nand the constants\n%s", listed.String(), topics)
	}
	for _, want := range []string{
		string(fulfillment.KindMergedAway) + "`: gave units", string(fulfillment.OrderKindStatusChanged) + "`: ",
		string(returns.KindExpected) + "`: when",
	} {
		if !strings.Contains(kinds, "- `"+want) {
			t.Errorf("the kinds lack %q:\n%s", want, kinds)
		}
	}
	if _, err := readConstants(t.TempDir()); err == nil {
		t.Error("a folder without constants is no error")
	}
}
