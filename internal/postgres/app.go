package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// maxAppText bounds an app's name and handle: what an actor of a command may hold.
const maxAppText = 255

const selectApps = `SELECT id, handle, name, scopes, created_at FROM apps`

const insertApp = `INSERT INTO apps (id, handle, name, scopes) VALUES ($1, $2, $3, $4) RETURNING created_at`

const updateAppScopes = `UPDATE apps SET scopes = $2 WHERE id = $1 RETURNING id, handle, name, scopes, created_at`

// CreateApp adds an app, and returns it as it is stored. Its ID is minted when it is zero; its handle follows from its
// name when it has none. Creating the same app again, with the same name, handle and scopes, changes nothing. A refusal
// is a *[fulfillment.Error].
func (s *Store) CreateApp(ctx context.Context, app access.App) (access.App, error) {
	app, err := checkApp(app)
	if err != nil {
		return access.App{}, err
	}
	if app.ID == 0 {
		app.ID = s.minter.Mint()
	}
	if app.Handle == "" {
		app.Handle = "app-" + app.ID.String()
	}
	err = s.pool.QueryRow(ctx, insertApp, app.ID, app.Handle, app.Name, app.Scopes).Scan(&app.CreatedAt)
	if violates(err) {
		return s.settleApp(ctx, app, err)
	}
	if err != nil {
		return access.App{}, fmt.Errorf("create app %q: %w", app.Name, translate(err))
	}
	return app, nil
}

func (s *Store) settleApp(ctx context.Context, app access.App, conflict error) (access.App, error) {
	stored, err := s.apps(ctx, ` WHERE handle = $1`, app.Handle)
	switch {
	case err != nil:
		return access.App{}, fmt.Errorf("create app %q: %w", app.Name, translate(err))
	case len(stored) == 0:
		return access.App{}, refused("id", "There is another app with the ID %d.", app.ID)
	case stored[0].Name != app.Name:
		return access.App{}, refused("handle", "There is another app with the handle %q: %s.", app.Handle, stored[0].Name)
	case !slices.Equal(stored[0].Scopes, app.Scopes):
		return access.App{}, refused("scopes", "The app %s is there already, with other scopes; update it to change them.", app.Name)
	case violates(conflict, "apps_pkey") && stored[0].ID != app.ID:
		return access.App{}, refused("id", "There is another app with the ID %d.", app.ID)
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
// *[fulfillment.Error]; [ErrNotFound] when there is no such app.
func (s *Store) UpdateAppScopes(ctx context.Context, id fulfillment.ID, scopes []access.Scope) (access.App, error) {
	scopes, err := access.CleanScopes(scopes)
	if err != nil {
		return access.App{}, badScopes(err)
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

func checkApp(app access.App) (access.App, error) {
	if err := checkName(app.Name); err != nil {
		return app, err
	}
	app.Name = clean(app.Name)
	given := app.Handle
	if given == "" {
		app.Handle = handle(app.Name)
	} else if handle(given) != given {
		return app, refused("handle", "A handle has lower-case letters, digits, _ and single hyphens between them; %q has not.", given)
	}
	if len(app.Name) > maxAppText || len(app.Handle) > maxAppText {
		return app, refused("name", "An app's name and handle have at most %d bytes.", maxAppText)
	}
	if app.Handle == fulfillment.System.App {
		return app, refused("handle", "The handle %q is reserved.", app.Handle)
	}
	var err error
	if app.Scopes, err = access.CleanScopes(app.Scopes); err != nil {
		return app, badScopes(err)
	}
	return app, nil
}

func badScopes(err error) error { return refused("scopes", "The scopes are wrong: %s.", err.Error()) }
