package fulfillment

import "fmt"

// MaxRefusals is how many refused signals the history of a fulfillment order has one by one. Of those that follow it
// only has the number: whoever may signal could fill the store with them.
const MaxRefusals = 100

// RefusalCount is how many signalled commands were refused, as far as the history tells.
type RefusalCount struct {
	Total int `json:"total"` // one by one and counted
	// Run is the workflow run that counted last, and Counted how many of its refused signals are only counted. A run
	// that lost what it knew counts them again, and so knows which are in the total already.
	Run     string `json:"run,omitempty"`
	Counted int    `json:"counted,omitempty"`
}

// Refuse notes on the fulfillment order that a command which nobody waits for, such as a signal, was refused. The
// transition names the command, but is no answer to it: the same command may come again and succeed.
func (fo *FulfillmentOrder) Refuse(cmd Command, refused *Error, env Env) *Decision {
	if fo == nil || isNil(cmd) || refused == nil {
		return &Decision{State: fo}
	}
	d := newChange(fo, cmd, env).refuse(refused, "", Details{})
	if id := cmd.Envelope().CommandID; id != "" {
		last := &d.Transitions[len(d.Transitions)-1]
		last.CommandID, last.Fingerprint = id, Fingerprint(cmd)
	}
	return d
}

// refuse notes a refusal, with a reason that begins with these words.
func (c *change) refuse(refused *Error, words string, details Details) *Decision {
	noted := *refused.Short()
	noted.Problems = nil // The message has them all.
	details.Refused = &noted
	c.fo.LastRefusal = &Refusal{Verb: c.verb, Message: noted.Told(), Actor: c.actor.String(), At: c.now}
	c.transition(KindRefused, words+noted.Told(), &details)
	c.fo.UpdatedAt = c.now
	c.fo.Abridge()
	return &Decision{State: c.fo, Transitions: c.transitions, Result: c.answer()}
}

// RefuseOne is [FulfillmentOrder.Refuse] for the next of at most [MaxRefusals].
func (fo *FulfillmentOrder) RefuseOne(cmd Command, refused *Error, env Env) *Decision {
	d := fo.Refuse(cmd, refused, env)
	if len(d.Transitions) > 0 {
		d.State.Refusals.Total++
	}
	return d
}

// HasRefusedMany tells that further refusals are counted, see [FulfillmentOrder.RefuseMore].
func (fo *FulfillmentOrder) HasRefusedMany() bool { return fo.Refusals.Total >= MaxRefusals }

// Uncounted is how many of the refused signals that a workflow run has counted so far are not in the history yet.
func (fo *FulfillmentOrder) Uncounted(run string, counted int) int {
	if fo.Refusals.Run == run {
		counted -= fo.Refusals.Counted
	}
	return max(0, counted)
}

// RefuseMore notes how many more signalled commands were refused, of which a workflow run has counted so many by now;
// the command and its refusal are the last of them. The transition names no command ID: it is about all of them.
func (fo *FulfillmentOrder) RefuseMore(cmd Command, refused *Error, run string, counted int, env Env) *Decision {
	more := fo.Uncounted(run, counted)
	if more == 0 || isNil(cmd) || refused == nil {
		return &Decision{State: fo}
	}
	c := newChange(fo, cmd, env)
	c.fo.Refusals = RefusalCount{Total: fo.Refusals.Total + more, Run: run, Counted: counted}
	words := fmt.Sprintf("%d more signals were refused, %d in all. The last one: ", more, c.fo.Refusals.Total)
	return c.refuse(refused, words, Details{RefusedSignals: more})
}
