package devstacktest

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"packhorse/internal/dev/devstack"
)

// Pooled is the URL of the database through a PgBouncer in transaction mode of this test's own, without a word of that
// in it. Where PgBouncer is not installed and can't be, the test is skipped.
func Pooled(t testing.TB, databaseURL string) string {
	t.Helper()
	bouncer, err := devstack.StartPgBouncer(t.Context(), Postgres(t), nil)
	if errors.Is(err, devstack.ErrNoPgBouncer) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeServer(t, bouncer.Close) })
	parsed, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return bouncer.URL(strings.TrimPrefix(parsed.Path, "/"))
}
