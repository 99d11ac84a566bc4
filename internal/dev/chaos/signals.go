package chaos

import (
	"context"
	"fmt"
)

// checkSignals looks up what became of the commands that were signalled: each left a transition, with its ID if it was
// done, by its sender's name if it was refused; or that may be lost.
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
		how, why, wrong := done, "", ""
		switch {
		case found == 0:
			how, why = unknown, "nothing came of it"
			// The server delivers it later than it takes it.
			if !r.journal.setBacks.mayHaveLost(s.from, s.until.Add(lastAnswers)) {
				wrong = why
			}
		case refusals == found:
			how = refused
		}
		r.journal.mu.Lock()
		r.journal.note(s, how, why)
		r.journal.judge(promiseSignal, s.sent, wrong)
		r.journal.mu.Unlock()
	}
	return nil
}
