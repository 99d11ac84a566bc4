package devstack

import (
	"errors"
	"testing"
)

// TestPostgresIsSetBack: what was committed before the copy is there afterwards, and nothing else, however often.
func TestPostgresIsSetBack(t *testing.T) {
	t.Parallel()
	pg := startPostgres(t, PostgresOptions{})
	if err := pg.SetBack(t.Context()); !errors.Is(err, errNoCopy) {
		t.Errorf("without a copy it is set back: %v", err)
	}
	if err := pg.CreateDatabase(t.Context(), "numbers"); err != nil {
		t.Fatal(err)
	}
	execute(t, pg, "numbers", "CREATE TABLE n (n int)")
	port := pg.Port()
	for kept := 1; kept <= 2; kept++ {
		execute(t, pg, "numbers", "INSERT INTO n VALUES (1)")
		for range 2 { // The later one counts.
			if err := pg.Copy(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		execute(t, pg, "numbers", "INSERT INTO n VALUES (2), (3)")
		if err := pg.SetBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := query[int](t, pg, "numbers", "SELECT sum(n) FROM n"); got != kept {
			t.Errorf("the sum is %d after it was set back, want %d", got, kept)
		}
		if pg.Port() != port {
			t.Errorf("it is on port %d, want %d", pg.Port(), port)
		}
	}
	if err := pg.SetBack(t.Context()); !errors.Is(err, errNoCopy) {
		t.Errorf("a copy that was used is there again: %v", err)
	}
}
