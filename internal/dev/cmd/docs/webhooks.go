package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"packhorse/internal/access"
	"packhorse/internal/returns"
	"packhorse/internal/webhook"
)

// bodyExamples is the folder of the bodies that tests hold the code to, seen from this one's.
const bodyExamples = "../../../webhook/testdata/bodies"

// webhookTopics says when which topic is told, to whom, and what is not as in Shopify's samples.
func webhookTopics(all []constant) string {
	var when, who strings.Builder
	when.WriteString("| topic | when | what to know |\n|---|---|---|\n")
	who.WriteString("\n| topics | at the merchant's location | at a service of the app | at another service |\n" +
		"|---|---|---|---|\n")
	of := map[string]string{} // by family of topics
	for _, topic := range topicsOf(all) {
		fmt.Fprintf(&when, "| `%s` | %s | %s |\n", topic, cell(webhook.When(topic)), cell(webhook.Differs(topic)))
		family, _, _ := strings.Cut(topic, "/")
		cells := strings.Join(ruleCells(access.HearingRule(topic)), " | ")
		switch {
		case of[family] == "":
			of[family] = cells
			fmt.Fprintf(&who, "| `%s/…` | %s |\n", family, cells)
		case of[family] != cells: // Than its family.
			fmt.Fprintf(&who, "| `%s` | %s |\n", topic, cells)
		}
	}
	return when.String() + who.String()
}

func topicsOf(all []constant) []string {
	var topics []string
	for _, c := range all {
		if c.typeName == "" && strings.HasPrefix(c.name, "Topic") {
			topics = append(topics, c.value)
		}
	}
	return topics
}

// webhookBodies shows a body of each topic. Those that are like another one are not shown again.
// One that has no example is shown with why: a test of the bodies fails, too.
func webhookBodies(all []constant) string {
	like := map[string]string{
		"fulfillment_holds/released": "fulfillment_holds/added", "fulfillments/update": "fulfillments/create",
		returns.TopicOverdue: returns.TopicReminder,
	}
	for _, same := range []string{"updated", "cancelled", "fulfilled", "partially_fulfilled", "paid"} {
		like["orders/"+same] = "orders/create"
	}
	var b strings.Builder
	for _, topic := range topicsOf(all) {
		fmt.Fprintf(&b, "### %s\n\n", topic)
		if other := like[topic]; other != "" {
			fmt.Fprintf(&b, "Like `%s`.\n\n", other)
			continue
		}
		text, err := os.ReadFile(filepath.Join(bodyExamples, strings.ReplaceAll(topic, "/", "__")+".json"))
		if err != nil {
			fmt.Fprintf(&b, "There is no example: %v\n\n", err)
			continue
		}
		fmt.Fprintf(&b, "```json\n%s```\n\n", text)
	}
	return b.String()
}
