package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

const selectApps = `SELECT id, handle, name, scopes, created_at FROM apps`

const insertApp = `INSERT INTO apps (id, handle, name, scopes) VALUES ($1, $2, $3, $4) RETURNING created_at`

const updateAppScopes = `UPDATE apps SET scopes = $2 WHERE id = $1 RETURNING id, handle, name, scopes, created_at`

// CreateApp adds an app with a secret, and returns it as it is stored, see [access.App.Complete]. Creating the same app
// again, with the same name, handle and scopes, changes nothing. A refusal is a *[fulfillment.Error].
func (s *Store) CreateApp(ctx context.Context, app access.App) (access.App, error) {
	app.Name = clean(app.Name)
	app, err := app.Complete(s.minter.Mint)
	if err != nil {
		return access.App{}, err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, insertApp, app.ID, app.Handle, app.Name, app.Scopes).Scan(&app.CreatedAt)
		if err != nil || s.secrets.Empty() { // Without keys it gets its secret when one is asked for.
			return err
		}
		return s.makeSecret(ctx, tx, app.ID)
	})
	if violates(err) {
		return s.appCreatedBefore(ctx, app, err)
	}
	if err != nil {
		return access.App{}, fmt.Errorf("create app %q: %w", app.Name, translate(err))
	}
	return app, nil
}

// appCreatedBefore is the stored app if an app that could not be added is there already, and else what another one has
// taken from it.
func (s *Store) appCreatedBefore(ctx context.Context, app access.App, conflict error) (access.App, error) {
	stored, err := s.apps(ctx, ` WHERE handle = $1`, app.Handle)
	if err != nil {
		return access.App{}, fmt.Errorf("create app %q: %w", app.Name, translate(err))
	}
	if len(stored) == 0 {
		return access.App{}, app.IDTaken()
	}
	if refused := app.Differs(stored[0], violates(conflict, "apps_pkey")); refused != nil {
		return access.App{}, refused
	}
	return stored[0], nil
}

// Apps lists all apps by handle.
func (s *Store) Apps(ctx context.Context) ([]access.App, error) {
	apps, err := s.apps(ctx, ` ORDER BY handle`)
	if err != nil {
		return nil, fmt.Errorf("list apps: %w", translate(err))
	}
	return apps, nil
}

// UpdateAppScopes gives an app other scopes in place of those it has; its tokens have them from now on. A refusal is a
// *[fulfillment.Error]; [fulfillment.ErrNotFound] when there is no such app.
func (s *Store) UpdateAppScopes(ctx context.Context, id fulfillment.ID, scopes []access.Scope) (access.App, error) {
	scopes, err := access.CheckScopes(scopes)
	if err != nil {
		return access.App{}, err
	}
	rows, err := s.pool.Query(ctx, updateAppScopes, id, scopes)
	if err == nil {
		var app access.App
		if app, err = pgx.CollectExactlyOneRow(rows, scanApp); err == nil {
			return app, nil
		}
	}
	return access.App{}, fmt.Errorf("update app %d: %w", id, translate(err))
}

// ServicesOfApp lists the fulfillment services that the app owns, by name, without those that are deleted.
func (s *Store) ServicesOfApp(ctx context.Context, id fulfillment.ID) ([]fulfillment.Service, error) {
	services, err := s.services(ctx, ` WHERE s.app_id = $1 AND s.deleted_at IS NULL ORDER BY lower(s.name)`, id)
	if err != nil {
		return nil, fmt.Errorf("list services of app %d: %w", id, translate(err))
	}
	return services, nil
}

func (s *Store) apps(ctx context.Context, end string, args ...any) ([]access.App, error) {
	rows, err := s.pool.Query(ctx, selectApps+end, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanApp)
}

func scanApp(row pgx.CollectableRow) (app access.App, err error) {
	err = row.Scan(&app.ID, &app.Handle, &app.Name, &app.Scopes, &app.CreatedAt)
	return app, err
}
