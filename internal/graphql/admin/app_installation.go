package admin

import (
	"context"
	"strings"

	"packhorse/internal/access"
)

// AppInstallation is an app, and what it may do here. Its number is the app's.
type AppInstallation struct{ app access.App }

// CurrentAppInstallation is that of the app that asks.
func CurrentAppInstallation(ctx context.Context) *AppInstallation {
	return &AppInstallation{caller(ctx).App}
}

// IsNode says that [Loaders.Node] finds it.
func (*AppInstallation) IsNode() {}

// ID is its global ID.
func (i *AppInstallation) ID() GID { return GID{TypeAppInstallation, i.app.ID} }

// App is the app.
func (i *AppInstallation) App() *App { return &App{i.app} }

// AccessScopes are its scopes, those too that follow from others.
func (i *AppInstallation) AccessScopes() []*AccessScope {
	var list []*AccessScope
	by := access.Caller{App: i.app}
	for _, scope := range access.Scopes() {
		if by.Has(scope) {
			list = append(list, &AccessScope{
				Handle: string(scope), Description: strings.ReplaceAll(string(scope), "_", " "),
			})
		}
	}
	return list
}

// ActiveSubscriptions is empty: Packhorse asks no money of apps.
func (*AppInstallation) ActiveSubscriptions() []*AppSubscription { return []*AppSubscription{} }
