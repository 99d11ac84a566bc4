package connect

import (
	"context"
	"fmt"

	"go.temporal.io/api/workflowservice/v1"

	"packhorse/internal/fulfillment"
)

// CheckRetention says why the namespace should keep what has ended for longer, and how; nil: it keeps it as long as
// commands may be repeated, or nobody can tell, which [Connection.Ready] says.
func (c *Connection) CheckRetention(ctx context.Context) error {
	described, err := c.WorkflowService().DescribeNamespace(
		ctx, &workflowservice.DescribeNamespaceRequest{Namespace: c.settings.Namespace},
	)
	if err != nil {
		return nil
	}
	retention := described.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration()
	if retention <= 0 || retention >= fulfillment.RepeatableFor {
		return nil
	}
	least := fmt.Sprintf("%dh", int(fulfillment.RepeatableFor.Hours()))
	return fmt.Errorf("the namespace %q keeps what has ended for %v only, and what was sent may be sent again for %s: "+
		"a run that has ended meanwhile can't tell any more what came of it; run "+
		"`temporal operator namespace update --namespace %s --retention %s`, or longer", c.settings.Namespace, retention,
		least, c.settings.Namespace, least)
}
