package shipbob

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"packhorse/internal/pooler"
	"packhorse/internal/provider"
)

// mark is something about an order that ShipBob does not tell.
type mark string

const (
	// pending: the request was answered PENDING, so its answer is news once ShipBob has reviewed the order.
	pending mark = "pending"
	// stopping: Packhorse has asked to cancel the order. A cancellation that nobody here asked for is news.
	stopping mark = "stopping"
)

// marks remembers them, by the orders' references.
type marks interface {
	set(ctx context.Context, reference string, m mark) error
	unset(ctx context.Context, reference string, m mark) error
	of(ctx context.Context, references []string) (map[string][]mark, error)
	// age is how long ago a mark was set; 0: it is not there.
	age(ctx context.Context, reference string, m mark) (time.Duration, error)
}

// memoryMarks forget everything with the process: for tests, and for what asks ShipBob nothing.
type memoryMarks struct {
	now func() time.Time // nil: time.Now

	mu   sync.Mutex
	made map[string][]mark
	at   map[string]time.Time // by reference and mark
}

func (l *memoryMarks) set(_ context.Context, reference string, m mark) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.made == nil {
		l.made, l.at = make(map[string][]mark), make(map[string]time.Time)
	}
	if !slices.Contains(l.made[reference], m) {
		l.at[reference+" "+string(m)] = l.clock()
		l.made[reference] = append(slices.Clone(l.made[reference]), m)
	}
	return nil
}

func (l *memoryMarks) unset(_ context.Context, reference string, m mark) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made[reference] = slices.DeleteFunc(slices.Clone(l.made[reference]), func(other mark) bool { return other == m })
	return nil
}

func (l *memoryMarks) of(_ context.Context, references []string) (map[string][]mark, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	made := make(map[string][]mark)
	for _, r := range references {
		made[r] = l.made[r]
	}
	return made, nil
}

func (l *memoryMarks) age(_ context.Context, reference string, m mark) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.made[reference], m) {
		return 0, nil
	}
	return l.clock().Sub(l.at[reference+" "+string(m)]), nil
}

func (l *memoryMarks) clock() time.Time {
	if l.now == nil {
		return time.Now()
	}
	return l.now()
}

// postgresMarks are in Packhorse's database, in the schema shipbob_provider. See [Migrate].
type postgresMarks struct{ pool *pgxpool.Pool }

const (
	maxConnections = 4
	// remembered is how long a mark is kept. News of an order that is older is hardly any.
	remembered = "90 days"
)

// openMarks connects when it is asked something.
func openMarks(ctx context.Context, databaseURL string) (*postgresMarks, error) {
	config, err := pooler.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("open the marks of the provider shipbob: %w", err)
	}
	config.MaxConns = maxConnections
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the marks of the provider shipbob: %w", err)
	}
	return &postgresMarks{pool}, nil
}

func (l *postgresMarks) set(ctx context.Context, reference string, m mark) error {
	_, err := l.pool.Exec(ctx, `
WITH old AS (DELETE FROM shipbob_provider.marks WHERE made_at < now() - $3::interval)
INSERT INTO shipbob_provider.marks (reference, mark) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		reference, string(m), remembered)
	return unavailable(err)
}

func (l *postgresMarks) unset(ctx context.Context, reference string, m mark) error {
	_, err := l.pool.Exec(ctx, `DELETE FROM shipbob_provider.marks WHERE reference = $1 AND mark = $2`,
		reference, string(m))
	return unavailable(err)
}

func (l *postgresMarks) of(ctx context.Context, references []string) (map[string][]mark, error) {
	made := make(map[string][]mark)
	if len(references) == 0 {
		return made, nil
	}
	rows, err := l.pool.Query(ctx,
		`SELECT reference, mark FROM shipbob_provider.marks WHERE reference = ANY($1) ORDER BY reference, mark`, references)
	if err != nil {
		return nil, unavailable(err)
	}
	defer rows.Close()
	for rows.Next() {
		var reference, m string
		if err := rows.Scan(&reference, &m); err != nil {
			return nil, unavailable(err)
		}
		made[reference] = append(made[reference], mark(m))
	}
	return made, unavailable(rows.Err())
}

// age is by the database's clock, which is the same for all workers.
func (l *postgresMarks) age(ctx context.Context, reference string, m mark) (time.Duration, error) {
	var age time.Duration
	err := l.pool.QueryRow(ctx, `SELECT coalesce(max(clock_timestamp() - made_at), '0')
FROM shipbob_provider.marks WHERE reference = $1 AND mark = $2`, reference, string(m)).Scan(&age)
	return age, unavailable(err)
}

// unavailable is a database that can't be asked now. What was sent to ShipBob before is looked up then.
func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return &provider.Error{
		Class: provider.Retryable, Message: "the marks of orders at ShipBob can't be read or written", Cause: err,
	}
}

// after is the error of a mark after something was sent: it is looked up before anything is sent again.
func after(err error) error {
	if err == nil {
		return nil
	}
	return &provider.Error{
		Class: provider.UnknownOutcome, Message: "ShipBob has answered", Cause: errors.Unwrap(err),
	}
}
