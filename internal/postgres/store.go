package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/pooler"
	"packhorse/internal/seal"
)

const (
	applicationName = "packhorse"
	// idleInTransaction ends a transaction whose client vanished between its two round trips, so that a dead worker
	// does not keep an order locked until TCP notices.
	idleInTransaction = "15s"
	rollbackTimeout   = 5 * time.Second
)

// Options adjust a Store. The zero value is usable.
type Options struct {
	// MaxConns bounds the connections of the pool. Default: that of the URL (pool_max_conns), else pgxpool's.
	MaxConns int32
	// Tracer sees every statement; one that is a pgx.BatchTracer, too, sees every batch. Default: none.
	Tracer pgx.QueryTracer
	// Callbacks are the rules for the callback URLs of services that are added or updated. Default: any public host.
	Callbacks callback.Rules
	// Webhooks are the rules for the addresses of webhook subscriptions. Default: any public host.
	Webhooks callback.Rules
	// Secrets are the keys that secrets of apps are sealed with. Default: none, so no secret can be read or made.
	Secrets seal.Keys
	// Abridged reads large fulfillment orders as workflows keep them, see [fulfillment.FulfillmentOrder.Abridge].
	// Default: whole.
	Abridged bool
}

// Store reads and writes the book. It is safe for concurrent use.
type Store struct {
	pool      *pgxpool.Pool
	pooled    bool // a pooler is between, see package pooler
	minter    fulfillment.Minter
	callbacks callback.Rules
	webhooks  callback.Rules
	secrets   seal.Keys
	abridged  bool
}

// Open prepares a pool of connections to the database. It connects when the first statement comes, so a database that
// is down is not an error here; [Store.Ping] asks it.
func Open(ctx context.Context, databaseURL string, opts Options) (*Store, error) {
	config, err := pooler.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	if opts.MaxConns > 0 {
		config.MaxConns = opts.MaxConns
	}
	pooled := pooler.Between(config.ConnConfig)
	params := config.ConnConfig.RuntimeParams
	params["timezone"] = "UTC"
	if !pooled { // A pooler takes none that it does not know.
		params["idle_in_transaction_session_timeout"] = idleInTransaction
		// To compile a query, or to start more processes for it, takes longer than any answer here.
		params["jit"], params["max_parallel_workers_per_gather"] = "off", "0"
	}
	if params["application_name"] == "" {
		params["application_name"] = applicationName
	}
	config.ConnConfig.Tracer = opts.Tracer
	config.AfterConnect = readTimesAsUTC
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return &Store{
		pool: pool, pooled: pooled, callbacks: opts.Callbacks, webhooks: opts.Webhooks, secrets: opts.Secrets,
		abridged: opts.Abridged,
	}, nil
}

func readTimesAsUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

// Webhooks are the rules for the addresses of webhook subscriptions.
func (s *Store) Webhooks() callback.Rules { return s.webhooks }

// KeepsSecrets tells whether apps can have secrets here: there is a key to seal them with.
func (s *Store) KeepsSecrets() bool { return !s.secrets.Empty() }

// Close waits for the connections in use and closes all.
func (s *Store) Close() { s.pool.Close() }

// Ping asks whether the database can be reached.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return fmt.Errorf("ping the database: %w", withRemedy(pooler.Explain(err)))
	}
	return nil
}

// Ready says why nobody can work with the database now: it can't be reached, or it does not have this program's tables.
// A newer database is fine: what comes after it must suit the programs before.
func (s *Store) Ready(ctx context.Context) error {
	var version int64
	err := s.pool.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM `+migrationsTable).Scan(&version)
	var missing *pgconn.PgError
	if errors.As(err, &missing) && missing.Code == undefinedTable {
		err = nil
	}
	switch {
	case err != nil:
		return fmt.Errorf("ask the database for its version: %w", withRemedy(pooler.Explain(err)))
	case version < latestMigration():
		return fmt.Errorf(
			"the database has version %d of the tables, and %d is needed: run packhorse migrate", version,
			latestMigration(),
		)
	}
	return nil
}

// TakesWrites says why the database takes no writes: it is a standby, or was set read-only. One that can't be asked is
// for [Store.Ready] to tell of.
func (s *Store) TakesWrites(ctx context.Context) error {
	var only string
	if err := s.pool.QueryRow(ctx, `SELECT current_setting('transaction_read_only')`).Scan(&only); err != nil {
		return nil //nolint:nilerr // See above.
	}
	if only == "on" {
		return errors.New(remedies[readOnly])
	}
	return nil
}

// transact runs write on one connection, which begins and commits by itself as part of its batches. Whatever is left
// open when write fails is rolled back.
func (s *Store) transact(ctx context.Context, write func(conn *pgx.Conn) error) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release() // A connection that is still in a transaction is closed here, not used again.
	err = write(conn.Conn())
	if conn.Conn().IsClosed() || conn.Conn().PgConn().TxStatus() == 'I' {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	_, _ = conn.Exec(ctx, "rollback") // If this fails, Release closes the connection, and the server rolls back.
	return err
}
