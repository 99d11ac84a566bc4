package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// TestListsSayHowToGoOn follows what each list says to its end: the same for long lists and for short ones.
func TestListsSayHowToGoOn(t *testing.T) {
	t.Parallel()
	f := lantern()
	f.fulfillmentOrders, f.locations = nil, nil
	for id := fulfillment.ID(7); id > 0; id-- {
		f.fulfillmentOrders = append(
			f.fulfillmentOrders, &fulfillment.FulfillmentOrder{ID: id, Status: fulfillment.StatusOpen},
		)
		f.locations = append(f.locations, fulfillment.Location{ID: id, Name: fmt.Sprintf("place %d", id),
			Service: &fulfillment.Service{ID: id}})
	}
	for _, begin := range [][]string{
		{"fulfillment-order", "list", "--limit", "3", "--location", "place 7"}, {"location", "ls", "--limit=3"},
		{"service", "list", "--limit=3"},
	} {
		args, pages, hint := begin, 0, ""
		for ; args != nil; pages++ {
			status, stdout, stderr := call(t, f, "", args...)
			if status != statusDone || strings.Count(stdout, "\n") > 4 {
				t.Fatalf("%s: status %d, %s%s", args, status, stdout, stderr)
			}
			args = nil
			if cursor, more := strings.CutPrefix(stderr, "there are more: packhorse "); more {
				hint = cursor[:strings.LastIndexByte(cursor, ' ')]
				args = append(append([]string{}, begin...), strings.Fields(cursor)[len(strings.Fields(cursor))-2:]...)
			}
		}
		want := strings.ReplaceAll(strings.Join(begin, " "), "place 7", "'place 7'") + " --after"
		if pages != 3 || hint != want {
			t.Errorf("%s: %d pages, go on by %q, want %q", begin, pages, hint, want)
		}
	}
}

// TestShortListsArePaged is about those that are read as a whole.
func TestShortListsArePaged(t *testing.T) {
	t.Parallel()
	f := lantern()
	_, stdout, _ := call(t, f, "", "location", "list", "--limit", "1", "-o", "json")
	var page list[struct{ ID string }]
	if err := json.Unmarshal([]byte(stdout), &page); err != nil || len(page.Items) != 1 || page.Next == "" {
		t.Fatalf("%v %s", err, stdout)
	}
	f.locations = f.locations[1:]
	if status, _, stderr := call(t, f, "", "location", "list", "--after", page.Next); status != statusFailed ||
		!strings.Contains(stderr, "begin again, without --after") {
		t.Errorf("after what is gone: status %d %s", status, stderr)
	}
}

func TestHintsCanBePasted(t *testing.T) {
	t.Parallel()
	args := []string{"order", "list", "--after", "x", "--status=OPEN", "--after=y", "it's", "", "#1001"}
	if got, want := goOn(args, "z"), `order list --status=OPEN 'it'\''s' '' '#1001' --after z`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
