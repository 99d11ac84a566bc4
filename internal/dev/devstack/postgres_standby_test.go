package devstack

import "testing"

// TestFailover: a standby in step loses nothing, one that fell behind loses what was committed since; either way the
// server is where it was.
func TestFailover(t *testing.T) {
	t.Parallel()
	pg := startPostgres(t, PostgresOptions{})
	if err := pg.CreateDatabase(t.Context(), "numbers"); err != nil {
		t.Fatal(err)
	}
	port := pg.Port()
	execute(t, pg, "numbers", "CREATE TABLE n (n int)")
	for i, test := range []struct {
		inStep, behind bool
		kept           int
	}{{true, false, 10}, {false, true, 11}, {true, false, 21}} {
		standby, err := pg.Follow(t.Context(), test.inStep)
		if err != nil {
			t.Fatal(err)
		}
		execute(t, pg, "numbers", "INSERT INTO n VALUES (1)")
		if test.behind {
			const has = "SELECT bool_and(replay_lsn >= pg_current_wal_lsn()) FROM pg_stat_replication"
			if err := pg.until(t.Context(), has); err != nil {
				t.Fatal(err)
			}
			if err := standby.FallBehind(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		execute(t, pg, "numbers", "INSERT INTO n VALUES (9)")
		if err := standby.FailOver(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := query[int](t, pg, "numbers", "SELECT sum(n) FROM n"); got != test.kept {
			t.Errorf("%d: the sum is %d, want %d", i, got, test.kept)
		}
		if pg.Port() != port {
			t.Errorf("%d: it is on port %d, want %d", i, pg.Port(), port)
		}
	}
}
