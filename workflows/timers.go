package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"packhorse/internal/fulfillment"
)

// alarm is the timer for the next deadline in the state. It is cancelled and set anew when the deadline changes: one
// that stays behind would wake the workflow for nothing.
type alarm struct {
	at     time.Time
	timer  workflow.Future
	cancel workflow.CancelFunc
}

func (a alarm) rings() bool { return a.timer != nil && a.timer.IsReady() }

// setAlarm makes the timer agree with the state.
func (l *life) setAlarm(ctx workflow.Context) {
	at, what, ok := l.fo.NextDeadline()
	l.alarm.set(ctx, at, what, ok)
}

// set makes it ring at a time, or not at all.
func (a *alarm) set(ctx workflow.Context, at time.Time, what string, ok bool) {
	if ok && a.timer != nil && at.Equal(a.at) {
		return
	}
	if a.timer != nil {
		a.cancel()
		*a = alarm{}
	}
	if !ok {
		return
	}
	ctx, cancel := workflow.WithCancel(ctx)
	timer := workflow.NewTimerWithOptions(ctx, at.Sub(workflow.Now(ctx)), workflow.TimerOptions{Summary: what})
	*a = alarm{at, timer, cancel}
}

// letTimePass does what is due. The timer may fire a little before the clock of the workflow shows its time.
func (l *life) letTimePass(ctx workflow.Context) {
	if l.fo == nil || l.missing {
		return
	}
	now := workflow.Now(ctx).UTC()
	if l.alarm.rings() {
		if l.alarm.at.After(now) {
			now = l.alarm.at
		}
		l.alarm.cancel()
		l.alarm = alarm{}
	}
	at, _, ok := l.fo.NextDeadline()
	if !ok || at.After(now) {
		return
	}
	tick := &fulfillment.Tick{Meta: fulfillment.Meta{Actor: fulfillment.System, FirstID: 1}}
	if l.fo.AcceptBy != nil { // The accept policy may place a hold, which needs an ID.
		id, err := mint(ctx)
		if err != nil {
			l.logger.Warn("Can't mint IDs for a deadline.", "error", err)
			return
		}
		tick.FirstID = id
	}
	decision, err := l.fo.Decide(tick, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(tick.FirstID)})
	if err != nil {
		l.logger.Warn("A deadline was refused.", "error", err)
		return
	}
	l.keep(tick, decision, false)
}
