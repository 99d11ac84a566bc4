package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"
)

// TestTablesFitTheTerminal is about all lists: each line fits, what a command takes is whole, and so is what goes
// elsewhere.
func TestTablesFitTheTerminal(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 60, 80, 100, 400} {
		f := lantern()
		f.fulfillmentOrders[0].ID = 915012096495549706
		f.fulfillmentOrders[0].AssignedLocation.Name = "Zentrallager für Lichter und 灯笼 in Castrop-Rauxel"
		f.orders[0].SourceIdentifier = "a-shop-with-very-long-identifiers-2026-4711"
		f.locations[1].SKUs = []string{"LANTERN-1", "LANTERN-2", "LANTERN-3", "LANTERN-4", "LANTERN-5", "LANTERN-6"}
		for args, whole := range map[string]string{
			"order list": "#1001", "order show #1001": "#1001-1", "fulfillment-order list": "#1001-1",
			"fulfillment-order show 915012096495549706": "915012096495549706", "location list": "7",
			"service list": "9", "fulfillment-order history 915012096495549706": "1", "fulfillment show 4714": "4714",
		} {
			var out, errOut bytes.Buffer
			a := newApp(nil, &out, &errOut)
			a.now, a.zone, a.backend, a.width = func() time.Time { return noon }, time.UTC, f.asBackend(), width
			if status := a.run(t.Context(), strings.Fields(args)); status != statusDone {
				t.Fatalf("%s: %s", args, &errOut)
			}
			if !strings.Contains(out.String(), whole) || width == 0 && strings.Contains(out.String(), "…") {
				t.Errorf("%s, %d wide, not whole:\n%s", args, width, &out)
			}
			for line := range strings.Lines(out.String()) {
				line = strings.TrimSuffix(line, "\n")
				pair := strings.HasPrefix(line, "  ") || strings.Contains(line, "): ")
				if width > 0 && uniseg.StringWidth(line) > width && !pair {
					t.Errorf("%s: %d wide:\n%s", args, uniseg.StringWidth(line), line)
				}
			}
		}
	}
}

// TestColumnsAreShortenedFairly takes from the widest column first, and leaves out IDs only where there are names.
func TestColumnsAreShortenedFairly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		width        int
		header, want string
	}{
		{0, "NAME ID LOCATION STATE", "#1010-1  915012096495549706  Zentrallager-Castrop  ON_HOLD"},
		{58, "NAME ID LOCATION STATE", "#1010-1  915012096495549706  Zentrallager-Castrop  ON_HOLD"},
		{50, "NAME ID LOCATION STATE", "#1010-1  915012096495549706  Zentrallage…  ON_HOLD"},
		{40, "NAME ID LOCATION STATE", "#1010-1  Zentrallager-Castrop  ON_HOLD"},
		{25, "NAME ID LOCATION STATE", "#1010-1  Zentra…  ON_HOLD"},
		{40, "NAME KEY LOCATION STATE", "#1010-1  915012096495549706  Zen…  ON_…"},
	} {
		var out bytes.Buffer
		a := newApp(nil, &out, &out)
		a.width = test.width
		table := a.newTable(strings.Fields(test.header)...)
		table.row("#1010-1", "915012096495549706", "Zentrallager-Castrop", "ON_HOLD")
		if err := table.flush(); err != nil {
			t.Fatal(err)
		}
		if _, got, _ := strings.Cut(out.String(), "\n"); got != test.want+"\n" {
			t.Errorf("%d wide: %q, want %q", test.width, got, test.want)
		}
	}
}

func TestCutKeepsLettersWhole(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		width int
		want  string
	}{
		{"lantern", 7, "lantern"}, {"lantern", 4, "lan…"}, {"a lantern", 3, "a…"}, {"灯笼灯", 6, "灯笼灯"},
		{"灯笼灯", 5, "灯笼…"}, {"灯笼灯", 4, "灯…"}, {"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
	} {
		if got := cut(test.text, test.width); got != test.want {
			t.Errorf("%q to %d: %q, want %q", test.text, test.width, got, test.want)
		}
	}
}

func TestTablesStayInOneLine(t *testing.T) {
	t.Parallel()
	if got := oneLine("a\nb\tc\x1b[31m\u009bd é"); got != "a b c [31m d é" {
		t.Errorf("%q", got)
	}
}
