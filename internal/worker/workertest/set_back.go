package workertest

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"packhorse/internal/dev/devstack/devstacktest"
)

// copied are the tables of Packhorse, in the order in which they refer to each other. What is outside, such as the
// ledger of a provider, is not set back with them.
const copied = `
SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT EXISTS (
	SELECT FROM information_schema.columns WHERE table_schema = 'public' AND table_name = relname
		AND column_name = 'tstamp')
ORDER BY relname IN ('services', 'locations'), oid`

// Copy keeps what the database has now. The function that it returns sets the database back to that, at once, as
// somebody does who restores it.
func (s *Stack) Copy() (setBack func()) {
	s.t.Helper()
	ctx := s.t.Context()
	conn := devstacktest.Connect(s.t, string(s.Settings.Database.URL))
	rows, _ := conn.Query(ctx, copied)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err == nil {
		err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			for _, table := range tables {
				if _, err := tx.Exec(ctx, fmt.Sprintf("CREATE TEMP TABLE copy_%s AS TABLE %[1]s", table)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return func() {
		s.t.Helper()
		err := setBackTo(ctx, conn, tables)
		for isDeadlock(err) { // With what the workers write meanwhile.
			err = setBackTo(ctx, conn, tables)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

func isDeadlock(err error) bool {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	return ok && refused.Code == "40P01"
}

// setBackTo gives tables the rows of their copies.
func setBackTo(ctx context.Context, conn *pgx.Conn, tables []string) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, table := range tables {
			if _, err := tx.Exec(ctx, "TRUNCATE "+table+" CASCADE"); err != nil {
				return err
			}
		}
		for _, table := range tables {
			sql := fmt.Sprintf("INSERT INTO %s OVERRIDING SYSTEM VALUE TABLE copy_%[1]s", table)
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	})
}
