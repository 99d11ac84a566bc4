package webhook_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// TestExamples: each topic has one, whose body has what a real one has, and is the same each time.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, topic := range webhook.EventTopics() {
		t.Run(topic, func(t *testing.T) {
			t.Parallel()
			event, body, err := shop.Example(topic, checker, noon)
			if err != nil {
				t.Fatal(err)
			}
			if event.Topic != topic || event.OrderID == 0 || event.Sequence == 0 || !event.At.Equal(noon) &&
				topic != fulfillment.TopicOrderCreated && topic != fulfillment.TopicOrderPaid {
				t.Errorf("it is of %+v", event)
			}
			var value any
			if err := json.Unmarshal(body, &value); err != nil {
				t.Fatal(err)
			}
			want := keysIn(t, filepath.Join("testdata", "bodies", fileName(topic)+".json"))
			if topic == fulfillment.TopicOrderCancelled { // Nothing of the example was shipped.
				maps.DeleteFunc(want, func(key string, _ bool) bool { return strings.HasPrefix(key, "fulfillments.") })
			}
			got := keysOf(value, "", map[string]bool{})
			if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
				t.Errorf("%s: %s", body, diff)
			}
			if _, again, err := shop.Example(topic, checker, noon); err != nil || !bytes.Equal(again, body) {
				t.Errorf("the next one is %s, %v", again, err)
			}
		})
	}
	if _, _, err := shop.Example("inventions/create", checker, noon); err == nil {
		t.Error("there is an example of what has no body")
	}
}
