package postgres

import (
	"errors"
	"strings"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/seal"
)

// sealed is the same book with keys for secrets.
func (b *book) sealed(keys ...string) *Store {
	b.t.Helper()
	ring, err := seal.ParseKeys(strings.Join(keys, ","))
	if err != nil {
		b.t.Fatal(err)
	}
	return b.open(Options{Secrets: ring})
}

// An app's secret is made with it, is there to be read, and is nowhere in the database.
func TestSecretIsMadeWithTheApp(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	s := b.sealed(seal.NewKey())
	app, err := s.CreateApp(t.Context(), access.App{Name: "Shop", Scopes: access.Scopes()})
	if err != nil {
		t.Fatal(err)
	}
	var sealed []byte
	if err := b.pool.QueryRow(t.Context(), `SELECT current FROM app_secrets WHERE app_id = $1`, app.ID).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	current, previous, err := s.Secrets(t.Context(), app.ID)
	if err != nil || !strings.HasPrefix(current, access.SecretPrefix) || previous != "" {
		t.Fatalf("read %q and %q, %v", current, previous, err)
	}
	if strings.Contains(string(sealed), current) || strings.Contains(string(sealed), current[len(access.SecretPrefix):]) {
		t.Error("the secret is in the database")
	}
	if _, _, err := b.sealed(seal.NewKey()).Secrets(t.Context(), app.ID); !errors.Is(err, seal.ErrUnknownKey) {
		t.Errorf("read with another key: %v", err)
	}
	if _, _, err := b.Secrets(t.Context(), app.ID); !errors.Is(err, seal.ErrNoKeys) {
		t.Errorf("read without a key: %v", err)
	}
	if _, _, err := s.Secrets(t.Context(), 1); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("of an app that there isn't: %v", err)
	}

	// Another app's is another one, and the row of one does not open as that of another.
	other, err := s.CreateApp(t.Context(), access.App{Name: "Other", Scopes: access.Scopes()})
	if err != nil {
		t.Fatal(err)
	}
	if theirs, _, err := s.Secrets(t.Context(), other.ID); err != nil || theirs == current {
		t.Errorf("another app has the same: %v", err)
	}
	if _, err := b.pool.Exec(t.Context(), `UPDATE app_secrets SET current = $1 WHERE app_id = $2`, sealed, other.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Secrets(t.Context(), other.ID); err == nil {
		t.Error("the secret of one app opens as that of another")
	}
}

// An app that is older than its first secret gets one when it is asked for, and keeps it.
func TestSecretOfAnOlderApp(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	app := b.app("Shop", access.WriteOrders)
	s := b.sealed(seal.NewKey())
	first, _, err := s.Secrets(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	if again, _, err := s.Secrets(t.Context(), app.ID); err != nil || again != first {
		t.Errorf("asked again, it is another one: %v", err)
	}
}

// A rotation leaves both secrets good until the old one is revoked, or a day is over.
func TestSecretsAreRotated(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	s := b.sealed(seal.NewKey())
	app, err := s.CreateApp(t.Context(), access.App{Name: "Shop", Scopes: access.Scopes()})
	if err != nil {
		t.Fatal(err)
	}
	first, _, err := s.Secrets(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := s.RotateSecret(t.Context(), app.ID)
	if err != nil || rotated.Current == first || rotated.Previous != first || rotated.PreviousUntil == nil ||
		rotated.PreviousUntil.Sub(rotated.MadeAt) != 24*time.Hour {
		t.Fatalf("rotated to %+v, %v", rotated, err)
	}
	_, err = s.RotateSecret(t.Context(), app.ID)
	if refused, ok := fulfillment.AsError(err); !ok || !strings.Contains(refused.Message, "revoke-old") {
		t.Errorf("rotated while a rotation lasts: %v", err)
	}
	for range 2 {
		revoked, err := s.RevokeOldSecret(t.Context(), app.ID)
		if err != nil || revoked.Current != rotated.Current || revoked.Previous != "" || revoked.PreviousUntil != nil {
			t.Errorf("revoked: %+v, %v", revoked, err)
		}
	}
	second, err := s.RotateSecret(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.pool.Exec(t.Context(), `UPDATE app_secrets SET previous_until = now()`); err != nil {
		t.Fatal(err)
	}
	current, previous, err := s.Secrets(t.Context(), app.ID)
	if err != nil || current != second.Current || previous != "" {
		t.Errorf("a day later the old one is %q, %v", previous, err)
	}
	if third, err := s.RotateSecret(t.Context(), app.ID); err != nil || third.Previous != current {
		t.Errorf("a day later, rotated to %+v, %v", third, err)
	}
	if _, err := s.RotateSecret(t.Context(), 1); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("of an app that there isn't: %v", err)
	}
}
