package main

import (
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, want string }{
		{"", "a command is missing"},
		{"frobnicate", `there is no command "frobnicate"`},
		{"orde", "did you mean order?"},
		{"order", "a command is missing"},
		{"order shwo", "did you mean show?"},
		{"order list --nope", "unknown flag: --nope"},
		{"order list surplus", "unknown command"},
		{"order list --limit 0", "at least 1"},
		{"order list --after nonsense", "the page before"},
		{"order list --status NICE", "none of UNFULFILLED"},
		{"order show", "one argument is needed, the order"},
		{"order show 1 2", "there are 2"},
		{"order create", `required flag(s) "file"`},
		{"order edit 1", "at least one of the flags"},
		{"order list --output xml", "none of table, json"},
		{"fulfillment-order hold 0 --reason OTHER", "positive whole number"},
		{"fulfillment-order hold 4711", `required flag(s) "reason"`},
		{"fulfillment-order hold 4711 --reason BAD", "none of AWAITING_PAYMENT"},
		{"fulfillment-order hold 4711 --reason OTHER --line 4712", "ID=QUANTITY"},
		{"fulfillment-order hold 4711 --reason OTHER --expires-at soon", "RFC 3339"},
		{"fulfillment-order hold 4711 --reason OTHER --as nobody", "operator, merchant"},
		{"fulfillment-order set-deadline 4711", "at least one of the flags"},
		{"fulfillment-order set-deadline 4711 --none --fulfill-by 2h", "none of the others can be"},
		{"fulfillment-order teleport 4711", "there is no command"},
		{"fulfillment track #1001-F1", "at least one of the flags"},
		{"service add X --options [1]", "--options is no JSON object"},
		{"service add X --provider robots",
			"--provider: Could not find a fulfillment provider with id: robots; there are manual, simulated"},
		{"location add X --country Portugal", "such as GB"},
		{"order list --timeout 3", "such as 3s"},
		{"order list --timeout 0s", "more than nothing"},
		{"demo", `required flag(s) "examples"`},
		{"audit --in-flight 0", "at least 1"},
		{"audit --order=", "names no order"},
		{"audit 1001", "unknown command"},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			f := lantern()
			status, stdout, stderr := call(t, f, "", strings.Fields(test.args)...)
			if status != statusUsage || !strings.Contains(stderr, test.want) || stdout != "" {
				t.Errorf("status %d, want 2; said %q and %q, want %q", status, stdout, stderr, test.want)
			}
			if len(f.sent) > 0 {
				t.Errorf("it sent %v", f.sent)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--help": "Exit status", "order import --help": "reject file", "help settings": "PACKHORSE_DATABASE_URL",
		"fulfillment-order hold --help": "AWAITING_PAYMENT",
		"audit --help":                  "What it costs",
		"provider list --help":          "PACKHORSE_PROVIDERS", "service add --help": "manual, simulated",
		"completion bash": "bash completion", "version": "packhorse ",
	} {
		if status, stdout, _ := call(t, lantern(), "", strings.Fields(args)...); status != statusDone ||
			!strings.Contains(stdout, want) {
			t.Errorf("%s: status %d, no %q in what it said", args, status, want)
		}
	}
}

// TestEveryCommandOfTheContract finds a subcommand for every verb that callers use.
func TestEveryCommandOfTheContract(t *testing.T) {
	t.Parallel()
	group := newApp(nil, nil, nil).newFulfillmentOrder()
	for _, verb := range fulfillment.Verbs() {
		if verb == fulfillment.VerbCancelUnits {
			continue // The order's own.
		}
		if c, _, err := group.Find([]string{kebab(string(verb))}); err != nil || c == group || c.Short == "" ||
			c.Example == "" {
			t.Errorf("%s has no documented subcommand %s", verb, kebab(string(verb)))
		}
	}
}

func TestKebab(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hold": "hold", "CreateFulfillment": "create-fulfillment", "MARK_AS_OPEN": "mark-as-open",
	} {
		if got := kebab(text); got != want {
			t.Errorf("kebab(%s) = %s, want %s", text, got, want)
		}
	}
}
