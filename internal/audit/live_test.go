package audit

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
)

// audited runs an audit of a live system, which must be able to read everything.
func audited(t *testing.T, from Sources, o Options) Report {
	t.Helper()
	o.Pause = 10 * time.Millisecond
	report, err := Live(t.Context(), from, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range report.Assertions {
		for _, v := range a.Violations {
			t.Logf("%s: order %d, fulfillment order %d: %s", a.Name, v.OrderID, v.FulfillmentOrderID, v.What)
		}
		for _, v := range a.UnderWay {
			t.Logf("under way: %s: order %d, fulfillment order %d: %s", a.Name, v.OrderID, v.FulfillmentOrderID, v.What)
		}
	}
	return report
}

func blamesOf(report Report) (all []blame) {
	for _, a := range report.Assertions {
		for _, v := range a.Violations {
			if b := (blame{a.Name, v.OrderID, v.FulfillmentOrderID}); !slices.Contains(all, b) {
				all = append(all, b)
			}
		}
	}
	return all
}

func (r Report) of(name string) Assertion {
	i := slices.IndexFunc(r.Assertions, func(a Assertion) bool { return a.Name == name })
	return r.Assertions[i]
}

// TestLive audits a system whose workers are at work: what is under way is not reported, and a row that was changed by
// hand is.
func TestLive(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	quickly := s.service("Quick", quick(nil))
	berlin := s.Warehouse("Berlin").ID
	heldOrder, held := s.order(berlin, 3)
	otherOrder, _ := s.order(berlin, 1)
	from := s.on(t, string(s.Settings.Database.URL))

	working, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	for range 3 {
		work.Go(func() {
			for working.Err() == nil {
				id := s.Order(quickly, 2)
				s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
				hold := s.Send(s.Order(berlin, 2), &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
				s.Send(hold.FulfillmentOrderID, &fulfillment.ReleaseHold{})
			}
		})
	}
	report := audited(t, from, Options{})
	requireBlames(t, blamesOf(report))
	if report.Orders < 2 || report.FulfillmentOrders < report.Orders || report.Runs < 2 {
		t.Errorf(
			"it looked at %d orders, %d fulfillment orders, %d runs", report.Orders, report.FulfillmentOrders,
			report.Runs,
		)
	}
	for _, name := range []string{CommandsInHistory, CommandsInStore} {
		if a := report.of(name); a.Checked != 0 || a.Unchecked == "" {
			t.Errorf("%s: nobody can tell, but it is said to be checked (%d)", name, a.Checked)
		}
	}

	s.exec(t, `UPDATE fulfillment_orders SET holds = 5 WHERE id = $1`, held)
	want := blame{RowsAgree, heldOrder, held}
	requireBlames(t, blamesOf(audited(t, from, Options{})), want)
	report = audited(t, from, Options{OrderID: heldOrder})
	requireBlames(t, blamesOf(report), want)
	if report.Orders != 1 {
		t.Errorf("asked for one order, it looked at %d", report.Orders)
	}
	requireBlames(t, blamesOf(audited(t, from, Options{OrderID: otherOrder})))
}

// exec changes the store by hand.
func (s *scene) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	conn := devstacktest.Connect(t, string(s.Settings.Database.URL))
	if tag, err := conn.Exec(t.Context(), sql, args...); err != nil || tag.RowsAffected() == 0 {
		t.Fatalf("%s: %v, %v", sql, tag, err)
	}
}

// TestUnderWay: what passes by itself is said as such, however often it is looked at.
func TestUnderWay(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	orderID, id := s.order(s.Warehouse("Berlin").ID, 1)
	reserve(t, s, id)
	report := audited(t, s.on(t, string(s.Settings.Database.URL)), Options{OrderID: orderID})
	requireBlames(t, blamesOf(report))
	for _, name := range []string{ReservationsEnd, WorkflowsNotStuck} {
		if a := report.of(name); len(a.UnderWay) != 1 || a.UnderWay[0].FulfillmentOrderID != id {
			t.Errorf("%s: it says %v is under way", name, a.UnderWay)
		}
	}
}

// TestReader: whoever may only read can audit, also without the ledger of the simulated provider.
func TestReader(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	_, id := s.order(s.service("Quick", quick(nil)), 1)
	s.send(id, &fulfillment.SubmitFulfillmentRequest{})
	s.Eventually(id, "delivered", (*fulfillment.FulfillmentOrder).Finished)
	for _, test := range []struct {
		name, grant, unchecked string
	}{
		{"everything", `GRANT USAGE ON SCHEMA simulated_provider TO %[1]s;
			GRANT SELECT ON ALL TABLES IN SCHEMA simulated_provider TO %[1]s`, ""},
		{"no_ledger", ``, "may not read the ledger"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			from := s.on(t, s.reader(t, test.name, test.grant))
			if _, err := from.Database.Exec(t.Context(), `DELETE FROM feed`); err == nil {
				t.Fatal("the reader may write")
			}
			report := audited(t, from, Options{})
			requireBlames(t, blamesOf(report))
			for _, name := range []string{EffectsOnce, EffectsIntended} {
				a := report.of(name)
				if (a.Checked > 0) != (test.unchecked == "") || !strings.Contains(a.Unchecked, test.unchecked) {
					t.Errorf("%s: checked %d, %q", name, a.Checked, a.Unchecked)
				}
			}
			if a := report.of(IntentsResolved); a.Checked == 0 || !strings.Contains(a.Unchecked, test.unchecked) {
				t.Errorf("%s: checked %d, %q", a.Name, a.Checked, a.Unchecked)
			}
		})
	}
}

// reader makes a user of the database that may only read, and tells the URL under its name.
func (s *scene) reader(t *testing.T, name, grant string) string {
	t.Helper()
	name = databaseName(t, string(s.Settings.Database.URL)) + "_" + name
	grants := fmt.Sprintf(`CREATE ROLE %[1]s LOGIN PASSWORD 'reader'; ALTER ROLE %[1]s SET
		default_transaction_read_only = on;
		GRANT USAGE ON SCHEMA public TO %[1]s; GRANT SELECT ON ALL TABLES IN SCHEMA public TO %[1]s;`+grant, name)
	admin := devstacktest.Connect(
		t, devstacktest.Postgres(t).AdminURL(databaseName(t, string(s.Settings.Database.URL))),
	)
	t.Cleanup(func() { // Roles outlive the database, and the test's context.
		ctx := context.WithoutCancel(t.Context())
		if _, err := admin.Exec(ctx, fmt.Sprintf(`DROP OWNED BY %[1]s; DROP ROLE %[1]s`, name)); err != nil {
			t.Error(err)
		}
	})
	if _, err := admin.Exec(t.Context(), grants); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(string(s.Settings.Database.URL))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(name, "reader")
	return u.String()
}
