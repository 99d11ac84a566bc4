package easyposttest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Fault is how a call fails. The same fault after the effect leaves the caller in doubt.
type Fault struct {
	After  bool // the effect has happened
	Reset  bool // the connection ends without an answer
	Hang   bool // there is no answer until the caller gives up
	Cut    bool // the answer ends in its middle; its effect has happened
	Status int  // this status, with Code
	Code   string
	Words  string
	Field  string // what the error is about

	RetryAfter time.Duration // as a header
}

// String names the fault in tests.
func (f Fault) String() string {
	when := "before"
	if f.After || f.Cut {
		when = "after"
	}
	switch {
	case f.Reset:
		return "reset_" + when
	case f.Hang:
		return "timeout_" + when
	case f.Cut:
		return "cut_after"
	}
	return fmt.Sprintf("%d_%s", f.Status, when)
}

type fault struct {
	Fault
	kind Call
	left int
}

// Fail has the next calls of a kind fail, so many.
func (s *Server) Fail(kind Call, f Fault, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault{Fault: f, kind: kind, left: times})
}

// take is the fault of the call that has come; nil: it has none.
func (s *Server) take(kind Call) *fault {
	for i, f := range s.faults {
		if f.kind == kind {
			if f.left--; f.left <= 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
			return f
		}
	}
	return nil
}

func (f *fault) before(w http.ResponseWriter, r *http.Request) bool {
	return f != nil && !f.After && !f.Cut && f.strike(w, r)
}

func (f *fault) after(w http.ResponseWriter, r *http.Request) bool {
	return f != nil && f.After && f.strike(w, r)
}

func (f *fault) strike(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case f.Reset:
		panic(http.ErrAbortHandler)
	case f.Hang:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter/time.Second)))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(f.Status)
	details := "[]"
	if f.Field != "" {
		details = fmt.Sprintf(`[{"field":%q,"message":%q}]`, f.Field, f.Words)
	}
	_, _ = fmt.Fprintf(w, `{"error":{"code":%q,"message":%q,"errors":%s}}`, f.Code, f.Words, details)
	return true
}

func (f *fault) cut(w http.ResponseWriter, status int, body []byte) bool {
	if f == nil || !f.Cut {
		return false
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body[:len(body)/2])
	panic(http.ErrAbortHandler)
}
