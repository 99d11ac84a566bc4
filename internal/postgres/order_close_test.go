package postgres

import (
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

// TestMigrateClosesOrders: what was shipped whole or cancelled before orders could be closed is closed since then.
func TestMigrateClosesOrders(t *testing.T) {
	t.Parallel()
	url, conn := migratedTo(t, 16)
	start := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	// Each step is a display status, or a cancellation; a step an hour.
	histories := [][]string{
		{"UNFULFILLED"}, {"UNFULFILLED", "FULFILLED", "FULFILLED"}, {"UNFULFILLED", "FULFILLED", "UNFULFILLED"},
		{"UNFULFILLED", "FULFILLED", "UNFULFILLED", "FULFILLED"}, {"UNFULFILLED", "CANCELLED"},
		{"UNFULFILLED", "CANCELLED", "FULFILLED"},
	}
	want := []int{0, 2, 0, 4, 2, 2}
	for i, steps := range histories {
		if _, err := conn.Exec(t.Context(), `INSERT INTO orders (id, name, fingerprint, created_at, updated_at)
			VALUES ($1, '#', '', now(), now())`, i+1); err != nil {
			t.Fatal(err)
		}
		var history []fulfillment.OrderTransition
		for n, status := range steps {
			step := fulfillment.OrderTransition{
				OrderID: fulfillment.ID(i + 1), Sequence: int64(n + 1), Kind: fulfillment.OrderKindStatusChanged,
				At: start.Add(time.Duration(n+1) * time.Hour), After: fulfillment.OrderStatuses{
					Display: fulfillment.OrderDisplayStatus(status),
				},
			}
			if n > 0 {
				step.Before = new(history[n-1].After)
			}
			if status == string(fulfillment.OrderKindCancelled) {
				step.Kind, step.After = fulfillment.OrderKindCancelled, *step.Before
			}
			history = append(history, step)
			if _, err := conn.Exec(t.Context(), `INSERT INTO order_transitions
				(order_id, sequence, kind, command_id, actor, at, reason, before, after)
				VALUES ($1, $2, $3, '', '{}', $4, '', $5, $6)`,
				step.OrderID, step.Sequence, step.Kind, step.At, step.Before, step.After); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Exec(t.Context(), `UPDATE orders SET display_fulfillment_status = $2,
				cancelled_at = CASE $3 WHEN 'CANCELLED' THEN $4 ELSE cancelled_at END WHERE id = $1`,
				step.OrderID, step.After.Display, step.Kind, step.At); err != nil {
				t.Fatal(err)
			}
		}
		if since := fulfillment.ClosedSince(history); (since == nil) != (want[i] == 0) {
			t.Errorf("order %d is closed since %v by its history", i+1, since)
		}
	}
	if err := Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	for i, hours := range want {
		var since *time.Time
		if err := conn.QueryRow(
			t.Context(), `SELECT closed_at FROM orders WHERE id = $1`, i+1,
		).Scan(&since); err != nil {
			t.Fatal(err)
		}
		if (since == nil) != (hours == 0) || since != nil && !since.Equal(start.Add(time.Duration(hours)*time.Hour)) {
			t.Errorf("order %d is closed since %v, want step %d", i+1, since, hours)
		}
	}
}
