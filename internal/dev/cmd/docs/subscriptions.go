package main

import (
	"cmp"
	"fmt"
	"strings"

	"packhorse/internal/access"
	"packhorse/internal/webhook"
)

// subscriptionTopics is every topic that a webhook can tell of, and what it takes to subscribe to it.
func subscriptionTopics() string {
	var b strings.Builder
	b.WriteString("| topic | as events and X-Shopify-Topic spell it | any one of these scopes |\n|---|---|---|\n")
	for _, topic := range webhook.Raised() {
		scopes := cmp.Or(anyOf(access.TopicScopes(string(topic))), "none")
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", topic, topic.Wire(), scopes)
	}
	return b.String()
}
