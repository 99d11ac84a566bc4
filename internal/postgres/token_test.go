package postgres

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

func (b *book) app(name string, scopes ...access.Scope) access.App {
	b.t.Helper()
	app, err := b.CreateApp(b.t.Context(), access.App{Name: name, Scopes: scopes})
	if err != nil {
		b.t.Fatal(err)
	}
	return app
}

func hashOf(t *testing.T, token string) access.Hash {
	t.Helper()
	hash, ok := access.HashToken(token)
	if !ok {
		t.Fatalf("%q is no token", token)
	}
	return hash
}

func TestApps(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	shop := b.app("Web Shop", access.WriteOrders, access.ReadLocations, access.WriteOrders)
	if shop.Handle != "web-shop" || shop.ID == 0 || shop.CreatedAt.IsZero() ||
		!cmp.Equal(shop.Scopes, []access.Scope{access.WriteOrders, access.ReadLocations}) {
		t.Errorf("created %+v", shop)
	}
	if again := b.app("Web Shop", access.ReadLocations, access.WriteOrders); !cmp.Equal(again, shop) {
		t.Errorf("created again: %+v, want %+v", again, shop)
	}
	other, err := b.CreateApp(t.Context(), access.App{Name: "Warehouse", Handle: "3pl", Scopes: access.Scopes()})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.Apps(t.Context()); err != nil || !cmp.Equal(got, []access.App{other, shop}) {
		t.Errorf("listed %+v, %v", got, err)
	}
	if _, err := b.UpdateAppScopes(t.Context(), shop.ID, nil); fulfillment.AsRefusals(err) == nil {
		t.Errorf("updated to no scopes: %v", err)
	}
	updated, err := b.UpdateAppScopes(t.Context(), shop.ID, []access.Scope{access.ReadOrders})
	shop.Scopes = []access.Scope{access.ReadOrders}
	if err != nil || !cmp.Equal(updated, shop) {
		t.Errorf("updated %+v, %v", updated, err)
	}
	if _, err := b.UpdateAppScopes(t.Context(), 1, shop.Scopes); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("updated an unknown app: %v", err)
	}

	one := []access.Scope{access.ReadOrders}
	for want, app := range map[string]access.App{
		"Name can't be blank":                         {Scopes: one},
		`There is another app with the handle "3pl"`:  {Name: "3PL", Scopes: one},
		"with other scopes; update it to change them": {Name: "Web Shop", Scopes: access.Scopes()},
		"There is another app with the ID":            {ID: shop.ID, Name: "Third", Scopes: one},
		"at least one scope is needed":                {Name: "X"},
	} {
		_, err := b.CreateApp(t.Context(), app)
		if refused, ok := fulfillment.AsError(err); !ok || !strings.Contains(refused.Message, want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	shop, warehouse := b.app("Shop", access.WriteOrders), b.app(
		"Warehouse", access.WriteAssigned, access.WriteFulfillments,
	)
	first, text, err := b.CreateToken(t.Context(), warehouse.ID)
	if err != nil || first.AppID != warehouse.ID || !strings.HasSuffix(text, first.LastFour) ||
		len(first.LastFour) != 4 {
		t.Fatalf("created %+v, %v", first, err)
	}
	second, secondText, err := b.CreateToken(t.Context(), warehouse.ID)
	if err != nil {
		t.Fatal(err)
	}
	third, _, err := b.CreateToken(t.Context(), shop.ID)
	if err != nil {
		t.Fatal(err)
	}
	for app, want := range map[fulfillment.ID][]access.Token{
		warehouse.ID: {first, second}, shop.ID: {third}, 0: {first, second, third}, 1: nil,
	} {
		if got, err := b.Tokens(t.Context(), app); err != nil || len(got) != len(want) || len(want) > 0 &&
			!cmp.Equal(got, want) {
			t.Errorf("tokens of %d: %+v, %v; want %+v", app, got, err, want)
		}
	}
	if _, _, err := b.CreateToken(t.Context(), 1); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("a token for an unknown app: %v", err)
	}
	if got := b.one(
		`SELECT count(*) FROM tokens WHERE tokens::text LIKE '%' || $1 || '%'`,
		strings.TrimPrefix(text, access.TokenPrefix),
	); got != 0 {
		t.Error("the token itself is stored")
	}

	t.Run("stand for their app and its services", func(t *testing.T) {
		for _, name := range []string{"North", "South", "Foreign"} {
			service, err := b.AddService(t.Context(), fulfillment.Service{Name: name})
			if err != nil {
				t.Fatal(err)
			}
			owner := warehouse.ID
			if name == "Foreign" {
				owner = shop.ID
			}
			if _, err := b.pool.Exec(
				t.Context(), `UPDATE services SET app_id = $2 WHERE id = $1`, service.ID, owner,
			); err != nil {
				t.Fatal(err)
			}
		}
		owned, err := b.ServicesOfApp(t.Context(), warehouse.ID)
		if err != nil || len(owned) != 2 || owned[0].Name != "North" || owned[1].Name != "South" {
			t.Fatalf("owns %+v, %v", owned, err)
		}
		before := b.calls.statements.Load()
		got, err := b.Caller(t.Context(), hashOf(t, text))
		want := access.Caller{App: warehouse, TokenID: first.ID, Services: []fulfillment.ID{owned[0].ID, owned[1].ID}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v; -want +got:\n%s", err, diff)
		}
		// A statement is prepared on each connection that has not seen it, and the tracer counts only its execution.
		if n := b.calls.statements.Load() - before; n != 1 {
			t.Errorf("%d statements, want 1", n)
		}
		if _, err := b.Caller(t.Context(), hashOf(t, access.NewToken())); !errors.Is(err, access.ErrUnknownToken) {
			t.Errorf("a token that was never given out: %v", err)
		}
	})

	t.Run("remember their last use", func(t *testing.T) {
		at := testStart.Add(time.Hour)
		for _, use := range []time.Time{at, at.Add(-time.Minute)} {
			if err := b.RecordTokenUses(t.Context(), map[fulfillment.ID]time.Time{first.ID: use, 1: use}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := b.Tokens(t.Context(), warehouse.ID)
		if err != nil || got[0].LastUsedAt == nil || !got[0].LastUsedAt.Equal(at) || got[1].LastUsedAt != nil {
			t.Errorf("got %+v, %v", got, err)
		}
	})

	t.Run("are worth nothing once revoked", func(t *testing.T) {
		revoked, err := b.RevokeToken(t.Context(), second.ID)
		if err != nil || revoked.RevokedAt == nil {
			t.Fatalf("revoked %+v, %v", revoked, err)
		}
		if again, err := b.RevokeToken(t.Context(), second.ID); err != nil || !cmp.Equal(again, revoked) {
			t.Errorf("revoked again: %+v, %v", again, err)
		}
		if _, err := b.Caller(t.Context(), hashOf(t, secondText)); !errors.Is(err, access.ErrUnknownToken) {
			t.Errorf("a revoked token: %v", err)
		}
		if _, err := b.Caller(t.Context(), hashOf(t, text)); err != nil {
			t.Errorf("the other token: %v", err)
		}
		if _, err := b.RevokeToken(t.Context(), 1); !errors.Is(err, fulfillment.ErrNotFound) {
			t.Errorf("revoked an unknown token: %v", err)
		}
	})
}

// TestAuthenticator runs it on the store: what changes anywhere is known long before the cache would have forgotten.
func TestAuthenticator(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	app := b.app("Shop", access.ReadOrders)
	token, text, err := b.CreateToken(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := b.open(Options{MaxConns: 2})
	auth := access.NewAuthenticator(b.Store, access.AuthenticatorOptions{CacheTime: time.Hour})
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		auth.Run(ctx)
	}()

	caller := func() (access.Caller, error) { return auth.Caller(t.Context(), text) }
	await := func(what string, met func(access.Caller, error) bool) {
		t.Helper()
		deadline := time.Now().Add(10 * time.Second)
		for !met(caller()) {
			if time.Now().After(deadline) {
				t.Fatalf("not in time: %s", what)
			}
		}
	}
	await("it watches", func(access.Caller, error) bool {
		return b.one(
			`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'listen packhorse_access'`,
		) == 1
	})
	if c, err := caller(); err != nil || c.App.ID != app.ID || c.TokenID != token.ID {
		t.Fatalf("got %+v, %v", c, err)
	}
	before := b.calls.statements.Load()
	for range 100 {
		if _, err := caller(); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.calls.statements.Load() - before; n > 1 { // One, if the watch began only now.
		t.Errorf("100 requests took %d statements", n)
	}

	if _, err := elsewhere.UpdateAppScopes(t.Context(), app.ID, []access.Scope{access.WriteOrders}); err != nil {
		t.Fatal(err)
	}
	await("other scopes", func(c access.Caller, err error) bool { return err == nil && c.Has(access.WriteOrders) })
	service, err := elsewhere.AddService(t.Context(), fulfillment.Service{Name: "Ship Co"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := elsewhere.pool.Exec(
		t.Context(), `UPDATE services SET app_id = $2 WHERE id = $1`, service.ID, app.ID,
	); err != nil {
		t.Fatal(err)
	}
	await("a service of its own", func(c access.Caller, err error) bool { return err == nil && c.Owns(service.ID) })
	if _, err := elsewhere.RevokeToken(t.Context(), token.ID); err != nil {
		t.Fatal(err)
	}
	await(
		"the revoked token is refused",
		func(_ access.Caller, err error) bool { return errors.Is(err, access.ErrUnknownToken) },
	)

	stop()
	<-ran
	if got, err := b.Tokens(t.Context(), app.ID); err != nil || got[0].LastUsedAt == nil {
		t.Errorf("its last use is not recorded: %+v, %v", got, err)
	}
}
