package feed

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/telemetry"
)

// TestPositionsOfOthersAreNotGivenAgain: where the process has heard of more positions than the database has, that was
// set back, and the feed goes on above them.
func TestPositionsOfOthersAreNotGivenAgain(t *testing.T) {
	t.Parallel()
	url := devstacktest.Database(t, postgres.Migrate)
	store, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := devstacktest.Connect(t, url).Exec(t.Context(), `
INSERT INTO outbox (order_id, sequence, position, topic, payload) VALUES (1, 1, 0, '', '{}')`); err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(running, Config{
			Store: store, Logger: telemetry.NewLogger(t.Output(), slog.LevelInfo, "text"), Retention: time.Hour,
			Deliver: func(context.Context, fulfillment.ID) error { return nil },
			Reached: func() int64 { return 100 },
		})
	}()
	var page postgres.FeedPage
	for deadline := time.Now().Add(30 * time.Second); len(page.Entries) < 2 && time.Now().Before(deadline); {
		if page, err = store.Feed(t.Context(), postgres.FeedQuery{}); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-ended; err != nil || len(page.Entries) != 2 || page.Entries[0].Position != 101 ||
		page.Entries[0].OrderID != 0 || page.Entries[1].Position != 102 {
		t.Errorf("the feed has %+v, %v", page.Entries, err)
	}
}

// TestNoPositionsBeforeItIsCompared: as long as it is not known whether the database was set back, events get no
// positions; then they do, and nobody is asked again.
func TestNoPositionsBeforeItIsCompared(t *testing.T) {
	t.Parallel()
	url := devstacktest.Database(t, postgres.Migrate)
	store, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	conn := devstacktest.Connect(t, url)
	raise := func() {
		if _, err := conn.Exec(t.Context(), `INSERT INTO outbox (order_id, sequence, position, topic, payload)
			VALUES (1, 1, 0, '', '{}')`); err != nil {
			t.Error(err)
		}
	}
	count := func(sql string) (n int) {
		if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	raise()
	asked := make(chan string)
	answers := make(chan error)
	running, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(running, Config{
			Store: store, Logger: telemetry.NewLogger(t.Output(), slog.LevelInfo, "text"), Retention: time.Hour,
			Deliver: func(context.Context, fulfillment.ID) error { return nil },
			Compared: func(_ context.Context, server string) error {
				asked <- server
				return <-answers
			},
		})
	}()
	var servers []string
	for _, answer := range []error{errors.New("nobody knows"), errors.New("nobody knows yet"), nil} {
		servers = append(servers, <-asked)
		if n := count(`SELECT count(*) FROM feed`); n != 0 {
			t.Errorf("%d events have positions", n)
		}
		answers <- answer
	}
	close(answers)
	for n, deadline := 1, time.Now().Add(30*time.Second); n <= 2 && time.Now().Before(deadline); {
		if count(`SELECT count(*) FROM feed`) == n {
			n++
			raise()
		}
		select {
		case <-asked:
			t.Error("it is asked again")
		default:
		}
	}
	stop()
	if err := <-ended; err != nil || count(`SELECT count(*) FROM feed`) < 2 {
		t.Errorf("events wait for their positions; %v", err)
	}
	if len(slices.Compact(servers)) != 1 || servers[0] == "" {
		t.Errorf("it asked for %q", servers)
	}
}
