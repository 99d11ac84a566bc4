package gatewaytest

import (
	"slices"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// App is a program with a token that sends operations to a Server.
type App struct {
	access.App
	TokenID fulfillment.ID
	Token   string

	server *Server
}

// On is the same app at another gateway of the same database.
func (a *App) On(s *Server) *App {
	c := *a
	c.server = s
	return &c
}

// App makes an app with a token, which may do what the scopes say.
func (s *Server) App(name string, scopes ...access.Scope) *App {
	s.t.Helper()
	app, err := s.store.CreateApp(s.t.Context(), access.App{Name: name, Scopes: scopes})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.Token(app)
}

// Token makes another token of an app.
func (s *Server) Token(app access.App) *App {
	s.t.Helper()
	token, text, err := s.store.CreateToken(s.t.Context(), app.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return &App{App: app, TokenID: token.ID, Token: text, server: s}
}

// Revoke takes a token back.
func (s *Server) Revoke(tokenID fulfillment.ID) {
	s.t.Helper()
	if _, err := s.store.RevokeToken(s.t.Context(), tokenID); err != nil {
		s.t.Fatal(err)
	}
}

// Rescope gives an app other scopes, and returns when the API knows it.
func (s *Server) Rescope(app *App, scopes ...access.Scope) {
	s.t.Helper()
	changed, err := s.store.UpdateAppScopes(s.t.Context(), app.ID, scopes)
	if err != nil {
		s.t.Fatal(err)
	}
	app.App = changed
	by := access.Caller{App: changed}
	want := slices.DeleteFunc(access.Scopes(), func(scope access.Scope) bool { return !by.Has(scope) })
	for {
		answer := app.Must(s.t, `{ currentAppInstallation { accessScopes { handle } } }`, nil)
		var told []access.Scope
		for _, scope := range Get[[]struct{ Handle access.Scope }](s.t, answer, "currentAppInstallation.accessScopes") {
			told = append(told, scope.Handle)
		}
		if slices.Equal(told, want) {
			return
		}
	}
}
