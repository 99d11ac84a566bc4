package workflows

import (
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"packhorse/internal/temporalio"
)

// tell adds a line on a command to what people read of the run, which keeps the latest ones.
func (d *orderDesk) tell(line string) {
	d.told = append(d.told, line)
	if over := len(d.told) - maxListed; over > 0 {
		d.told = slices.Delete(d.told, 0, over)
	}
}

// show sets what people read of the order, above its latest commands.
func (d *orderDesk) show(ctx workflow.Context, page string) {
	d.page = page
	workflow.SetCurrentDetails(ctx, d.details())
}

// details is what people read of the run. What became of a large order is cut before its latest commands are.
func (d *orderDesk) details() string {
	latest := ""
	if len(d.told) > 0 {
		latest = "\n\n" + strings.Join(d.told, "\n")
	}
	if d.cancelRequested() {
		latest += insteadForOrder
	}
	return temporalio.Clip(d.page, maxDetails-len(latest)) + latest
}
