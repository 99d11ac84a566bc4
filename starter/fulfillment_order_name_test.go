package main

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

// fleet is the lantern, a second fulfillment order of #1001 that is closed, and one alone of #1002.
func fleet() *fakeBackend {
	f := lantern()
	first := f.fulfillmentOrders[0]
	f.orders = append(f.orders, &fulfillment.OrderRecord{Order: fulfillment.Order{ID: 1002, Name: "#1002"}},
		&fulfillment.OrderRecord{Order: fulfillment.Order{ID: 1003, Name: "#1003"}})
	made := func(id, order fulfillment.ID, name string, status fulfillment.Status, after time.Duration) {
		f.fulfillmentOrders = append(f.fulfillmentOrders, &fulfillment.FulfillmentOrder{
			ID: id, OrderID: order, OrderName: name, Status: status, RequestStatus: fulfillment.RequestUnsubmitted,
			AssignedLocation: first.AssignedLocation, CreatedAt: first.CreatedAt.Add(after),
			Lines: []fulfillment.Line{{ID: id + 1, Title: "Tea", Total: 1, Remaining: 1}},
		})
	}
	made(4700, 1001, "#1001", fulfillment.StatusClosed, time.Hour) // Made later, by a sender that counts for itself.
	made(4800, 1002, "#1002", fulfillment.StatusClosed, 0)
	made(4900, 1003, "#1003", fulfillment.StatusOpen, 0)
	made(4910, 1003, "#1003", fulfillment.StatusOpen, 0)
	return f
}

// TestFulfillmentOrderNames: a fulfillment order goes by its ID, by its place among those of its order, and by the
// order if only one can be meant.
func TestFulfillmentOrderNames(t *testing.T) {
	t.Parallel()
	f := fleet()
	for _, test := range []struct {
		name  string
		again bool
		want  fulfillment.ID
		says  string
	}{
		{name: "4711", want: 4711},
		{name: "fulfillment-order/4711", want: 4711},
		{name: "12345", want: 12345}, // Whether there is one, the command says.
		{name: "#1001-1", want: 4711},
		{name: "1001-1", want: 4711},
		{name: "#1001-2", again: true, want: 4700},
		{name: "#1001", want: 4711}, // The other one is closed.
		{name: "#1002", again: true, want: 4800},
		{
			name: "#1001", again: true,
			says: `with --command-id, "#1001" must be the same fulfillment order whenever it is sent: name one of ` +
				`#1001-1 (4711, ON_HOLD at Main warehouse), #1001-2 (4700, CLOSED at Main warehouse)`,
		},
		{
			name: "#1003",
			says: `"#1003" is an order with more than one fulfillment order: name one of ` +
				`#1003-1 (4900, OPEN at Main warehouse), #1003-2 (4910, OPEN at Main warehouse)`,
		},
		{name: "#1001-3", says: `There is no fulfillment order "#1001-3". Order #1001 has 2 fulfillment orders: #1001-1`},
		{name: "#1001-0", says: `There is no fulfillment order "#1001-0".`},
		{name: "#1001-x", says: `There is no fulfillment order "#1001-x".`},
		{name: "#999", says: `There is no fulfillment order "#999".`},
	} {
		got, err := findFulfillmentOrder(t.Context(), fakeBook{f}, test.name, test.again)
		if got != test.want || (err == nil) != (test.says == "") || err != nil && !strings.HasPrefix(err.Error(), test.says) {
			t.Errorf("%s: %d, %v; want %d, %s", test.name, got, err, test.want, test.says)
		}
	}
}

// TestFulfillmentOrderNamesAreTaken: by a command, by one on several, by show and by history.
func TestFulfillmentOrderNamesAreTaken(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"fulfillment-order release-hold #1001-1": "ReleaseHold 4711 ",
		"fulfillment-order merge #1003-1 4910":   "Merge order 1003 ",
		"fulfillment-order show #1001":           "",
		"fulfillment-order history #1001-1":      "",
	} {
		f := fleet()
		status, stdout, stderr := call(t, f, "", strings.Fields(args)...)
		sent := strings.Join(f.sent, "\n")
		if want == "" && (status != statusDone || stdout == "") || !strings.HasPrefix(sent, want) {
			t.Errorf("%s: status %d, sent %q, said %q", args, status, sent, stderr)
		}
	}
}

