package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"packhorse/internal/config"
	"packhorse/internal/provider/catalogue"
)

const endMarker = "<!-- /generated -->"

var startMarker = regexp.MustCompile(`^<!-- generated:(\S*) -->$`)

// sections is every text that a file can ask for, by the name in its marker.
func sections(c comments, all []constant) map[string]func() string {
	return map[string]func() string{
		"lifecycle": lifecycle,
		"commands":  func() string { return commandTable(c) },
		"payloads":  func() string { return payloads(c) },
		"order":     func() string { return orderTables(c) },
		"events":    func() string { return eventTables(c) },
		"topics":    func() string { return topicList(all) },
		"kinds":     func() string { return kindList(all) },
		"settings":  func() string { return config.Markdown(catalogue.New().Settings()...) },
		"providers": providerTable,
		"access":    accessTables,
		"objects":   objectTables,
		"scopes":    scopeList,
		"search":    searchTable,

		"warehouse-introduction": warehouseIntroduction,
		"warehouse-calls":        warehouseCalls,
		"warehouse-callbacks":    warehouseCallbacks,
		"warehouse-signature":    warehouseSignature,
		"warehouse-bodies":       warehouseBodies,
		"warehouse-points":       warehousePoints,

		"webhook-scopes": subscriptionTopics,
		"webhook-topics": func() string { return webhookTopics(all) },
		"webhook-bodies": func() string { return webhookBodies(all) },
	}
}

// refresh replaces what stands between the markers. A marker that asks for an unknown section, has no end, or has no
// beginning is an error: what it was meant for would silently grow old.
func refresh(text string, parts map[string]func() string) (string, error) {
	var out strings.Builder
	open, number := 0, 0 // line of the marker whose end is awaited; line that is read
	for line := range strings.Lines(text) {
		number++
		marker := strings.TrimSpace(line)
		start := startMarker.FindStringSubmatch(marker)
		switch {
		case start != nil && open > 0:
			return "", fmt.Errorf(
				"line %d: a generated section begins inside the one that began in line %d", number, open,
			)
		case start != nil:
			part, ok := parts[start[1]]
			if !ok {
				return "", fmt.Errorf("line %d: nothing generates %q; there are %s", number, start[1],
					strings.Join(slices.Sorted(maps.Keys(parts)), ", "))
			}
			open = number
			out.WriteString(marker + "\n" + strings.TrimSpace(part()) + "\n" + endMarker + "\n")
		case marker == endMarker && open == 0:
			return "", fmt.Errorf("line %d: a generated section ends here, but none begins", number)
		case marker == endMarker:
			open = 0
		case open == 0:
			out.WriteString(line)
		}
	}
	if open > 0 {
		return "", fmt.Errorf("line %d: the generated section that begins here has no %s", open, endMarker)
	}
	return out.String(), nil
}
