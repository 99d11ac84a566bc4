package workflows_test

import (
	"cmp"
	"encoding/json"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	enumspb "go.temporal.io/api/enums/v1"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// whole checks what must hold for an order whatever happened to it: no unit is lost or doubled, the order's status
// follows from its fulfillment orders, their histories and the events have no gap, and the workflows say what the store
// says. It returns the fulfillment orders, by ID.
func whole(t *testing.T, s *workertest.Stack, orderID fulfillment.ID) []*fulfillment.FulfillmentOrder {
	t.Helper()
	fos, err := s.Store.FulfillmentOrdersOf(t.Context(), orderID)
	if err != nil {
		t.Fatal(err)
	}
	record, err := s.Store.Order(t.Context(), orderID)
	if err != nil {
		t.Fatal(err)
	}
	view := fulfillment.ViewOrder(record.CancelledAt != nil, fos)
	var units, ordered []fulfillment.Quantity
	for _, l := range view.Lines {
		units = append(units, fulfillment.Quantity{ID: l.LineItemID, Quantity: l.Ordered})
	}
	for _, l := range record.LineItems {
		ordered = append(ordered, fulfillment.Quantity{ID: l.ID, Quantity: l.Quantity})
	}
	byID := func(a, b fulfillment.Quantity) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(units, byID)
	slices.SortFunc(ordered, byID)
	if !slices.Equal(units, ordered) {
		t.Errorf("order %d: its fulfillment orders have units %v, ordered were %v", orderID, units, ordered)
	}
	if got, want := record.DisplayFulfillmentStatus, view.DisplayFulfillmentStatus(); got != want {
		t.Errorf("order %d is %s, which follows to be %s", orderID, got, want)
	}
	eventsAreWhole(t, s, orderID)
	for _, fo := range fos {
		page, err := s.Store.Transitions(t.Context(), fo.ID, postgres.Page{Limit: 250})
		if err != nil {
			t.Fatal(err)
		}
		for i, transition := range page.Items {
			if transition.Sequence != int64(i+1) {
				t.Errorf("fulfillment order %d: transition %d has sequence %d", fo.ID, i+1, transition.Sequence)
			}
		}
		if int64(len(page.Items)) != fo.Sequence {
			t.Errorf("fulfillment order %d: %d transitions, sequence %d", fo.ID, len(page.Items), fo.Sequence)
		}
		agrees(t, s, fo)
	}
	return fos
}

// agrees checks that the workflow, which may have closed, is where the snapshot is.
func agrees(t *testing.T, s *workertest.Stack, stored *fulfillment.FulfillmentOrder) {
	t.Helper()
	answer, err := s.Temporal.QueryWorkflow(
		t.Context(), temporalio.FulfillmentOrderID(stored.ID), "", temporalio.StateQuery,
	)
	if err != nil {
		t.Errorf("ask fulfillment order %d for its state: %v", stored.ID, err)
		return
	}
	var living *fulfillment.FulfillmentOrder
	if err := answer.Get(&living); err != nil {
		t.Fatal(err)
	}
	text := func(fo *fulfillment.FulfillmentOrder) string {
		fo = fo.Clone()
		for i := range fo.Fulfillments {
			fo.Fulfillments[i].Name = "" // Numbered by the store.
		}
		body, err := json.Marshal(fo)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if a, b := text(living), text(stored); a != b {
		t.Errorf("fulfillment order %d: the workflow says\n%s\nthe store says\n%s", stored.ID, a, b)
	}
}

// eventsAreWhole checks that every transition has its events, once, in order: one for each of its topics, and one
// without a topic if it has none.
func eventsAreWhole(t *testing.T, s *workertest.Stack, orderID fulfillment.ID) {
	t.Helper()
	const query = `
WITH raised AS (
	SELECT f.id AS owner, t.sequence, p.position - 1 AS position, p.topic
	FROM fulfillment_orders f JOIN transitions t ON t.fulfillment_order_id = f.id,
		unnest(CASE WHEN t.topics = '{}' THEN '{""}' ELSE t.topics END) WITH ORDINALITY AS p (topic, position)
	WHERE f.order_id = $1
	UNION ALL SELECT 0, sequence, 0, '' FROM order_transitions WHERE order_id = $1
), sent AS (
	SELECT row_number() OVER (ORDER BY feed_position, outbox_id) AS id, coalesce(fulfillment_order_id, 0) AS owner,
		sequence, place AS position, CASE WHEN fulfillment_order_id IS NULL
		THEN '' ELSE topic END AS topic
	FROM events WHERE order_id = $1 AND (fulfillment_order_id IS NOT NULL OR place = 0)
)
SELECT (SELECT count(*) FROM raised r FULL JOIN sent s USING (owner, sequence, position, topic) WHERE r.owner IS NULL
	OR s.owner IS NULL),
	(SELECT count(*) FROM sent a JOIN sent b USING (owner) WHERE (a.sequence, a.position) < (b.sequence, b.position)
		AND a.id > b.id),
	(SELECT count(*) - max(sequence) FROM order_transitions WHERE order_id = $1)`
	var differences, disorder, gaps int
	if err := database(t, s).QueryRow(t.Context(), query, orderID).Scan(&differences, &disorder, &gaps); err != nil {
		t.Fatal(err)
	}
	if differences != 0 || disorder != 0 || gaps != 0 {
		t.Errorf(
			"order %d: %d events too many or missing, %d out of order, %d gaps in the order's history",
			orderID, differences, disorder, gaps,
		)
	}
}

func database(t *testing.T, s *workertest.Stack) *pgx.Conn {
	t.Helper()
	conn := devstacktest.Connect(t, string(s.Settings.Database.URL))
	return conn
}

// lives checks that the workflows of an order's fulfillment orders run or have closed, as they should, and that all
// histories replay.
func lives(t *testing.T, s *workertest.Stack, orderID fulfillment.ID, fos []*fulfillment.FulfillmentOrder) {
	t.Helper()
	run(t, s, fos)
	for _, fo := range fos {
		replays(t, s, temporalio.FulfillmentOrderID(fo.ID))
	}
	replays(t, s, temporalio.OrderID(orderID))
}

// run waits until the workflows of finished fulfillment orders have closed, and checks that the others run.
func run(t *testing.T, s *workertest.Stack, fos []*fulfillment.FulfillmentOrder) {
	t.Helper()
	for _, fo := range fos {
		workflowID := temporalio.FulfillmentOrderID(fo.ID)
		if fo.Finished() {
			closes(t, s, workflowID)
			continue
		}
		described, err := s.Temporal.DescribeWorkflowExecution(t.Context(), workflowID, "")
		if err != nil {
			t.Fatalf("%s: %v", workflowID, err)
		}
		if status := described.WorkflowExecutionInfo.Status; status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
			t.Errorf("fulfillment order %d is %s, but its workflow is %s", fo.ID, fo.Status, status)
		}
	}
}
