package feed

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/telemetry"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// TestOldAttemptsAreDeleted, however many there are, and no others.
func TestOldAttemptsAreDeleted(t *testing.T) {
	t.Parallel()
	url := devstacktest.Database(t, postgres.Migrate)
	store, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	for _, sql := range []string{
		`INSERT INTO apps (id, handle, name, scopes) VALUES (5, 'desk', 'Desk', '{read_orders}')`,
		`INSERT INTO webhook_subscriptions (id, app_id, by_operator, topic, uri, format, include_fields,
			metafield_namespaces, metafields, api_version, address)
		VALUES (7, 5, true, 'X', 'https://example.com', 'JSON', '{}', '{}', '[]', '2026-07', sha256('x'))`,
		`INSERT INTO webhook_attempts (subscription_id, position, attempt, replay, at, took, status, error, answer)
		SELECT 7, g, 1, false, now() - CASE WHEN g <= 2500 THEN interval '169 h' ELSE interval '167 h' END, '1 ms', 200,
			'', ''
		FROM generate_series(1, 2503) g`,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	running, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(running, Config{
			Store: store, Logger: telemetry.NewLogger(t.Output(), slog.LevelInfo, "text"), Retention: time.Hour,
			Deliver: func(context.Context, fulfillment.ID) error { return nil },
			Call:    func(context.Context, fulfillment.ID) error { return nil },
		})
	}()
	left, first := 0, 0
	for deadline := time.Now().Add(30 * time.Second); left != 3 && time.Now().Before(deadline); {
		err := conn.QueryRow(t.Context(), `SELECT count(*), min(position) FROM webhook_attempts`).Scan(&left, &first)
		if err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-ended; err != nil || left != 3 || first != 2501 {
		t.Errorf("%d attempts are left, the first of position %d; %v", left, first, err)
	}
}
