package webhook

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every topic that the domain has a name for can be subscribed to: a list kept by hand could forget one.
func TestRaisedTopicsAreTheDomains(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../fulfillment/*.go")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../returns/*.go")
	if err != nil {
		t.Fatal(err)
	}
	names = append(names, more...)
	var found []Topic
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || !strings.HasPrefix(spec.Names[0].Name, "Topic") || len(spec.Values) != 1 {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
				topic, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, TopicOf(topic))
			}
			return true
		})
	}
	slices.Sort(found)
	if !slices.Equal(found, Raised()) {
		t.Errorf("the domain has %v\nraised are %v", found, Raised())
	}
}

func TestTopicNames(t *testing.T) {
	t.Parallel()
	topic := TopicOf("fulfillment_orders/moved")
	if topic != "FULFILLMENT_ORDERS_MOVED" || topic.Wire() != "fulfillment_orders/moved" || !topic.IsRaised() {
		t.Errorf("%s is %q", topic, topic.Wire())
	}
	for _, text := range []string{"fulfillment_orders/moved", "FULFILLMENT_ORDERS_MOVED", " fulfillment_orders/moved "} {
		if event, ok := Events(text); !ok || event != "fulfillment_orders/moved" {
			t.Errorf("events spell %q as %q", text, event)
		}
	}
	if event, ok := Events("SHOP_UPDATE"); ok {
		t.Errorf("events have %q", event)
	}
	if topic := Topic("SHOP_UPDATE"); topic.IsRaised() || topic.Wire() != "" {
		t.Errorf("%s is %q", topic, topic.Wire())
	}
}
