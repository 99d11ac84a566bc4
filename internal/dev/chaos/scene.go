package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"packhorse/internal/temporalio"
)

// sceneFile has what those were at who did not come to rest.
const sceneFile = "scene.txt"

// dumpTime is how long workers may take to write down what they are at.
const dumpTime = 5 * time.Second

// sketch writes down what those are at who bring the webhooks and call services: their workflows, and the sessions of
// the database. It is for people, and so no reason to end a run if it can't be done.
func (p *post) sketch(ctx context.Context, logs string) {
	var b strings.Builder
	ids := []string{temporalio.ServiceCallbacksID(p.desk.of.ID)}
	for _, s := range p.list {
		ids = append(ids, temporalio.WebhookSubscriptionID(s.id))
	}
	for _, id := range ids {
		described, err := p.straight.DescribeWorkflowExecution(ctx, id, "")
		fmt.Fprintf(&b, "%s %v\n%s\n\n", id, err, protojson.MarshalOptions{Multiline: true}.Format(described))
		history, err := p.straight.WorkflowService().GetWorkflowExecutionHistoryReverse(
			ctx, &workflowservice.GetWorkflowExecutionHistoryReverseRequest{
				Namespace: p.sources.Namespace, Execution: described.GetWorkflowExecutionInfo().GetExecution(),
				MaximumPageSize: 20,
			},
		)
		fmt.Fprintf(&b, "its last events %v\n", err)
		for _, e := range slices.Backward(history.GetHistory().GetEvents()) {
			fmt.Fprintf(&b, "%s\n", protojson.MarshalOptions{}.Format(e))
		}
	}
	rows, err := p.sources.Database.Query(ctx, `
SELECT to_jsonb(a) FROM pg_stat_activity a WHERE datname = current_database() ORDER BY state_change`)
	var sessions []json.RawMessage
	if err == nil {
		sessions, err = pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
	}
	fmt.Fprintf(&b, "\nsessions %v\n", err)
	for _, s := range sessions {
		fmt.Fprintf(&b, "%s\n", s)
	}
	if err := os.WriteFile(filepath.Join(logs, sceneFile), []byte(b.String()), 0o600); err != nil {
		p.tell("%v", err)
	}
}

// dump has the workers write into their logs what all of their goroutines are at, which ends them.
func (c *crew) dump(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, dumpTime)
	defer cancel()
	for _, m := range c.workers {
		process := m.leave()
		if err := process.Signal(syscall.SIGQUIT); err != nil {
			c.tell("%v", err)
		}
		select {
		case <-process.Done():
		case <-ctx.Done():
		}
	}
}
