package chaos

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/audit"
	"packhorse/internal/fulfillment"
)

// promiseCursor is kept by all webhook subscriptions.
const promiseCursor = "the cursor of a webhook subscription never goes back, and never runs ahead of the feed"

// cursors knows how far webhook subscriptions have come.
type cursors struct {
	audit.Assertion
	setBacks *setBacks
	last     map[fulfillment.ID]int64
	at       time.Time // when that was looked at
}

// cursorsEvery is how often it is looked at.
const cursorsEvery = 100 * time.Millisecond

// watchCursors looks at them until end is called, which may be called again.
func (r *run) watchCursors(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	r.cursors = &cursors{
		Assertion: audit.Assertion{Name: promiseCursor}, setBacks: r.setBacks, last: map[fulfillment.ID]int64{},
	}
	var group sync.WaitGroup
	group.Go(func() {
		for sleep(ctx, cursorsEvery) {
			r.cursors.read(ctx, r.stage.sources.Database)
		}
	})
	return func() {
		cancel()
		group.Wait()
	}
}

// read looks once. A database that is away tells nothing.
func (c *cursors) read(ctx context.Context, database interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	began, now := time.Now(), map[fulfillment.ID]int64{}
	rows, err := database.Query(ctx, `
SELECT s.id, s.cursor, f.position FROM webhook_subscriptions s CROSS JOIN feed_cursor f`)
	if err != nil {
		return
	}
	var id fulfillment.ID
	var cursor, newest int64
	if _, err := pgx.ForEachRow(rows, []any{&id, &cursor, &newest}, func() error {
		now[id] = cursor
		if cursor > newest {
			c.violated("subscription %d is at position %d, and the feed at %d", id, cursor, newest)
		}
		return nil
	}); err == nil {
		c.look(now, began)
	}
}

// look compares with what was seen before. By setting the database back, a cursor goes back, too.
func (c *cursors) look(now map[fulfillment.ID]int64, began time.Time) {
	lost := !c.at.IsZero() && c.setBacks.mayHaveLost(c.at, time.Now())
	for id, cursor := range now {
		c.Checked++
		if last := c.last[id]; cursor < last && !lost {
			c.violated("subscription %d was at position %d, and then at %d", id, last, cursor)
		}
	}
	c.last, c.at = now, began
}

func (c *cursors) violated(format string, args ...any) {
	c.Violations = append(c.Violations, audit.Violation{What: fmt.Sprintf(format, args...)})
}
