package chaos

import (
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// TestCursorsGoOn: one that goes back is noticed, unless the database was set back meanwhile.
func TestCursorsGoOn(t *testing.T) {
	t.Parallel()
	s := new(setBacks)
	c := &cursors{setBacks: s, last: map[fulfillment.ID]int64{}}
	sees := func(broken int, a, b int64) {
		t.Helper()
		c.look(map[fulfillment.ID]int64{1: a, 2: b}, time.Now())
		if len(c.Violations) != broken {
			t.Errorf("after %d and %d: %v", a, b, c.Violations)
		}
	}
	sees(0, 5, 7)
	sees(0, 5, 9)
	sees(1, 6, 8)
	s.begin(time.Now())
	sees(1, 3, 8)
	s.end(time.Now())
	sees(1, 2, 8)
	sees(1, 4, 8)
	sees(2, 3, 8)
	if c.Checked != 14 {
		t.Errorf("checked %d times", c.Checked)
	}
}

// TestCursorsAreRead from the database; one that is ahead of the feed is noticed.
func TestCursorsAreRead(t *testing.T) {
	t.Parallel()
	database := devstacktest.Pool(t, devstacktest.Database(t, postgres.Migrate))
	do := func(sql string) {
		t.Helper()
		if _, err := database.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	do(`INSERT INTO apps (id, handle, name, scopes) VALUES (5, 'desk', 'Desk', '{read_orders}')`)
	do(`UPDATE feed_cursor SET position = 7`)
	do(`INSERT INTO webhook_subscriptions (id, app_id, by_operator, topic, uri, format, include_fields,
		metafield_namespaces, metafields, api_version, address, cursor)
		VALUES (9, 5, false, 'ORDERS_CREATE', 'https://example.com', 'JSON', '{}', '{}', '[]', '2026-07', sha256(''), 7)`)
	c := &cursors{last: map[fulfillment.ID]int64{}}
	c.read(t.Context(), database)
	if c.last[9] != 7 || c.Checked != 1 || len(c.Violations) > 0 {
		t.Errorf("it saw %v, and %v", c.last, c.Violations)
	}
	do(`UPDATE webhook_subscriptions SET cursor = 8`)
	if c.read(t.Context(), database); len(c.Violations) != 1 {
		t.Errorf("it saw %v, and %v", c.last, c.Violations)
	}
}
