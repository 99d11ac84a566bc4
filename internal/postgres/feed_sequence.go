package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

const (
	// sequenceLimit is how many events get their position in one transaction.
	sequenceLimit = 1000
	// feedPartition is how many positions a partition of the feed has. Whole partitions are dropped when they are too
	// old, so at most as many are kept longer than they must.
	feedPartition = 100_000
)

// The sequencer gives every event of the outbox its position in the feed, and moves it there. An event that has no
// position is in the outbox, one that has is not: that alone makes it correct, whatever happened to the database.
//
// The IDs of the outbox ascend within an order as its commits did, because whoever commits has locked the order first;
// between orders they do not, and a lower one may appear after a higher one. What one statement sees therefore gets
// positions by ID, and whatever it does not see yet is of other orders, or later.
//
// To find what is new, it looks for what was written by transactions that the look before did not see: their number of
// rows does not depend on what other transactions leave open, and they are found by an index. Where that is not enough
// (there is more than one look takes; or transactions have other numbers than before, as after a dump), the lowest IDs
// are taken.
const (
	newEvents = `SELECT id FROM (
	SELECT o.id FROM at, LATERAL (SELECT id FROM outbox WHERE txid >= pg_snapshot_xmax(at.seen)) o
	UNION ALL
	SELECT o.id FROM at, LATERAL pg_snapshot_xip(at.seen) x, LATERAL (SELECT id FROM outbox WHERE txid = x) o) n`
	anyEvents = `SELECT id FROM outbox`

	// Whoever commits does not tell: that would take a lock of the whole cluster each time.
	//
	// Topics are told before the position, and the two come in this order.
	tellFeed = `SELECT pg_notify('` + feedChannel + `', position::text) FROM feed_cursor WHERE position > $1`

	// tellTopics tells between which positions what has moved is, and all of its topics: readers of others need not
	// look. It tells nothing where that would be too much for a notification, or some of it is about the feed itself.
	tellTopics = `(
	SELECT pg_notify('` + topicsChannel + `',
		concat_ws(' ', c.position - count(*), c.position, string_agg(DISTINCT nullif(topic, ''), ' ')))
	FROM taken HAVING count(*) > 0 AND bool_and(order_id <> 0)
		AND coalesce(octet_length(string_agg(DISTINCT topic, ' ')), 0) < 7000
)`

	lockFeed = `SELECT position FROM feed_cursor FOR UPDATE`

	// startOfServer tells a server, and its last start, from all others: commits are lost only while one starts.
	startOfServer = `pg_postmaster_start_time()::text`

	lockFeedOfServer = `SELECT position, ` + startOfServer + ` FROM feed_cursor FOR UPDATE`

	// A look that finds nothing locks nothing, and so has no transaction ID and writes nothing.
	lockFeedIfNew = `WITH at AS (SELECT seen FROM feed_cursor)
SELECT position FROM feed_cursor WHERE EXISTS (` + newEvents + `) FOR UPDATE`

	ifLocked = `(
	SELECT CASE WHEN pg_current_xact_id_if_assigned() IS NOT NULL AND position BETWEEN $2 AND $3
		AND ` + startOfServer + ` = $4 THEN $1::int ELSE 0 END
	FROM at
)`

	// Positions are given as long as the newest one is between $2, which is known to have been given, and $3, up to
	// where there is room, and the server has gone on since $4. The last look of many shows everything that its own
	// snapshot shows, and the next one begins there.
	sequenceEvents = `
WITH at AS (
	SELECT position, seen FROM feed_cursor
), found AS (
	%s ORDER BY id LIMIT %s
), taken AS (
	DELETE FROM outbox o USING found f WHERE o.id = f.id
	RETURNING o.*
), put AS (
	INSERT INTO feed (position, order_id, fulfillment_order_id, sequence, place, topic, payload, committed_at)
	SELECT at.position + row_number() OVER (ORDER BY id), order_id, fulfillment_order_id, sequence, t.position, topic,
		payload, created_at
	FROM taken t, at ORDER BY id
)
UPDATE feed_cursor c SET position = c.position + (SELECT count(*) FROM taken),
	seen = CASE WHEN (SELECT count(*) FROM found) < $1::int THEN pg_current_snapshot() ELSE c.seen END
WHERE pg_current_xact_id_if_assigned() IS NOT NULL AND c.position BETWEEN $2 AND $3 AND ` + startOfServer + ` = $4
RETURNING position, (SELECT count(*) FROM taken), ` + tellTopics
)

// errServerStarted says that a server, or another one, was started since the right to give positions was: what it has
// may be older than what readers have heard of.
var errServerStarted = errors.New("the server was started since")

// Sequencer gives events their positions. Only one works at a time, see [Store.TrySequence]; more would wait for each
// other, and do no harm. It must not be used concurrently.
type Sequencer struct {
	store  *Store
	right  *Exclusive
	server string // what the right was given by, and when that was started
	whole  bool   // the next look takes the lowest IDs
	newest int64  // position that it has given
	room   int64  // positions below this one have a partition
}

// TrySequence asks for the right to give positions; nil says that another process has it. The right ends when it was
// not checked for the time idle. Newest is the newest position that is known to have been given; 0: it is not known.
// The sequencer must be closed.
func (s *Store) TrySequence(ctx context.Context, idle time.Duration, newest int64) (*Sequencer, error) {
	right, err := s.tryExclusive(ctx, sequenceLock, idle)
	if right == nil {
		return nil, err
	}
	q := &Sequencer{store: s, right: right, whole: true, newest: newest}
	if err := right.conn.QueryRow(ctx, `SELECT `+startOfServer).Scan(&q.server); err != nil {
		q.Close()
		return nil, fmt.Errorf("ask which server gives positions: %w", translate(err))
	}
	return q, nil
}

