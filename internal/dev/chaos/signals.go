package chaos

import (
	"context"
	"fmt"
)

// checkSignals looks up what became of the commands that were signalled: each left a transition, with its ID if it was
// done, by its sender's name if it was refused.
func (r *run) checkSignals(ctx context.Context) error {
	for _, s := range r.journal.signals {
		var found, refusals int
		err := r.stage.sources.Database.QueryRow(ctx,
			"SELECT count(*), count(*) FILTER (WHERE kind = 'REFUSED') FROM transitions WHERE fulfillment_order_id "+
				"= $1 AND (command_id = $2 OR kind = 'REFUSED' AND actor->>'name' = $2)",
			int64(s.fulfillmentOrderID), s.id).Scan(&found, &refusals)
		if err != nil {
			return fmt.Errorf("look for a signalled command: %w", err)
		}
		switch {
		case found == 0:
			r.journal.ended(s, unknown, "nothing came of it")
			r.journal.kept(promiseSignal, s, "nothing came of it")
			continue
		case refusals == found:
			r.journal.ended(s, refused, "")
		default:
			r.journal.ended(s, done, "")
		}
		r.journal.kept(promiseSignal, s, "")
	}
	return nil
}
