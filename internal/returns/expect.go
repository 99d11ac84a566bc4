package returns

import (
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// Expected is until when all of a return should be back, and what happens when it is not.
type Expected struct {
	By      *time.Time           `json:"expectedBy,omitempty"`   // default: nobody waits for it
	Overdue OverdueAction        `json:"whenOverdue,omitempty"`  // default WAIT
	Remind  fulfillment.Duration `json:"remindBefore,omitempty"` // default: no reminder
}

// Expect sets until when all of an open return should be back. Without a time it takes that away.
type Expect struct {
	fulfillment.Meta
	Expected
}

// Tick does what is due at Env.Now: reminds of a return that should be back soon, and notes that one is overdue.
type Tick struct{ fulfillment.Meta }

// Verb is Expect.
func (*Expect) Verb() Verb { return VerbExpect }

// Verb is Tick.
func (*Tick) Verb() Verb { return VerbTick }

func (*Expect) target() []string { return []string{"returnId"} }
func (*Tick) target() []string   { return []string{"returnId"} }

func (cmd *Expect) may(r *Return) *fulfillment.Error { return r.in(cmd.target(), StatusOpen) }
func (*Tick) may(*Return) *fulfillment.Error         { return nil }

// maxWait is how far ahead a return can be expected.
const maxWait = 5 * 365 * 24 * time.Hour

// expect notes a time by which the return should be back. Root is the argument of the Admin API that has it.
func (c *change) expect(in Expected, root ...string) *fulfillment.Error {
	var before []any
	for _, step := range root {
		before = append(before, step)
	}
	field := func(name string) []string { return at(append(before, name)...) }
	if in.Overdue == "" {
		in.Overdue = OverdueWait
	}
	if !slices.Contains(OverdueActions, in.Overdue) {
		return unknownWord(field("whenOverdue"), "an action", in.Overdue, OverdueActions)
	}
	if in.Remind < 0 || time.Duration(in.Remind) > maxWait {
		return refusal(CodeInvalid, field("remindBefore"), "Remind before must be from 0 to 5 years.")
	}
	if in.By == nil {
		c.r.ExpectedBy, c.r.Overdue, c.r.Remind, c.r.RemindedAt, c.r.OverdueAt = nil, "", 0, nil, nil
		return nil
	}
	if !in.By.After(c.now) || in.By.Sub(c.now) > maxWait {
		return refusal(CodeInvalid, field("expectedBy"), "Expected by must be in the future, and within 5 years.")
	}
	c.r.ExpectedBy, c.r.Overdue, c.r.Remind = new(in.By.UTC()), in.Overdue, in.Remind
	c.r.RemindedAt, c.r.OverdueAt = nil, nil
	return nil
}

func (cmd *Expect) apply(c *change) *fulfillment.Error {
	if refused := cmd.may(c.r); refused != nil {
		return refused
	}
	before := c.r.ExpectedBy
	if refused := c.expect(cmd.Expected); refused != nil {
		return refused
	}
	if before == nil && c.r.ExpectedBy == nil {
		c.unchanged = "Nobody waited for it."
		return nil
	}
	reason := "Nobody waits for it any more."
	if by := c.r.ExpectedBy; by != nil {
		reason = "It is expected by " + by.Format(time.RFC3339) + "."
	}
	c.transition(KindExpected, reason, &Details{ExpectedBy: c.r.ExpectedBy, Overdue: c.r.Overdue})
	return nil
}

// Outstanding is how many units of an open return are neither received nor processed.
func (r *Return) Outstanding() int {
	if r.Status != StatusOpen {
		return 0
	}
	return r.sum(func(l *Line) int { return l.Quantity - max(l.Received, l.Processed) })
}

// Uninspected is how many units were received and not processed yet.
func (r *Return) Uninspected() int {
	return r.sum(func(l *Line) int { return max(0, l.Received-l.Processed) })
}

// The timers' names, as people see them.
const (
	timerReminder = "reminder"
	timerOverdue  = "expected back"
)

// NextDeadline is the earliest time at which [Tick] has something to do, and what; ok is false if nothing is waited
// for.
func (r *Return) NextDeadline() (when time.Time, what string, ok bool) {
	if r.ExpectedBy == nil || r.OverdueAt != nil || r.Outstanding() == 0 {
		return time.Time{}, "", false
	}
	if r.Remind > 0 && r.RemindedAt == nil {
		return r.ExpectedBy.Add(-time.Duration(r.Remind)), timerReminder, true
	}
	return *r.ExpectedBy, timerOverdue, true
}

func (*Tick) apply(c *change) *fulfillment.Error {
	if c.actor == (fulfillment.Actor{}) {
		c.actor = fulfillment.System
	}
	for {
		when, what, ok := c.r.NextDeadline()
		if !ok || when.After(c.now) {
			return nil
		}
		details := &Details{ExpectedBy: c.r.ExpectedBy, Lines: c.r.outstanding()}
		if what == timerReminder {
			c.r.RemindedAt = new(c.now)
			if c.r.ExpectedBy.After(c.now) { // Else it is overdue at once.
				c.transition(
					KindReminded, units(c.r.Outstanding())+" should be back soon.", details, TopicReminder,
				)
			}
			continue
		}
		c.r.OverdueAt = new(c.now)
		c.transition(KindOverdue, units(c.r.Outstanding())+" should be back by now.", details, TopicOverdue)
		if c.r.Overdue == OverdueClose && c.r.Uninspected() == 0 {
			c.close("It did not come back in time.")
		}
	}
}

// outstanding is the units that are still to come, by return line ID.
func (r *Return) outstanding() []Quantity {
	var list []Quantity
	for _, l := range r.Lines {
		if n := l.Quantity - max(l.Received, l.Processed); n > 0 {
			list = append(list, Quantity{ID: l.ID, Quantity: n})
		}
	}
	return list
}

// Finished tells whether the life is over, as far as it is known: it can be opened again while it is closed.
func (r *Return) Finished() bool {
	return r.Status == StatusClosed || r.Status == StatusDeclined || r.Status == StatusCanceled
}