// Close gives the right up. A nil Sequencer has none.
func (q *Sequencer) Close() {
	if q != nil {
		q.right.Release()
	}
}

// Server tells the server that positions are given on, and its last start, from all others.
func (q *Sequencer) Server() string { return q.server }

// Newest is the newest position that is known to have been given.
func (q *Sequencer) Newest() int64 { return q.newest }

// Check says why the right is lost, or nil.
func (q *Sequencer) Check(ctx context.Context) error { return q.right.Check(ctx) }

// Sequence gives the next events their positions, and tells how many; at most a thousand, then there may be more.
func (q *Sequencer) Sequence(ctx context.Context) (given int, err error) {
	done := false
	if !q.whole {
		given, done, err = q.sequenceNew(ctx)
	}
	if err == nil && !done {
		given, err = q.sequenceAny(ctx)
	}
	if err != nil { // Whatever was the matter may have changed what there is.
		q.whole, q.room = true, 0
		return 0, fmt.Errorf("give events their positions: %w", translate(err))
	}
	return given, nil
}

// sequenceNew does it in one round trip, which is also a look whether there is anything to do: this is done all the
// time. False: it can't be done so.
func (q *Sequencer) sequenceNew(ctx context.Context) (given int, done bool, err error) {
	newest, found := q.newest, false
	b := new(pgx.Batch) // It is one transaction.
	b.Queue(lockFeedIfNew).QueryRow(func(row pgx.Row) error {
		var position int64
		err := row.Scan(&position)
		found = err == nil
		return exceptNoRows(err)
	})
	b.Queue(
		fmt.Sprintf(sequenceEvents, newEvents, ifLocked), sequenceLimit, q.newest, q.room-sequenceLimit-1,
		q.server,
	).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&newest, &given, nil)
		done = err == nil
		return exceptNoRows(err)
	})
	b.Queue(tellFeed, q.newest)
	if err := q.store.pool.SendBatch(ctx, b).Close(); err != nil || !found {
		return 0, err == nil, err
	}
	if done {
		q.newest, q.whole = newest, given == sequenceLimit
	}
	return given, done, nil
}

func exceptNoRows(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// sequenceAny does it wherever the positions and the partitions are, with the lowest IDs.
func (q *Sequencer) sequenceAny(ctx context.Context) (given int, err error) {
	var newest int64
	err = pgx.BeginFunc(ctx, q.store.pool, func(tx pgx.Tx) error {
		var err error
		if newest, err = q.catchUp(ctx, tx); err != nil {
			return err
		}
		if err := q.makeRoom(ctx, tx, newest); err != nil {
			return err
		}
		err = tx.QueryRow(
			ctx, fmt.Sprintf(sequenceEvents, anyEvents, "$1::int"), sequenceLimit, newest, newest, q.server,
		).Scan(&newest, &given, nil)
		if err == nil {
			_, err = tx.Exec(ctx, tellFeed, q.newest)
		}
		return err
	})
	if err == nil {
		q.newest, q.whole = newest, given == sequenceLimit
	}
	return given, err
}

// catchUp locks the cursor and returns the newest position. If that is less than what was given already, the database
// was set back, and readers have heard of more: those positions are not given again.
func (q *Sequencer) catchUp(ctx context.Context, tx pgx.Tx) (newest int64, err error) {
	var server string
	err = tx.QueryRow(ctx, lockFeedOfServer).Scan(&newest, &server)
	if err == nil && server != q.server {
		err = errServerStarted
	}
	if err != nil || newest >= q.newest {
		return newest, err
	}
	return q.newest + 1, jumpFeed(ctx, tx, newest, q.newest+1)
}

// makeRoom makes the partitions for the next events.
func (q *Sequencer) makeRoom(ctx context.Context, tx pgx.Tx, newest int64) error {
	for from := newest / feedPartition * feedPartition; q.room <= newest+sequenceLimit; from += feedPartition {
		if err := makeFeedPartition(ctx, tx, from); err != nil {
			return err
		}
		q.room = from + feedPartition
	}
	return nil
}

// makeFeedPartition makes the partition that begins at a position, if there is none. Readers don't wait for it.
func makeFeedPartition(ctx context.Context, tx pgx.Tx, from int64) error {
	name := fmt.Sprintf("feed_%d", from)
	var there bool
	if err := tx.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, name).Scan(&there); err != nil || there {
		return err
	}
	_, err := tx.Exec(ctx, fmt.Sprintf(`CREATE TABLE %s (LIKE feed INCLUDING ALL)`, name))
	if err == nil {
		_, err = tx.Exec(ctx, fmt.Sprintf(
			`ALTER TABLE feed ATTACH PARTITION %s FOR VALUES FROM (%d) TO (%d)`, name, from, from+feedPartition))
	}
	return err
}

// jumpFeed goes on at a later position, with an event that says why, and until where nothing was lost.
func jumpFeed(ctx context.Context, tx pgx.Tx, after, to int64) error {
	payload, err := encode(fulfillment.FeedSetBack(after, to, time.Now().UTC()))
	if err != nil {
		return err
	}
	if err := makeFeedPartition(ctx, tx, to/feedPartition*feedPartition); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
WITH moved AS (
	UPDATE feed_cursor SET position = $1
)
INSERT INTO feed (position, order_id, sequence, place, topic, payload, committed_at)
VALUES ($1, 0, 0, 0, '', $2, clock_timestamp())`, to, json.RawMessage(payload))
	return err
}
