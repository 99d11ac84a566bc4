package chaos

import (
	"context"
	"errors"
	"time"
)

// Failover is how the database is failed over to a standby now and then.
type Failover string

// The ways to fail over.
const (
	FailoverInStep Failover = "in-step" // each commit waited for the standby: nothing may be lost
	FailoverBehind Failover = "behind"  // the standby was cut off for a while before
)

// behind is for how long a standby is cut off before it takes the server's place.
const behind = 5 * time.Second

// failOver starts a standby, and lets it take the server's place at the end of the fault's time. When the context ends
// before, it does not.
func (m *monkey) failOver(ctx context.Context, f Fault) error {
	always := context.WithoutCancel(ctx) // What is begun is not left half done: the server would stay away.
	standby, err := m.stage.lab.Postgres.Follow(always, m.setBacks == nil)
	if err != nil {
		return err
	}
	if !sleep(ctx, f.For-behind) {
		return standby.Stop(always)
	}
	since := time.Now()
	if m.setBacks == nil {
		m.count(f.Kind)
		return standby.FailOver(always)
	}
	if err := standby.FallBehind(always); err != nil {
		return errors.Join(err, standby.Stop(always))
	}
	if !sleep(ctx, behind) {
		return standby.Stop(always)
	}
	return m.lose(f, since, func() error { return standby.FailOver(always) })
}
