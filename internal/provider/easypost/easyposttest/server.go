// Package easyposttest pretends to be EasyPost's API, over real HTTP: what its real answers look like is taken from
// recordings of the real one. A shipment's label is sold once; asked again, it answers SHIPMENT.POSTAGE.EXISTS. It
// counts what it sold, fails as it is told to, and its time passes when a test moves it.
package easyposttest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Key is the API key that it takes.
const Key = "EZTK-fake"

// Server is EasyPost. Its zero value is not ready: see [New] and [NewHandler].
type Server struct {
	URL string // of the API, such as http://127.0.0.1:1234/v2

	mu        sync.Mutex
	now       time.Time
	last      int // the number of the last object
	shipments []*Shipment
	trackers  []*tracker
	faults    []*fault
	selling   map[string]bool // shipments whose label is being sold
	gate      chan struct{}   // sales wait for it
	arrived   chan struct{}
	refuse    bool // refunds
	noRates   string
	sold      int
	calls     map[Call]int
}

// Call is a kind of call.
type Call string

// The kinds of calls.
const (
	Create        Call = "create"
	Get           Call = "get"
	List          Call = "list"
	Buy           Call = "buy"
	Rerate        Call = "rerate"
	ConvertLabel  Call = "label"
	Refund        Call = "refund"
	CreateForm    Call = "form"
	CreateTracker Call = "tracker"
	Other         Call = "other"
)

// Began is the time at which the server's clock begins.
var Began = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	s := NewHandler()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL + "/v2"
	return s
}

// NewHandler is a server to be served somewhere, below /v2.
func NewHandler() *Server {
	return &Server{
		now: Began, selling: make(map[string]bool), calls: make(map[Call]int), arrived: make(chan struct{}, 100),
	}
}

// Now is the time by the server's clock.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Advance moves the server's clock.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// Labels is how many labels were sold.
func (s *Server) Labels() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sold
}

// Calls is how many calls of a kind came in.
func (s *Server) Calls(kind Call) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[kind]
}

// Shipments are copies of all shipments, in the order in which they were made.
func (s *Server) Shipments() []Shipment {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Shipment
	for _, sh := range s.shipments {
		list = append(list, *sh)
	}
	return list
}

// RefuseRefunds has carriers refuse the refunds that they decide from now on.
func (s *Server) RefuseRefunds() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = true
}

// NoRates has carriers give no rates from now on, but these words; empty: they give rates.
func (s *Server) NoRates(words string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noRates = words
}

// HoldSales has sales wait until release is called. Each one that waits sends on arrived.
func (s *Server) HoldSales() (arrived <-chan struct{}, release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.gate = gate
	return s.arrived, sync.OnceFunc(func() {
		s.mu.Lock()
		s.gate = nil
		s.mu.Unlock()
		close(gate)
	})
}

// kindOf is the kind of call that a request is, with the parts of its path.
func kindOf(r *http.Request) (Call, []string) {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/v2/"), "/"), "/")
	route := r.Method + " " + parts[0]
	if len(parts) > 1 {
		route += "/id"
	}
	if len(parts) > 2 {
		route += "/" + parts[2]
	}
	kinds := map[string]Call{
		"POST shipments": Create, "GET shipments": List, "GET shipments/id": Get, "POST shipments/id/buy": Buy,
		"POST shipments/id/rerate": Rerate, "GET shipments/id/label": ConvertLabel, "POST shipments/id/refund": Refund,
		"POST shipments/id/forms": CreateForm, "POST trackers": CreateTracker,
	}
	if kind, ok := kinds[route]; ok {
		return kind, parts
	}
	return Other, parts
}

// ServeHTTP answers as EasyPost does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Read to its end, so that it is noticed when the caller goes away.
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	kind, parts := kindOf(r)
	s.mu.Lock()
	s.calls[kind]++
	fault := s.take(kind)
	s.mu.Unlock()
	if fault.before(w, r) {
		return
	}
	status, body := s.answer(kind, parts, r, sent)
	if fault.after(w, r) {
		return
	}
	written, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if object, ok := body.(map[string]any); ok && status == http.StatusCreated {
		w.Header().Set("Location", fmt.Sprintf("/api/v2/%s/%v", parts[0], object["id"]))
	}
	if fault.cut(w, status, written) {
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write(written)
}

func (s *Server) answer(kind Call, parts []string, r *http.Request, sent []byte) (int, any) {
	switch key, _, _ := r.BasicAuth(); {
	case key == "":
		return failure(http.StatusUnauthorized, "APIKEY.MISSING", "An API key is required.")
	case key != Key:
		return failure(http.StatusForbidden, "APIKEY.INACTIVE", "This api key is no longer active.")
	}
	var body map[string]any
	_ = json.Unmarshal(sent, &body) // The real one says what is missing.
	if kind == Buy {
		return s.sell(parts[1], body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pass()
	switch kind {
	case Create:
		return s.createShipment(body)
	case List:
		return s.listShipments(r)
	case CreateTracker:
		return s.createTracker(body)
	case Other:
		return s.others(r, parts, body)
	}
	sh := s.find(parts[1])
	if sh == nil {
		return failure(http.StatusNotFound, "NOT_FOUND", "The requested resource could not be found.")
	}
	switch kind {
	case Rerate:
		s.rate(sh)
		return http.StatusOK, map[string]any{"rates": sh.Rates}
	case ConvertLabel:
		return s.convert(sh, r.URL.Query().Get("file_format"))
	case Refund:
		return s.refund(sh)
	case CreateForm:
		return s.form(sh, body)
	}
	return http.StatusOK, sh.body()
}

// others are the calls that no provider needs, but EasyPost's own clients make.
func (s *Server) others(r *http.Request, parts []string, body map[string]any) (int, any) {
	switch {
	case r.Method == http.MethodPost && parts[0] == "refunds":
		return s.refundCodes(body)
	case r.Method == http.MethodGet && parts[0] == "trackers" && len(parts) == 1:
		return s.listTrackers(r)
	case parts[0] == "trackers" && len(parts) == 2:
		i := slices.IndexFunc(s.trackers, func(t *tracker) bool { return t.ID == parts[1] })
		if i < 0 {
			break
		}
		if r.Method == http.MethodDelete {
			s.trackers = slices.Delete(s.trackers, i, i+1)
			return http.StatusOK, map[string]any{"success": true}
		}
		return http.StatusOK, s.trackers[i].body()
	}
	return failure(http.StatusNotFound, "NOT_FOUND", "The requested resource could not be found.")
}

// failure is an error as EasyPost writes it.
func failure(status int, code, message string, details ...map[string]any) (int, any) {
	list := []any{}
	for _, d := range details {
		list = append(list, d)
	}
	return status, map[string]any{"error": map[string]any{"code": code, "message": message, "errors": list}}
}

// id is a new object's ID.
func (s *Server) id(prefix string) string {
	s.last++
	return fmt.Sprintf("%s_%032x", prefix, s.last)
}

func (s *Server) stamp() string { return s.now.UTC().Format(time.RFC3339) }

// object is fields that all objects have, with others.
func (s *Server) object(prefix, name string, fields map[string]any) map[string]any {
	all := map[string]any{
		"id": s.id(prefix), "object": name, "mode": "test", "created_at": s.stamp(), "updated_at": s.stamp(),
	}
	maps.Copy(all, fields)
	return all
}
