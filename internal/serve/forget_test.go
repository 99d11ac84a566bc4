package serve

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// forget makes the database as if whoever had the idempotency keys had crashed before the answers were stored, and
// their leases had ended.
func forget(t *testing.T, databaseURL string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	tag, err := conn.Exec(t.Context(), `UPDATE idempotency_keys SET answer = NULL, lease_until = now()`)
	if err != nil || tag.RowsAffected() == 0 {
		t.Fatalf("%d answers forgotten, %v", tag.RowsAffected(), err)
	}
}
