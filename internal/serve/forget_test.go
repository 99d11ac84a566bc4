package serve

import (
	"testing"

	"packhorse/internal/dev/devstack/devstacktest"
)

// forget makes the database as if whoever had the idempotency keys had crashed before the answers were stored, and
// their leases had ended.
func forget(t *testing.T, databaseURL string) {
	t.Helper()
	conn := devstacktest.Connect(t, databaseURL)
	tag, err := conn.Exec(t.Context(), `UPDATE idempotency_keys SET answer = NULL, lease_until = now()`)
	if err != nil || tag.RowsAffected() == 0 {
		t.Fatalf("%d answers forgotten, %v", tag.RowsAffected(), err)
	}
}
