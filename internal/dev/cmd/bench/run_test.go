package main

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOptions(t *testing.T) {
	t.Parallel()
	usual := flags{variants: []string{"floor", "packhorse", "naive"}, inFlight: []int{1, 8, 32}, rounds: 5}
	with := func(change func(*flags)) flags {
		f := usual
		change(&f)
		return f
	}
	for name, c := range map[string]struct {
		flags  flags
		orders []int  // of the rounds of each level
		wrong  string // the flag that the error names
	}{
		"nothing said":        {usual, []int{48, 104, 296}, ""},
		"orders for all":      {with(func(f *flags) { f.orders = []int{7} }), []int{7, 7, 7}, ""},
		"orders for each":     {with(func(f *flags) { f.orders = []int{1, 2, 3} }), []int{1, 2, 3}, ""},
		"only a soak":         {with(func(f *flags) { f.inFlight, f.soak = nil, 10*time.Minute }), nil, ""},
		"an unknown variant":  {with(func(f *flags) { f.variants = []string{"ceiling"} }), nil, "--variants"},
		"a variant twice":     {with(func(f *flags) { f.variants = []string{"floor", "floor"} }), nil, "--variants"},
		"no variant":          {with(func(f *flags) { f.variants = nil }), nil, "--variants"},
		"no rounds":           {with(func(f *flags) { f.rounds = 0 }), nil, "--rounds"},
		"nothing in flight":   {with(func(f *flags) { f.inFlight = []int{0} }), nil, "--in-flight"},
		"no orders":           {with(func(f *flags) { f.orders = []int{0} }), nil, "--orders"},
		"orders for some":     {with(func(f *flags) { f.orders = []int{1, 2} }), nil, "--orders"},
		"a soak for a moment": {with(func(f *flags) { f.soak = time.Second }), nil, "--soak"},
		"a soak of other lives": {
			with(func(f *flags) { f.soak, f.variants = time.Hour, []string{"floor"} }), nil, "--soak",
		},
	} {
		got, err := c.flags.options()
		switch {
		case c.wrong == "" && (err != nil || !slices.Equal(got.Orders, c.orders)):
			t.Errorf("%s: %v orders, %v; want %v", name, got.Orders, err, c.orders)
		case c.wrong != "" && (err == nil || !strings.HasPrefix(err.Error(), c.wrong)):
			t.Errorf("%s: %v, want an error about %s", name, err, c.wrong)
		}
	}
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--no-such-flag"}, {"--variants", "ceiling"}, {"--in-flight", "many"}, {"worker"},
		{"worker", "--floor", "--naive"}, {"webhooks", "--parts", "cost,speed"}, {"webhooks", "--parts", "cost,cost"},
		{"webhooks", "--rounds", "0"}, {"webhooks", "--for", "1ms"},
		{"providers", "--parts", "cost,speed"}, {"providers", "--at-once", "0"}, {"providers", "--delay", "30s"},
	} {
		root := newRoot()
		root.AddCommand(newWorker(), newWebhooks(), newProviders())
		root.SetArgs(args)
		root.SetOut(new(bytes.Buffer))
		root.SetErr(new(bytes.Buffer))
		if err := root.ExecuteContext(t.Context()); err == nil {
			t.Errorf("%q is taken", args)
		} else if len(args) > 1 && args[0] != "worker" && args[0] != "--in-flight" && statusOf(err) != statusUsage {
			t.Errorf("%q: %v ends with status %d", args, err, statusOf(err))
		}
	}
	if statusOf(nil) != statusDone || statusOf(errors.New("failed")) != statusFailed {
		t.Error("exit statuses are mixed up")
	}
}
