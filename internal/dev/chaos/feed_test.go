package chaos

import (
	"testing"

	"packhorse/internal/audit"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
)

// TestFollow: a feed that tells everything passes, and one that lacks, repeats or misreports something does not.
func TestFollow(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	database := devstacktest.Pool(t, string(s.Settings.Database.URL))
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	check := func() audit.Assertion {
		r := &run{result: new(Result), stage: &stage{store: s.Store, sources: audit.Sources{Database: database}}}
		if err := r.follow(t.Context()); err != nil {
			t.Fatal(err)
		}
		return r.result.Assertions[0]
	}
	if a := check(); len(a.Violations) > 0 || a.Checked < 6 {
		t.Errorf("nothing is wrong, but it says %+v", a)
	}
	for _, broken := range []struct{ name, sql, mended string }{
		{
			"a gap", `UPDATE feed SET position = position + 5000 WHERE position = 2`,
			`UPDATE feed SET position = position - 5000 WHERE position = 5002`,
		},
		{
			"a repetition", `UPDATE feed SET sequence = 1`,
			`UPDATE feed SET sequence = (payload->>'sequence')::bigint`,
		},
		{
			"another request status", `UPDATE fulfillment_orders SET request_status = 'SUBMITTED'`,
			`UPDATE fulfillment_orders SET request_status = 'UNSUBMITTED'`,
		},
		{"another status of the order", `UPDATE orders SET fulfillment_status = 'SHIPPED'`, ``},
	} {
		if a := check(); len(a.Violations) > 0 {
			t.Errorf("before %s: nothing is wrong, but it says %+v", broken.name, a)
		}
		if _, err := database.Exec(t.Context(), broken.sql); err != nil {
			t.Fatal(err)
		}
		if a := check(); len(a.Violations) == 0 {
			t.Errorf("%s: nothing was noticed", broken.name)
		}
		if _, err := database.Exec(t.Context(), broken.mended); err != nil {
			t.Fatal(err)
		}
	}
}
