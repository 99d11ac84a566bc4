// Package shipbobtest is a stand-in for ShipBob: its API over real HTTP, with a memory, for tests. It does what is
// known of the real one, and is no kinder: it takes a reference once, answers 200 to a cancellation that it does not
// carry out, takes any shipping method, and refuses more than 150 calls a minute.
package shipbobtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Token is the personal access token that the server takes.
const Token = "shipbob-test-token"

// Channel is the ID of the channel in which orders can be written.
const Channel = 128944

// Server is a ShipBob of its own. Its methods are safe for concurrent use.
type Server struct {
	URL string // of the API with its version

	// Set them before the first call.
	Lag        time.Duration // how long an order or return is missing in lists after it was made
	PerMinute  int           // calls in a sliding minute; 0: any number
	MostOnPage int           // orders of a page, whatever is asked for; 0: as many as are asked for
	// Check is given every call that was answered, to hold it to the schema.
	Check func(operation string, status int, request, response []byte)

	http *httptest.Server
	mux  *http.ServeMux

	mu       sync.Mutex
	now      func() time.Time
	calls    []time.Time
	asked    map[string]int
	faults   []*Fault
	lastID   int64
	orders   []*Order
	returns  []*Return
	bundles  map[string][]int // pieces of each inventory item in a bundle, by SKU
	products map[string]int64
	methods  []string
}

// New starts a server whose clock is now; nil: the real one. It ends with Close.
func New(now func() time.Time) *Server {
	if now == nil {
		now = time.Now
	}
	s := &Server{
		now: now, asked: make(map[string]int), lastID: 100_000_000, bundles: make(map[string][]int),
		products: make(map[string]int64), methods: []string{"Standard", "Express"},
	}
	s.mux = http.NewServeMux()
	for pattern, handle := range map[string]handler{
		"GET /channel":            s.listChannels,
		"GET /shipping-method":    s.listMethods,
		"GET /location":           s.listLocations,
		"POST /order":             s.createOrder,
		"GET /order":              s.listOrders,
		"GET /order/{id}":         s.getOrder,
		"POST /order/{id}":        s.cancelOrder, // {id}:cancel
		"POST /order:estimate":    s.estimate,
		"GET /shipments-tracking": s.trackShipments,
		"POST /return":            s.createReturn,
		"GET /return":             s.listReturns,
	} {
		s.mux.HandleFunc(strings.Replace(pattern, " /", " /2026-01/", 1), s.serve(pattern, handle))
	}
	s.http = httptest.NewServer(s.mux)
	s.URL = s.http.URL + "/2026-01"
	return s
}

// Handler is the server without its address, for what stands before it. Its paths begin with /2026-01.
func (s *Server) Handler() http.Handler { return s.mux }

// Close ends the server.
func (s *Server) Close() { s.http.Close() }

// handler carries a call out, with the server locked, and returns the status and what the body is made of.
type handler func(r *http.Request, body []byte) (status int, answer any)

// Fault is what goes wrong with the next call that it fits, once.
type Fault struct {
	Operation string // such as "POST /order"; "": any
	Do        string // see the constants
	After     bool   // after the effect
	Status    int    // of FaultAnswer
	Body      string // likewise
}

// The faults.
const (
	FaultReset  = "reset"  // the connection breaks
	FaultHang   = "hang"   // no answer until the caller has gone
	FaultAnswer = "answer" // Status and Body instead of the answer
	FaultCut    = "cut"    // half of the answer
)

// Fail has the next fitting call fail.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Asked is how many calls of an operation there were, such as "POST /order", whatever became of them.
func (s *Server) Asked(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[operation]
}

func (s *Server) fault(operation string) *Fault {
	i := slices.IndexFunc(s.faults, func(f *Fault) bool { return f.Operation == "" || f.Operation == operation })
	if i < 0 {
		return nil
	}
	f := s.faults[i]
	s.faults = slices.Delete(s.faults, i, i+1)
	return f
}

func (s *Server) serve(operation string, handle handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		operation := operation
		if strings.HasSuffix(r.URL.Path, ":cancel") {
			operation = "POST /order/{id}:cancel"
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.asked[operation]++
		fault := s.fault(operation)
		if fault != nil && !fault.After {
			s.mu.Unlock()
			fault.happen(w, r, nil)
			return
		}
		status, answer := s.allowed(w, r)
		if status == 0 {
			status, answer = handle(r, body)
		}
		encoded, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		if answer == nil {
			encoded = nil
		}
		check := s.Check
		s.mu.Unlock()
		if check != nil {
			check(operation, status, body, encoded)
		}
		if fault != nil {
			fault.happen(w, r, encoded)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(encoded)
	}
}

// allowed refuses strangers and those who ask too often.
func (s *Server) allowed(w http.ResponseWriter, r *http.Request) (int, any) {
	if r.Header.Get("Authorization") != "Bearer "+Token {
		return http.StatusUnauthorized, nil
	}
	if s.PerMinute == 0 {
		return 0, nil
	}
	now := s.now()
	s.calls = slices.DeleteFunc(s.calls, func(at time.Time) bool { return !at.After(now.Add(-time.Minute)) })
	if len(s.calls) >= s.PerMinute {
		wait := strconv.Itoa(int(s.calls[0].Add(time.Minute).Sub(now).Seconds()) + 1)
		w.Header().Set("x-retry-after", wait)
		w.Header().Set("x-remaining-calls", "0")
		return http.StatusTooManyRequests, map[string]any{
			"statusCode": 429, "message": "Rate limit is exceeded. Try again in " + wait + " seconds.",
		}
	}
	s.calls = append(s.calls, now)
	w.Header().Set("x-remaining-calls", strconv.Itoa(s.PerMinute-len(s.calls)))
	return 0, nil
}

func (f *Fault) happen(w http.ResponseWriter, r *http.Request, answer []byte) {
	switch f.Do {
	case FaultAnswer:
		if f.Status == http.StatusTooManyRequests {
			w.Header().Set("x-retry-after", "7")
		}
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, f.Body)
		return
	case FaultHang:
		<-r.Context().Done()
	case FaultCut:
		w.Header().Set("Content-Length", strconv.Itoa(max(len(answer), 2)))
		w.WriteHeader(http.StatusOK)
		_, _ = io.Copy(w, bytes.NewReader(answer[:len(answer)/2]))
		_ = http.NewResponseController(w).Flush()
	}
	panic(http.ErrAbortHandler) // The connection is closed.
}

// channelOf is the channel that a call names; the header has underscores. false: it names none that may be written.
func channelOf(r *http.Request) bool {
	for name, values := range r.Header {
		if strings.EqualFold(name, "shipbob_channel_id") {
			return len(values) == 1 && values[0] == strconv.Itoa(Channel)
		}
	}
	return false
}

func (s *Server) nextID() int64 {
	s.lastID++
	return s.lastID
}
