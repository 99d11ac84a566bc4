package postgres

import (
	"errors"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/seal"
)

// Secrets are sealed anew with the first key, so that the other one can be removed; one of a third key stays, and is
// told.
func TestSecretsAreResealed(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lost, old, latest := seal.NewKey(), seal.NewKey(), seal.NewKey()
	with := func(text string) seal.Keys {
		keys, err := seal.ParseKeys(text)
		if err != nil {
			t.Fatal(err)
		}
		b.secrets = keys
		return keys
	}
	want := map[string]access.Secret{}
	secret := func(handle string, rotated bool) {
		app := b.app(handle, access.ReadOrders)
		made, err := b.AppSecret(t.Context(), app.ID)
		if err == nil && rotated {
			made, err = b.RotateSecret(t.Context(), app.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		want[handle] = made
	}
	b.secrets = seal.Keys{}
	if _, err := b.Reseal(t.Context()); !errors.Is(err, seal.ErrNoKeys) {
		t.Errorf("without keys: %v", err)
	}
	with(lost)
	secret("Lost", false)
	with(old)
	secret("One", false)
	secret("Two", true)
	if _, err := b.pool.Exec(t.Context(), `UPDATE app_secrets SET previous = current, previous_until = now() - interval '1 s'
		WHERE app_id = (SELECT id FROM apps WHERE handle = 'one')`); err != nil {
		t.Fatal(err)
	}
	keys := with(latest + "," + old)
	secret("New", false)
	ids := keys.IDs()
	for i, resealed := range []int{3, 0} {
		done, err := b.Reseal(t.Context())
		if err != nil || done.Resealed != resealed || done.ByKey[ids[0]] != 4 || done.ByKey[ids[1]] != 0 || len(done.ByKey) != 2 {
			t.Errorf("time %d: %+v, %v", i+1, done, err)
		}
	}
	with(latest) // The old one is gone.
	apps, err := b.Apps(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, app := range apps {
		got, err := b.AppSecret(t.Context(), app.ID)
		if app.Name == "Lost" {
			if !errors.Is(err, seal.ErrUnknownKey) {
				t.Errorf("the lost one is %v", err)
			}
			continue
		}
		if secret := want[app.Name]; err != nil || got.Current != secret.Current || got.Previous != secret.Previous {
			t.Errorf("%s: %v is not what it was", app.Name, err)
		}
	}
	done, err := b.Reseal(t.Context())
	if err != nil || done.Resealed != 0 || done.ByKey[ids[0]] != 4 || len(done.ByKey) != 2 {
		t.Errorf("with one key: %+v, %v", done, err)
	}
}
