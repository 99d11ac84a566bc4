package delivery

import "time"

// Result is what became of one request.
type Result struct {
	Status     int // 0: there was no answer
	Took       time.Duration
	Answer     []byte // its first 4 KiB
	RetryAfter time.Duration
	Err        error
}

// OK tells whether it was delivered.
func (r Result) OK() bool { return r.Err == nil && r.Status >= 200 && r.Status < 300 }
