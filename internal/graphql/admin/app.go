package admin

import (
	"context"

	"packhorse/internal/access"
)

// App is a program that uses the API.
type App struct{ app access.App }

// IsNode says that [Loaders.Node] finds it.
func (*App) IsNode() {}

// ID is the app's global ID.
func (a *App) ID() GID { return GID{TypeApp, a.app.ID} }

// Handle is its short name.
func (a *App) Handle() *string { return &a.app.Handle }

// Title is its name.
func (a *App) Title() string { return a.app.Name }

// appByHandle is nil for a handle that no app has: holds of operators belong to none.
func appByHandle(ctx context.Context, handle string) (*App, error) {
	if handle == "" {
		return nil, nil
	}
	if own := caller(ctx).App; own.Handle == handle {
		return &App{own}, nil
	}
	return findApp(ctx, func(a access.App) bool { return a.Handle == handle })
}

func findApp(ctx context.Context, is func(access.App) bool) (*App, error) {
	apps, err := read(ctx).apps.load(ctx)
	for _, app := range apps {
		if is(app) {
			return &App{app}, nil
		}
	}
	return nil, err
}
