package growth

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/dev/devstack"
	"packhorse/internal/postgres"
)

// tables are those that orders fill, the longest to load first, each with the column that tells the order.
var tables = []struct{ name, key string }{
	{"transitions", "fulfillment_order_id"}, {"outbox", "order_id"}, {"fulfillment_orders", "order_id"},
	{"fulfillments", "order_id"},
	{"orders", "id"}, {"order_transitions", "order_id"}, {"line_items", "order_id"},
	{"fulfillment_order_line_items", "order_id"},
	{"fulfillment_line_items", "fulfillment_id"}, {"fulfillment_events", "fulfillment_id"},
}

// table is the rows that one copy of each life adds to a table, in the text format of COPY.
type table struct {
	name, columns string
	lives         [][]piece // by life
}

// piece is a text and what comes behind it.
type piece struct {
	text   []byte
	behind variable
}

// variable is what is another text in each copy.
type variable int

const (
	nothing variable = iota
	orderNumber
	day
	secondInHour
)

var variables = regexp.MustCompile(fmt.Sprintf(`%d\d{3}|%s|%s`, firstLife/1000, dayOfLives, secondOfHour))

// pieces cuts the rows of a life where a copy of them differs.
func pieces(rows []byte) []piece {
	var cut []piece
	for {
		at := variables.FindIndex(rows)
		if at == nil {
			return append(cut, piece{text: rows})
		}
		kind := orderNumber
		switch string(rows[at[0]:at[1]]) {
		case dayOfLives:
			kind = day
		case secondOfHour:
			kind = secondInHour
		}
		cut = append(cut, piece{rows[:at[0]], kind})
		rows = rows[at[1]:]
	}
}

// timesOfDecisions date commits back to when they were decided: the lives are made in a moment, and have taken days.
var timesOfDecisions = []string{
	`UPDATE fulfillment_orders SET created_at = (snapshot->>'createdAt')::timestamptz,
		updated_at = (snapshot->>'updatedAt')::timestamptz`,
	`UPDATE orders SET (created_at, updated_at) =
		(SELECT min(at), max(at) FROM order_transitions WHERE order_id = orders.id)`,
	`UPDATE fulfillments s SET created_at = (f.made->>'createdAt')::timestamptz,
		updated_at = (f.made->>'updatedAt')::timestamptz
	FROM (SELECT jsonb_array_elements(snapshot->'fulfillments') AS made FROM fulfillment_orders) f
	WHERE s.id = (f.made->>'id')::bigint`,
	`UPDATE fulfillment_events SET created_at = (data->>'createdAt')::timestamptz`,
}

// readLives stores each of the lives in a database of their own, the way the worker does, and reads the rows that they
// have become.
func readLives(ctx context.Context, server *devstack.Postgres, database string) ([]table, error) {
	store, err := newStore(ctx, server, database, postgres.Options{})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	lives := lives()
	for i, l := range lives {
		if err := storeLife(ctx, store, firstLife+int64(i), l); err != nil {
			return nil, fmt.Errorf("store life %d: %w", i, err)
		}
	}
	conn, err := pgx.Connect(ctx, server.URL(database))
	if err != nil {
		return nil, fmt.Errorf("connect to the lives: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, statement := range timesOfDecisions {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return nil, fmt.Errorf("date the lives back: %w", err)
		}
	}
	read := make([]table, len(tables))
	for i, t := range tables {
		read[i] = table{name: t.name, lives: make([][]piece, len(lives))}
		// Rows get their numbers as they come, like those of the worker.
		if err := conn.QueryRow(ctx, `SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns
			WHERE table_schema = current_schema AND table_name = $1 AND is_identity = 'NO'`, t.name).Scan(&read[i].columns); err != nil {
			return nil, fmt.Errorf("read the columns of %s: %w", t.name, err)
		}
		for n := range lives {
			var rows bytes.Buffer
			if _, err := conn.PgConn().CopyTo(ctx, &rows,
				fmt.Sprintf(`COPY (SELECT %s FROM %s WHERE %s / %d = %d ORDER BY ctid) TO STDOUT`,
					read[i].columns, t.name, t.key, idsOfOrder, firstLife+n)); err != nil {
				return nil, fmt.Errorf("read the rows of %s: %w", t.name, err)
			}
			read[i].lives[n] = pieces(rows.Bytes())
		}
	}
	return read, nil
}

// newStore makes a database with the tables and the locations.
func newStore(
	ctx context.Context, server *devstack.Postgres, database string, o postgres.Options,
) (*postgres.Store, error) {
	if err := server.CreateDatabase(ctx, database); err != nil {
		return nil, err
	}
	if err := postgres.Migrate(ctx, server.URL(database)); err != nil {
		return nil, err
	}
	store, err := postgres.Open(ctx, server.URL(database), o)
	if err == nil {
		err = furnish(ctx, store)
	}
	return store, err
}

// The copies are spread over two years: the later an order, the greater its number.
const daysOfBook = 730

var firstDay = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// dayOf is when the n-th of all copies happened.
func dayOf(n, all int) time.Time { return firstDay.AddDate(0, 0, n*daysOfBook/all) }

// write writes the rows of all copies of the lives.
func (t table) write(out io.Writer, all int) error {
	w := bufio.NewWriterSize(out, 1<<18)
	var number []byte
	var date, second string
	for n := range all {
		if n == 0 || dayOf(n, all) != dayOf(n-1, all) {
			date = dayOf(n, all).Format(time.DateOnly)
		}
		number = strconv.AppendInt(number[:0], firstCopy+int64(n), 10)
		second = fmt.Sprintf(":%02d:%02d", n*7919/60%60, n*7919%60)
		for _, p := range t.lives[n%len(t.lives)] {
			_, _ = w.Write(p.text) // A bufio.Writer keeps its first error for Flush.
			switch p.behind {
			case orderNumber:
				_, _ = w.Write(number)
			case day:
				_, _ = w.WriteString(date)
			case secondInHour:
				_, _ = w.WriteString(second)
			}
		}
	}
	return w.Flush()
}

// load fills a store with so many fulfillment orders, and leaves it like one that has been at work for long: analyzed,
// vacuumed, and with everything on disk.
func load(ctx context.Context, databaseURL string, rows []table, fulfillmentOrders int) error {
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for _, t := range rows {
		group.Go(func() error {
			if err := t.load(within, databaseURL, fulfillmentOrders); err != nil {
				return fmt.Errorf("load %s: %w", t.name, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, statement := range []string{`VACUUM (ANALYZE)`, `CHECKPOINT`} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

func (t table) load(ctx context.Context, databaseURL string, all int) error {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// The rows refer to each other as those do that they are copies of, so nobody has to look at each of the
	// references.
	if _, err := conn.Exec(ctx, `SET session_replication_role = replica`); err != nil {
		return err
	}
	from, to := io.Pipe()
	defer from.Close()
	go func() { to.CloseWithError(t.write(to, all)) }()
	_, err = conn.PgConn().CopyFrom(ctx, from, fmt.Sprintf(`COPY %s (%s) FROM STDIN`, t.name, t.columns))
	return err
}
