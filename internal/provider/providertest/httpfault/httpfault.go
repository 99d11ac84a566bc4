// Package httpfault lets the HTTP side of a service's system fail, for tests of providers that talk to it.
package httpfault

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// Fault is a way in which a request fails.
type Fault string

// The faults. Before the effect nothing happens at the system; after it, it has happened, and only its answer is lost.
const (
	ResetBefore  Fault = "reset_before_the_effect" // the connection breaks
	ResetAfter   Fault = "reset_after_the_effect"
	SilentBefore Fault = "no_answer_before_the_effect" // none comes until the caller goes
	SilentAfter  Fault = "no_answer_after_the_effect"
	ErrorBefore  Fault = "503_before_the_effect"
	ErrorAfter   Fault = "502_after_the_effect"
	TooMany      Fault = "429_with_retry_after" // nothing happens; see RetryAfter
	CutAfter     Fault = "cut_answer_after_the_effect"
)

// All are all faults.
var All = []Fault{ResetBefore, ResetAfter, SilentBefore, SilentAfter, ErrorBefore, ErrorAfter, TooMany, CutAfter}

// RetryAfter is what a TooMany asks for.
const RetryAfter = 7 * time.Second

// Faults says which request fails, and how. The zero value lets all succeed.
type Faults struct {
	mu    sync.Mutex
	fault Fault
	skip  int
	hit   bool

	// Header is what TooMany names the time to wait in, in seconds; default Retry-After.
	Header string
}

// Next has one request that writes (any method but GET and HEAD) fail, after so many that succeed. It takes the place
// of what was asked for before.
func (f *Faults) Next(fault Fault, after int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.skip, f.hit = fault, after, false
}

// Hit tells whether the request that was to fail has come.
func (f *Faults) Hit() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hit
}

func (f *Faults) take(r *http.Request) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Method == http.MethodGet || r.Method == http.MethodHead || f.fault == "" || f.hit {
		return ""
	}
	if f.skip > 0 {
		f.skip--
		return ""
	}
	f.hit = true
	return f.fault
}

// Wrap is the system with its faults.
func (f *Faults) Wrap(system http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch f.take(r) {
		case "":
			system.ServeHTTP(w, r)
		case ResetBefore:
			panic(http.ErrAbortHandler)
		case ResetAfter:
			system.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case SilentBefore:
			untilGone(r)
		case SilentAfter:
			system.ServeHTTP(httptest.NewRecorder(), r)
			untilGone(r)
		case ErrorBefore:
			http.Error(w, "unavailable", http.StatusServiceUnavailable)
		case ErrorAfter:
			system.ServeHTTP(httptest.NewRecorder(), r)
			http.Error(w, "bad gateway", http.StatusBadGateway)
		case TooMany:
			header := f.Header
			if header == "" {
				header = "Retry-After"
			}
			w.Header().Set(header, strconv.Itoa(int(RetryAfter.Seconds())))
			http.Error(w, "too many requests", http.StatusTooManyRequests)
		case CutAfter:
			answer := httptest.NewRecorder()
			system.ServeHTTP(answer, r)
			for name, values := range answer.Header() {
				w.Header()[name] = values
			}
			body := answer.Body.Bytes()
			w.Header().Set("Content-Length", strconv.Itoa(len(body)+1)) // So that what is cut is seen to be cut.
			w.WriteHeader(answer.Code)
			_, _ = w.Write(body[:len(body)/2])
			panic(http.ErrAbortHandler)
		}
	})
}

// untilGone waits until the caller has gone, which is seen only when all that it sent has been read.
func untilGone(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}
