package shipbob

import (
	"context"
	"embed"
	"io/fs"

	"github.com/pressly/goose/v3"

	"packhorse/internal/pooler"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the tables that the provider has of its own up to date. They have a schema and a version table of
// their own: they are not a part of Packhorse's store.
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
		Of: "the tables of the provider shipbob", Migrations: files, VersionTable: "shipbob_provider_version",
		LockID: 7_316_201_948_123,
	}.Migrate(ctx, databaseURL, run)
}
