package shipbob

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the database/sql driver that goose needs
	"github.com/pressly/goose/v3"

	"packhorse/internal/pooler"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	versionTable = "shipbob_provider_version"
	// lockID keeps two processes from migrating at the same time. It differs from goose's default, so that it stands
	// in nobody else's way.
	lockID = 7_316_201_948_123
)

// Migrate brings the tables that the provider has of its own up to date. They have a schema and a version table of
// their own: they are not a part of Packhorse's store.
func Migrate(ctx context.Context, databaseURL string) error {
	return migrate(ctx, databaseURL, func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	})
}

func migrate(ctx context.Context, databaseURL string, run func(*goose.Provider) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("migrate the tables of the provider shipbob: %w", err)
		}
	}()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db, err := sql.Open("pgx", databaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p, err := goose.NewProvider(
		goose.DialectPostgres, db, files, goose.WithTableName(versionTable),
	)
	if err != nil {
		return err
	}
	return pooler.Locked(ctx, databaseURL, lockID, time.Minute, func() error { return run(p) })
}
