package easypost

import (
	"context"
	"embed"
	"io/fs"

	"github.com/pressly/goose/v3"

	"packhorse/internal/pooler"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema of the PostgreSQL ledger up to date. It has its own schema and its own version table: it
// is not a part of Packhorse's store.
func Migrate(ctx context.Context, databaseURL string) error {
	return migrate(ctx, databaseURL, func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	})
}

func migrate(ctx context.Context, databaseURL string, run func(*goose.Provider) error) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return pooler.Tables{
		Of: "the ledger of EasyPost's shipments", Migrations: files, VersionTable: "easypost_provider_version",
		LockID: 7_316_201_948_119,
	}.Migrate(ctx, databaseURL, run)
}
