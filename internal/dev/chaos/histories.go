package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// keepHistories writes the histories of an order's workflows, and of its fulfillment orders', to the logs: a file for
// each run, as the Temporal UI takes them.
func (r *run) keepHistories(ctx context.Context, orderID fulfillment.ID) error {
	ids := []string{temporalio.OrderID(orderID)}
	fos, err := r.stage.store.FulfillmentOrdersOf(ctx, orderID)
	if err != nil {
		return err
	}
	for _, fo := range fos {
		ids = append(ids, temporalio.FulfillmentOrderID(fo.ID))
		if err := r.keepStates(ctx, fo); err != nil {
			return err
		}
	}
	for _, id := range ids {
		runs, err := r.stage.straight.ListWorkflow(
			ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: fmt.Sprintf("WorkflowId = '%s'", id)},
		)
		if err != nil {
			return fmt.Errorf("list the runs of %s: %w", id, err)
		}
		for _, e := range runs.Executions {
			if err := r.keepHistory(ctx, id, e.Execution.RunId); err != nil {
				return fmt.Errorf("keep the history of %s: %w", id, err)
			}
		}
	}
	return nil
}

// keepStates writes a fulfillment order as the store has it and as its workflow does, to be compared.
func (r *run) keepStates(ctx context.Context, stored *fulfillment.FulfillmentOrder) error {
	states := map[string]*fulfillment.FulfillmentOrder{"store": stored}
	answer, err := r.stage.straight.QueryWorkflow(
		ctx, temporalio.FulfillmentOrderID(stored.ID), "", temporalio.StateQuery,
	)
	if err == nil {
		var state *fulfillment.FulfillmentOrder
		err = answer.Get(&state)
		states["workflow"] = state
	}
	if err != nil {
		r.tell("fulfillment order %d doesn't tell its state: %v", stored.ID, err)
	}
	for who, state := range states {
		text, err := json.MarshalIndent(state, "", "  ")
		if err != nil {
			return fmt.Errorf("keep the state of fulfillment order %d: %w", stored.ID, err)
		}
		if err := os.WriteFile(
			filepath.Join(r.logs, fmt.Sprintf("fulfillment-order-%d-in-%s.json", stored.ID, who)), text, 0o644,
		); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) keepHistory(ctx context.Context, id, runID string) error {
	var whole history.History
	events := r.stage.straight.GetWorkflowHistory(ctx, id, runID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return err
		}
		whole.Events = append(whole.Events, event)
	}
	text, err := protojson.MarshalOptions{Multiline: true}.Marshal(&whole)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.logs, strings.ReplaceAll(id, "/", "-")+"-"+runID+".json"), text, 0o644)
}

// keepProvider writes what the simulated services were still going to do, and why they could not, to the logs.
func (r *run) keepProvider(ctx context.Context) error {
	rows, err := r.stage.provider.Query(ctx, `
SELECT format('fulfillment order %s: %s of %s, due %s, attempt %s: %s', fulfillment_order_id, action->>'name', key,
	due_at, attempts, problem)
FROM simulated_provider.schedule WHERE done_at IS NULL ORDER BY due_at`)
	if err != nil {
		return fmt.Errorf("read the provider's books: %w", err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("read the provider's books: %w", err)
	}
	return os.WriteFile(filepath.Join(r.logs, "provider.log"), []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}
