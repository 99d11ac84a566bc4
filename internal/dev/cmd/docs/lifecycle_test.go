package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

var (
	drawnState = regexp.MustCompile(`^ +state "(.+)" as (\w+)$`)
	drawnGroup = regexp.MustCompile(`^ +state ".+" as (\w+) \{$`)
	drawnArrow = regexp.MustCompile(`^ +(\w+) --> (\w+) : (.+)$`)
)

// TestLifecycle reads the picture back: it must have exactly the steps that the domain allows.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	names, groups := map[string]string{}, map[string][]string{}
	group := ""
	var got []fulfillment.Edge
	for line := range strings.Lines(lifecycle()) {
		line = strings.TrimRight(line, "\n")
		if m := drawnGroup.FindStringSubmatch(line); m != nil {
			group = m[1]
		} else if m := drawnState.FindStringSubmatch(line); m != nil {
			names[m[2]] = strings.ReplaceAll(m[1], " / ", "/")
			if group != "" {
				groups[group] = append(groups[group], m[2])
			}
		} else if strings.TrimSpace(line) == "}" {
			group = ""
		} else if m := drawnArrow.FindStringSubmatch(line); m != nil {
			sources := groups[m[1]]
			if sources == nil {
				sources = []string{m[1]}
			}
			for _, source := range sources {
				for label := range strings.SplitSeq(m[3], "<br/>") {
					got = append(got, fulfillment.Edge{From: names[source], To: names[m[2]], Label: verbOf(label)})
				}
			}
		}
	}
	want := fulfillment.Lifecycle()
	for _, e := range want {
		if !slices.Contains(got, e) {
			t.Errorf("%v is not in the picture", e)
		}
	}
	for _, e := range got {
		if !slices.Contains(want, e) {
			t.Errorf("%v is in the picture only", e)
		}
	}
	if len(groups) == 0 {
		t.Error("no states were put together; OPEN/REJECTED, INCOMPLETE and CANCELLED have the same ways out")
	}
}

func verbOf(label string) fulfillment.Verb {
	for verb, words := range ownWords {
		if words == label {
			return verb
		}
	}
	return fulfillment.Verb(label)
}
