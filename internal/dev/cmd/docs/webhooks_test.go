package main

import (
	"strings"
	"testing"
)

// Every topic that is raised is on the page, with when it is told, to whom, and what it looks like.
func TestWebhookTopics(t *testing.T) {
	t.Parallel()
	all, err := readAllConstants()
	if err != nil {
		t.Fatal(err)
	}
	tables, examples := webhookTopics(all), webhookBodies(all)
	topics := topicsOf(all)
	if len(topics) < 45 {
		t.Fatalf("there are %d topics", len(topics))
	}
	for _, topic := range topics {
		if !strings.Contains(tables, "| `"+topic+"` | ") || strings.Contains(tables, "| `"+topic+"` |  |") {
			t.Errorf("nothing says when %s is told", topic)
		}
		if !strings.Contains(examples, "### "+topic+"\n\n```json\n{") &&
			!strings.Contains(examples, "### "+topic+"\n\nLike `") {
			t.Errorf("%s has no example", topic)
		}
	}
	for _, want := range []string{
		"| `fulfillment_orders/…` | `read_merchant_managed_fulfillment_orders` | ",
		"| `returns/…` | `read_returns` | `read_returns` | `read_returns` |",
		"| `returns/cancel` | `read_orders` or `read_returns` | `read_orders` or `read_returns` | ",
		"| `orders/…` | `read_orders` | `read_orders` | `read_orders` |",
	} {
		if !strings.Contains(tables, want) {
			t.Errorf("the tables lack %q", want)
		}
	}
	if strings.Contains(examples, "There is no example") {
		t.Error("an example is not where it is looked for")
	}
}
