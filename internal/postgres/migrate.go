package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the database/sql driver "pgx", which goose needs
	"github.com/pressly/goose/v3"

	"packhorse/internal/pooler"
)

//go:embed migrations/*.sql
var embedded embed.FS

const (
	migrationsTable = "schema_migrations"
	// migrationsLock is the advisory lock that concurrent migrations queue for. The number means nothing; it only must
	// not be another program's.
	migrationsLock = 7093170293
	lockPatience   = 5 * time.Minute
)

// ErrNewerDatabase says that the database was migrated by a newer version of Packhorse.
var ErrNewerDatabase = errors.New(
	"the database is newer than this program: use the version that migrated it, or a newer one",
)

// Migrate brings the database to this program's schema. It may run several times at once: the others wait for the
// first, up to five minutes, and find nothing left to do. A database that is newer is left alone: [ErrNewerDatabase].
func Migrate(ctx context.Context, databaseURL string) error {
	return withMigrations(ctx, databaseURL, func(p *goose.Provider) error {
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("migrate the database: %w", err)
		}
		current, target, err := p.GetVersions(ctx)
		if err != nil {
			return fmt.Errorf("read the database's version: %w", err)
		}
		if current > target {
			return fmt.Errorf("%w (it has version %d, this program knows %d)", ErrNewerDatabase, current, target)
		}
		return nil
	})
}

// MigrateDown takes every migration back, and with them all data.
func MigrateDown(ctx context.Context, databaseURL string) error {
	return withMigrations(ctx, databaseURL, func(p *goose.Provider) error {
		if _, err := p.DownTo(ctx, 0); err != nil {
			return fmt.Errorf("take back the migrations: %w", err)
		}
		return nil
	})
}

// latestMigration is the version of the tables that this program works with.
var latestMigration = sync.OnceValue(func() int64 {
	var latest int64
	files, _ := fs.Glob(embedded, "migrations/*.sql") // The pattern is a good one.
	for _, file := range files {
		if version, err := goose.NumericComponent(file); err == nil {
			latest = max(latest, version)
		}
	}
	return latest
})

func withMigrations(ctx context.Context, databaseURL string, use func(*goose.Provider) error) (err error) {
	db, err := sql.Open("pgx", databaseURL)
	if err != nil {
		return fmt.Errorf("read the database URL: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithTableName(migrationsTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	return pooler.Locked(ctx, databaseURL, migrationsLock, lockPatience, func() error { return use(provider) })
}
