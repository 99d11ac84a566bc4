package easypost

import (
	"sync"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"packhorse/internal/dev/devstack/devstacktest"
)

func TestMigrateDownAndUp(t *testing.T) {
	t.Parallel()
	url := devstacktest.Database(t)
	var group sync.WaitGroup
	for range 6 { // Processes that start at the same time.
		group.Go(func() {
			if err := Migrate(t.Context(), url); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	requireUsable(t, url)
	if err := migrate(
		t.Context(), url, func(p *goose.Provider) error { _, err := p.DownTo(t.Context(), 0); return err },
	); err != nil {
		t.Fatal(err)
	}
	l, err := OpenLedger(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Due(t.Context(), 1, time.Now(), 1); err == nil {
		t.Error("the tables are still there after migrating down")
	}
	if err := Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	requireUsable(t, url)
}

func requireUsable(t *testing.T, url string) {
	t.Helper()
	l, err := OpenLedger(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Due(t.Context(), 1, time.Now(), 1); err != nil {
		t.Error(err)
	}
}

func TestOpenLedgerRefusesNonsense(t *testing.T) {
	t.Parallel()
	if _, err := OpenLedger(t.Context(), "no such://"); err == nil {
		t.Error("it was opened")
	}
}
