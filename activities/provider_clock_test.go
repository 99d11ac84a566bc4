package activities

import (
	"testing"
	"time"
)

// TestServerTime: what attempts of several workers compare is the time of the Temporal service, whatever the clock of
// one of them says.
func TestServerTime(t *testing.T) {
	t.Parallel()
	started := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) // when the server gave the attempt out
	for _, off := range []time.Duration{24 * time.Hour, -24 * time.Hour} {
		wrong := started.Add(off)
		p := &Providers{Clock: func() time.Time { return wrong }}
		now := p.serverTime(started)
		wrong = wrong.Add(3 * time.Second)
		if got, want := now(), started.Add(3*time.Second); !got.Equal(want) {
			t.Errorf("with a clock that is off by %v, it is %v, want %v", off, got, want)
		}
	}
}
