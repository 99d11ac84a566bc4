package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/worker/workertest"
)

// TestAudit audits a running stack, and finds a row that was changed by hand.
func TestAudit(t *testing.T) {
	t.Parallel()
	stack := workertest.Start(t)
	id := stack.Order(stack.Warehouse("Berlin").ID, 2)
	orderID := stack.Load(id).OrderID.String()
	audit := func(args ...string) (status int, stdout, stderr string) {
		t.Helper()
		var out, errOut bytes.Buffer
		a := newApp(nil, &out, &errOut)
		a.backend = &servers{log: &errOut, cli: &config.CLI{Timeout: time.Minute}, database: stack.Settings.Database,
			temporal: stack.Settings.Temporal, loaded: true}
		status = a.run(t.Context(), append([]string{"audit"}, args...))
		return status, out.String(), errOut.String()
	}
	const last = "\naudit: 1 order, 1 fulfillment order, 2 workflow runs looked at: 0 violations\n"
	if status, stdout, stderr := audit("--order", orderID); status != statusDone || !strings.HasSuffix(stdout, last) {
		t.Errorf("status %d, %s\n%s", status, stdout, stderr)
	}

	conn := devstacktest.Connect(t, string(stack.Settings.Database.URL))
	if _, err := conn.Exec(t.Context(), `UPDATE fulfillment_orders SET remaining = 1 WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	const what = "remaining is 1, in the snapshot 2"
	status, stdout, stderr := audit()
	if status != statusFailed || !strings.Contains(stdout, "order "+orderID+", fulfillment order "+id.String()) ||
		!strings.Contains(stdout, what) || !strings.Contains(stderr, "packhorse: 1 violation\n") {
		t.Errorf("status %d, %s\n%s", status, stdout, stderr)
	}
	var page struct {
		Assertions []struct {
			Violations []struct{ OrderID, FulfillmentOrderID, What string }
			Unchecked  string
		}
		Violations int
		Complete   bool
	}
	status, stdout, stderr = audit("--output", "json")
	err := json.Unmarshal([]byte(stdout), &page)
	if err != nil || status != statusFailed || page.Violations != 1 || !page.Complete {
		t.Errorf("status %d, %v, %s\n%s", status, err, stdout, stderr)
	}
	found := 0
	for _, one := range page.Assertions {
		for _, v := range one.Violations {
			found++
			if v.OrderID != orderID || v.FulfillmentOrderID != id.String() || !strings.HasSuffix(v.What, what) {
				t.Errorf("found %+v", v)
			}
		}
	}
	if found != 1 {
		t.Errorf("%d violations are told, want 1", found)
	}
}
