package rehearsal

import "time"

// Clock maps recorded time to the time at which the rehearsal plays it.
type Clock struct {
	Start time.Time     // when the rehearsal starts
	From  time.Time     // the recorded time that is played at Start
	Day   time.Duration // how long a recorded day lasts
}

// Real is when the recorded time is played. It may be before Start.
func (c Clock) Real(recorded time.Time) time.Time { return c.Start.Add(c.Lasts(recorded.Sub(c.From))) }

// Lasts is how long a recorded duration lasts in the rehearsal.
func (c Clock) Lasts(recorded time.Duration) time.Duration {
	days, rest := recorded/(24*time.Hour), recorded%(24*time.Hour)
	return days*c.Day + time.Duration(float64(rest)/float64(24*time.Hour)*float64(c.Day))
}
