package workflows_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/worker"
	"packhorse/internal/worker/workertest"
)

// wholeWorker is set for the test binary that is a worker as it is in production.
const wholeWorker = "PACKHORSE_TEST_WHOLE_WORKER"

var webhookKills = flag.Int("webhook-kills", 2, "how often TestWebhooksSurviveKills kills the worker")

// startWhole starts a worker in a process of its own, with the settings that there are by default.
func startWhole(t *testing.T, s *workertest.Stack) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), wholeWorker+"=yes", "PACKHORSE_DATABASE_URL="+string(s.Settings.Database.URL),
		"TEMPORAL_ADDRESS="+s.Settings.Temporal.Address, "TEMPORAL_NAMESPACE="+s.Settings.Temporal.Namespace,
		"PACKHORSE_SECRETS_KEYS="+workertest.SecretsKey, "PACKHORSE_CALLBACK_ALLOW_PRIVATE=true",
		"PACKHORSE_METRICS_ADDRESS=127.0.0.1:0", "PACKHORSE_LOG_LEVEL=error")
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if _, err := cmd.StdinPipe(); err != nil { // It closes with this process, whatever ends it.
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// runWhole is the main program of such a worker.
func runWhole() error {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	settings, err := worker.Load()
	if err != nil {
		return err
	}
	return worker.Run(ctx, settings, os.Stderr)
}

// progress commits so many transitions of a fulfillment order, each of which raises an event.
func progress(t *testing.T, s *workertest.Stack, id fulfillment.ID, times int) {
	t.Helper()
	fo := s.Load(id)
	var decisions []*fulfillment.Decision
	for n := range times {
		decided, err := fo.Decide(
			&fulfillment.ReportProgress{ReasonNotes: fmt.Sprint(n)},
			fulfillment.Env{Now: fo.UpdatedAt.Add(time.Second), IDs: fulfillment.NewIDs(id + fulfillment.ID(n))},
		)
		if err != nil {
			t.Fatal(err)
		}
		fo, decisions = decided.State, append(decisions, decided)
	}
	if _, err := s.Store.Commit(t.Context(), fulfillment.CommitOf(fo, decisions...)); err != nil {
		t.Fatal(err)
	}
}

// TestWebhooksSurviveKills kills the worker again and again while it delivers 2,000 events, without any warning and
// after a random number of them. All arrive, in the order of each fulfillment order, and what arrives twice has the
// same bytes; how much that is, is logged. See docs/proof.md.
func TestWebhooksSurviveKills(t *testing.T) {
	t.Parallel()
	const orders, each, events = 20, 100, 2000
	s := workertest.Start(t)
	to := newInbox(t, nil)
	app := newApp(t, s, "desk", merchant)
	sub := subscribeTo(t, s, app, fulfillment.TopicProgressReported, to.URL)
	berlin := s.Warehouse("Berlin").ID
	ids := make([]fulfillment.ID, orders)
	for i := range ids {
		ids[i] = s.Order(berlin, 1)
	}
	s.StopWorker()
	for _, id := range ids {
		progress(t, s, id, each)
	}
	book, err := pgx.Connect(t.Context(), string(s.Settings.Database.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close(context.WithoutCancel(t.Context()))

	for kill := range *webhookKills {
		before := len(to.arrived())
		after := before + 1 + rand.N(max(1, events / *webhookKills))
		cmd := startWhole(t, s)
		workertest.WaitFor(t, fmt.Sprintf("%d requests, before kill %d", after, kill+1), func() bool {
			return len(to.arrived()) >= after || delivered(to) == events
		})
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	last := startWhole(t, s)
	t.Cleanup(func() {
		_ = last.Process.Kill()
		_ = last.Wait()
	})
	workertest.WaitFor(t, "all events", func() bool { return delivered(to) == events })
	awaitCursor(t, book, sub.ID)

	bodies, sequences := map[string]string{}, map[string]int64{}
	doubles := 0
	for _, m := range to.arrived() {
		id := m.Get("X-Shopify-Webhook-Id")
		if body, known := bodies[id]; known {
			doubles++
			if body != m.body {
				t.Fatalf("%s arrived as %s, and again as %s", id, body, m.body)
			}
			continue
		}
		bodies[id] = m.body
		_, of, _ := strings.Cut(m.body, "gid://shopify/FulfillmentOrder/")
		of, _, _ = strings.Cut(of, `"`)
		sequence := sequenceOf(t, m)
		if sequence <= sequences[of] {
			t.Errorf("fulfillment order %s: %d arrived first after %d", of, sequence, sequences[of])
		}
		sequences[of] = sequence
	}
	t.Logf("%d kills: %d events arrived, and %d requests more than that", *webhookKills, len(bodies), doubles)
	if len(bodies) != events || len(sequences) != orders {
		t.Errorf("%d events of %d fulfillment orders arrived, want %d of %d", len(bodies), len(sequences), events, orders)
	}
	// What is on its way, and what was taken and the cursor has not passed, which is a page at the most.
	if most := *webhookKills * (8 + 500); doubles > most {
		t.Errorf("%d doubles, more than %d", doubles, most)
	}
}

// delivered is how many events arrived.
func delivered(to *inbox) int {
	ids := map[string]bool{}
	for _, m := range to.arrived() {
		ids[m.Get("X-Shopify-Webhook-Id")] = m.status == http.StatusNoContent
	}
	return len(ids)
}

// sequenceOf is the sequence of the transition that is told of.
func sequenceOf(t *testing.T, m hook) (n int64) {
	t.Helper()
	if _, err := fmt.Sscanf(m.Get("Packhorse-Sequence"), "%d.", &n); err != nil {
		t.Fatal(err)
	}
	return n
}
