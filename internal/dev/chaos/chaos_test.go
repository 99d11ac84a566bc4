package chaos_test

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"packhorse/internal/dev/chaos"
)

// A minute of chaos loses nothing. `make chaos` runs longer, with any seed.
func TestAMinuteOfChaos(t *testing.T) {
	t.Parallel()
	worker := filepath.Join(t.TempDir(), "packhorse-worker")
	if out, err := exec.CommandContext(
		t.Context(), "go", "build", "-o", worker, "packhorse/worker",
	).CombinedOutput(); err != nil {
		t.Fatalf("build the worker: %v\n%s", err, out)
	}
	// Also when the test is interrupted, everything that it started ends.
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	result, err := chaos.Run(ctx, chaos.Options{
		Duration: time.Minute, Seed: 7, Worker: worker, Orders: filepath.Join("..", "..", "..", "examples"),
		Notice: func(line string) { t.Log(line) },
	})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := result.Print(&text); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", text.String())
	for _, v := range result.Violations() {
		t.Errorf("order %d, fulfillment order %d: %s", v.OrderID, v.FulfillmentOrderID, v.What)
	}
	for _, a := range result.Assertions {
		if a.Checked == 0 {
			t.Errorf("%s: nothing was there to check it by", a.Name)
		}
	}
	if result.Orders < 15 || result.Commands < 40 || len(result.Faults) < 8 {
		t.Errorf("%s, %d kinds of faults: too little happened to prove anything", result.LastLine(), len(result.Faults))
	}
}

func TestARunThatCannotStartLeavesNothing(t *testing.T) {
	t.Parallel()
	logs := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := chaos.Run(
		ctx, chaos.Options{Worker: "worker", Orders: filepath.Join("..", "..", "..", "examples"), Logs: logs},
	); err == nil {
		t.Error("a run that is interrupted before it starts gives a result")
	}
	if _, err := chaos.Run(
		t.Context(), chaos.Options{Worker: "worker", Orders: filepath.Join(logs, "none"), Logs: logs},
	); err == nil {
		t.Error("a run without orders gives a result")
	}
}
