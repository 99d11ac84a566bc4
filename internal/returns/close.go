package returns

import (
	"packhorse/internal/fulfillment"
)

// Cancel calls an open return off before anything was done about it (returnCancel). Its units can be returned anew.
// Doing it twice is no error.
type Cancel struct {
	fulfillment.Meta
	Notify bool `json:"notifyCustomer,omitempty"`
	// WithExchange says that the order lines of its exchange are taken back with it.
	WithExchange bool `json:"withExchange,omitempty"`
}

// Close says that nothing is left to be done (returnClose); it processes nothing. Doing it twice is no error.
type Close struct{ fulfillment.Meta }

// Reopen takes up a closed return again (returnReopen). Doing it twice is no error.
type Reopen struct{ fulfillment.Meta }

// Verb is Cancel.
func (*Cancel) Verb() Verb { return VerbCancel }

// Verb is Close.
func (*Close) Verb() Verb { return VerbClose }

// Verb is Reopen.
func (*Reopen) Verb() Verb { return VerbReopen }

func (*Cancel) target() []string { return []string{"id"} }
func (*Close) target() []string  { return []string{"id"} }
func (*Reopen) target() []string { return []string{"id"} }

func (cmd *Cancel) may(r *Return) *fulfillment.Error {
	if r.Status == StatusCanceled || r.Status == StatusOpen && !r.begun() && (cmd.WithExchange || !r.exchanged()) {
		return nil
	}
	return refusal(CodeInvalidState, cmd.target(), "Return is not cancelable.")
}

// begun tells whether something was done about what comes back: it was scanned, processed or disposed of.
func (r *Return) begun() bool {
	if r.ProcessedUnits() > 0 || r.ReceivedUnits() > 0 {
		return true
	}
	if find(r.Lines, func(l *Line) bool { return len(l.Differences) > 0 }) != nil {
		return true
	}
	return find(r.Work, func(w *Work) bool {
		return find(w.Lines, func(l *WorkLine) bool { return len(l.Dispositions) > 0 }) != nil
	}) != nil
}

// exchanged tells whether something goes out for what comes back.
func (r *Return) exchanged() bool {
	return find(r.ExchangeLines, func(l *ExchangeLine) bool { return l.Processed > 0 }) != nil
}

func (cmd *Close) may(r *Return) *fulfillment.Error {
	return r.in(cmd.target(), StatusOpen, StatusClosed)
}

func (cmd *Reopen) may(r *Return) *fulfillment.Error {
	return r.in(cmd.target(), StatusClosed, StatusOpen)
}

// in refuses a command on a return with another status than these.
func (r *Return) in(field []string, allowed ...Status) *fulfillment.Error {
	for _, s := range allowed {
		if r.Status == s {
			return nil
		}
	}
	return refusal(CodeInvalidState, field, invalidStatus)
}

// already says that what is asked for is so; empty: it is not.
func (*Cancel) already(r *Return) string {
	if r.Status == StatusCanceled {
		return "Return " + r.Name + " was cancelled already."
	}
	return ""
}

func (*Close) already(r *Return) string {
	if r.Status == StatusClosed {
		return "Return " + r.Name + " was closed already."
	}
	return ""
}

func (*Reopen) already(r *Return) string {
	if r.Status == StatusOpen {
		return "Return " + r.Name + " is open."
	}
	return ""
}

func (cmd *Cancel) apply(c *change) *fulfillment.Error {
	if refused := cmd.may(c.r); refused != nil {
		return refused
	}
	if c.unchanged = cmd.already(c.r); c.unchanged != "" {
		return nil
	}
	c.r.set(StatusCanceled, WorkCanceled)
	c.transition(
		KindCanceled, "The return was cancelled.", &Details{Lines: c.r.quantities(), Notify: cmd.Notify}, TopicCancel,
	)
	return nil
}

func (cmd *Close) apply(c *change) *fulfillment.Error {
	if refused := cmd.may(c.r); refused != nil {
		return refused
	}
	if c.unchanged = cmd.already(c.r); c.unchanged == "" {
		c.close("The return was closed.")
	}
	return nil
}

func (cmd *Reopen) apply(c *change) *fulfillment.Error {
	if refused := cmd.may(c.r); refused != nil {
		return refused
	}
	if c.unchanged = cmd.already(c.r); c.unchanged == "" {
		c.reopen("The return was opened again.")
	}
	return nil
}

func (c *change) close(reason string) {
	c.r.set(StatusClosed, WorkClosed)
	c.r.ClosedAt = new(c.now)
	c.transition(KindClosed, reason, nil, TopicClose)
}

// reopen waits for nothing by a time that has passed: whoever opens it again may say a new one.
func (c *change) reopen(reason string) {
	c.r.set(StatusOpen, WorkOpen)
	c.r.ClosedAt = nil
	if c.r.ExpectedBy != nil && !c.r.ExpectedBy.After(c.now) && c.r.OverdueAt == nil {
		c.r.OverdueAt = new(c.now)
	}
	c.transition(KindReopened, reason, nil, TopicReopen)
}

// set moves the return and its work.
func (r *Return) set(s Status, w WorkStatus) {
	r.Status = s
	for i := range r.Work {
		r.Work[i].Status = w
	}
}
