package main

import (
	"reflect"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

func TestEventTables(t *testing.T) {
	t.Parallel()
	comments, err := readComments(domainSource)
	if err != nil {
		t.Fatal(err)
	}
	tables := eventTables(comments)
	for _, want := range []string{
		"| `topic` | text | the webhook topic",
		"| `sequence` | number | the transition's", "### Details\n", "| `before` | object |",
		"| `version` | number | 2 |", "| `displayFulfillmentStatus` | text |", "DEADLINE_SET (missing: taken away)",
	} {
		if !strings.Contains(tables, want) {
			t.Errorf("the tables lack %q:\n%s", want, tables)
		}
	}
	event := reflect.TypeFor[fulfillment.Event]()
	for i := range event.NumField() {
		name, _, _ := strings.Cut(event.Field(i).Tag.Get("json"), ",")
		if !strings.Contains(tables, "| `"+name+"` |") {
			t.Errorf("the tables lack the field %s", name)
		}
	}
}

func TestConstants(t *testing.T) {
	t.Parallel()
	all, err := readConstants(domainSource)
	if err != nil {
		t.Fatal(err)
	}
	topics, kinds := topicList(all), kindList(all)
	for _, want := range []string{
		fulfillment.TopicMoved, fulfillment.TopicRoutingComplete,
		fulfillment.TopicOrderFulfilled, fulfillment.TopicDeadlineMissed,
	} {
		if strings.Count(topics, "- `"+want+"`") != 1 {
			t.Errorf("the topics lack %q:\n%s", want, topics)
		}
	}
	for _, want := range []string{
		string(fulfillment.KindMergedAway) + "`: gave units", string(fulfillment.OrderKindStatusChanged) + "`: ",
	} {
		if !strings.Contains(kinds, "- `"+want) {
			t.Errorf("the kinds lack %q:\n%s", want, kinds)
		}
	}
	if _, err := readConstants(t.TempDir()); err == nil {
		t.Error("a folder without constants is no error")
	}
}
