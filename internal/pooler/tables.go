package pooler

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the database/sql driver that goose needs
	"github.com/pressly/goose/v3"
)

// Tables are what somebody beside Packhorse's own store has in a PostgreSQL database, with a version table of its own.
type Tables struct {
	Of           string // whose they are, for an error, such as "the ledger of EasyPost's shipments"
	Migrations   fs.FS  // goose's files
	VersionTable string
	// LockID keeps two processes from migrating at the same time. It differs from goose's default and from those of
	// others, so that it stands in nobody else's way.
	LockID int64
}

// Migrate runs something with goose, alone: mostly its Up.
func (t Tables) Migrate(ctx context.Context, databaseURL string, run func(*goose.Provider) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("migrate %s: %w", t.Of, err)
		}
	}()
	db, err := sql.Open("pgx", databaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p, err := goose.NewProvider(goose.DialectPostgres, db, t.Migrations, goose.WithTableName(t.VersionTable))
	if err != nil {
		return err
	}
	return Locked(ctx, databaseURL, t.LockID, time.Minute, func() error { return run(p) })
}