// TestShowNamesFulfillmentOrders: where a fulfillment order came from and where its units went is said by the names
// that commands take.
func TestShowNamesFulfillmentOrders(t *testing.T) {
	t.Parallel()
	f := fleet()
	for _, fo := range f.fulfillmentOrders {
		switch fo.ID {
		case 4711:
			fo.Supersedes = []fulfillment.ID{4700}
		case 4700:
			fo.SupersededBy, fo.Lines = []fulfillment.ID{4711}, nil
		}
	}
	for name, want := range map[string][]string{
		"#1001-1": {"came from +#1001-2\n"}, "#1001-2": {"went to +#1001-1\n", "waits for +nothing: see #1001-1\n"},
	} {
		status, stdout, stderr := call(t, f, "", "fulfillment-order", "show", name)
		for _, pattern := range want {
			if status != statusDone || !regexp.MustCompile(pattern).MatchString(stdout) {
				t.Errorf("%s: status %d, %s, want %q in\n%s", name, status, stderr, pattern, stdout)
			}
		}
	}
}

// TestCompletion: the shell offers what the store has, without the # that it takes for a comment, and nothing when the
// database is away.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want []string
	}{
		{
			[]string{"fulfillment-order", "open", ""},
			[]string{
				"1001-1\tON_HOLD at Main warehouse", "1003-1\tOPEN at Main warehouse",
				"1003-2\tOPEN at Main warehouse",
			},
		},
		{[]string{"fulfillment-order", "show", "#1003-2"}, []string{"#1003-2\tOPEN at Main warehouse"}},
		{[]string{"fulfillment-order", "open", "1001-1", ""}, nil},
		{
			[]string{"fulfillment-order", "merge", "1003-1", "1003-2"},
			[]string{"1003-2\tOPEN at Main warehouse"},
		},
		{[]string{"fulfillment-order", "move", "1001-1", "--to", "main"}, []string{"Main warehouse\t7"}},
		{[]string{"fulfillment-order", "list", "--order", "100"}, []string{"1001\t", "1002\t", "1003\t"}},
		{[]string{"order", "show", "1002"}, []string{"1002\t"}},
		{
			[]string{"fulfillment-order", "show", "1001-1", "--as", ""},
			[]string{"operator\truns Packhorse", "merchant\towns the orders", "service:nordlicht\tNordlicht 3PL"},
		},
	} {
		f := fleet()
		f.locations = []fulfillment.Location{
			{ID: 7, Name: "Main warehouse"}, {ID: 8, Name: "Nordlicht 3PL", Service: &fulfillment.Service{
				ID: 70, Name: "Nordlicht 3PL", Handle: "nordlicht",
			}},
		}
		_, stdout, _ := call(t, f, "", append([]string{"__complete"}, test.args...)...)
		lines := strings.Split(stdout, "\n")
		offered := lines[:len(lines)-2] // The last says that nothing else is.
		for i, line := range offered {
			if i >= len(test.want) || !strings.HasPrefix(line+"\t", test.want[i]) {
				t.Errorf("%v: offered %q, want %q", test.args, offered, test.want)
				break
			}
		}
		if len(offered) != len(test.want) {
			t.Errorf("%v: offered %q, want %q", test.args, offered, test.want)
		}

		f.book.err = errors.New("connection refused")
		status, stdout, stderr := call(t, f, "", append([]string{"__complete"}, test.args...)...)
		if status != statusDone || strings.Contains(stdout+stderr, "refused") {
			t.Errorf("%v: without a database: status %d, said %q and %q", test.args, status, stdout, stderr)
		}
	}
}

// TestCompletionIsQuick: who presses the tab key does not wait long for a database that does not answer.
func TestCompletionIsQuick(t *testing.T) {
	t.Parallel()
	a := newApp(strings.NewReader(""), nil, nil)
	a.backend = fleet().asBackend()
	root := a.newRoot()
	root.SetContext(t.Context())
	var left time.Duration
	a.completes(func(ctx context.Context, _ book) ([]completion, error) {
		until, _ := ctx.Deadline()
		left = time.Until(until)
		return nil, nil
	})(root, nil, "")
	if left <= 0 || left > completionTimeout {
		t.Errorf("it waits for %s", left)
	}
}
