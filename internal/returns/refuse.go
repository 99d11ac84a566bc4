package returns

import (
	"fmt"

	"packhorse/internal/fulfillment"
)

// Refuse notes on the return that a command which nobody waits for, such as a signal, was refused. The transition names
// the command, but is no answer to it: the same command may come again and succeed. It is for the first
// [fulfillment.MaxRefusals] only, see [Return.HasRefusedMany].
func (r *Return) Refuse(cmd Command, refused *fulfillment.Error, env Env) *Decision {
	if r == nil || isNil(cmd) || refused == nil {
		return &Decision{State: r}
	}
	c := newChange(r, cmd, env)
	c.r.Refusals.Total++
	d := c.refuse(cmd, refused, "", Details{})
	if id := cmd.Envelope().CommandID; id != "" {
		last := &d.Transitions[len(d.Transitions)-1]
		last.CommandID, last.Fingerprint = id, Fingerprint(cmd)
	}
	return d
}

// HasRefusedMany tells that further refusals are counted, see [Return.RefuseMore].
func (r *Return) HasRefusedMany() bool { return r.Refusals.Total >= fulfillment.MaxRefusals }

// RefuseMore notes how many more signalled commands were refused, of which a workflow run has counted so many by now;
// the command and its refusal are the last of them. A run that lost what it knew counts again, and notes none twice.
func (r *Return) RefuseMore(cmd Command, refused *fulfillment.Error, run string, counted int, env Env) *Decision {
	if r == nil || isNil(cmd) || refused == nil {
		return &Decision{State: r}
	}
	more := counted
	if r.Refusals.Run == run {
		more -= r.Refusals.Counted
	}
	if more <= 0 {
		return &Decision{State: r}
	}
	c := newChange(r, cmd, env)
	c.r.Refusals = fulfillment.RefusalCount{Total: r.Refusals.Total + more, Run: run, Counted: counted}
	words := fmt.Sprintf("%d more signals were refused, %d in all. The last one: ", more, c.r.Refusals.Total)
	return c.refuse(cmd, refused, words, Details{RefusedSignals: more})
}

// refuse notes a refusal, with a reason that begins with these words.
func (c *change) refuse(cmd Command, refused *fulfillment.Error, words string, details Details) *Decision {
	noted := *refused.Short()
	noted.Problems = nil // The message has them all.
	details.Refused = &noted
	c.r.LastRefusal = &fulfillment.Refusal{
		Verb: cmd.Verb(), Message: noted.Told(), Actor: c.actor.String(), At: c.now,
	}
	c.transition(KindRefused, words+noted.Told(), &details)
	c.r.UpdatedAt = c.now
	return &Decision{State: c.r, Transitions: c.transitions, Result: c.answer()}
}

// SignalRefusal is why a command that nobody waits for was refused, and how many such refusals the workflow run has
// counted by now, beside those that were noted one by one.
type SignalRefusal struct {
	Refused *fulfillment.Error `json:"refused"`
	Run     string             `json:"run"`
	Counted int                `json:"counted,omitempty"`
}

// NoteRefusal is [Return.RefuseMore] when the run has counted some, else [Return.Refuse].
func (r *Return) NoteRefusal(cmd Command, refused SignalRefusal, env Env) *Decision {
	if refused.Counted > 0 {
		return r.RefuseMore(cmd, refused.Refused, refused.Run, refused.Counted, env)
	}
	return r.Refuse(cmd, refused.Refused, env)
}
