package trial

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	nethttp "net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"packhorse/internal/provider/http"
	"packhorse/internal/standardwebhook"
)

// Service is that of all requests: callbacks are told to its address.
const Service = "1"

// Callbacks is how the warehouse's callbacks are tried.
type Callbacks struct {
	Listener net.Listener            // where they are taken; nil: they are not tried. [Run] closes it.
	URL      string                  // what the warehouse puts the service behind to call it; told to people
	Secrets  standardwebhook.Secrets // that sign them
	Wait     time.Duration           // how long the news of two requests is waited for, with what is told again of it
}

// attempt is something that the warehouse told, once.
type attempt struct {
	id, key, kind string
	sequence      int64
	body          []byte
	forged, wrong error // what is wrong with its signature, and with what it says
}

func (a attempt) String() string {
	return fmt.Sprintf("%q of the request %s (%s %q)", a.kind, a.key, standardwebhook.ID, a.id)
}

// repeats says whether it is the same news as an earlier attempt. A warehouse that changes the ID is told so by the
// point about IDs, one that changes the body by that about bodies.
func (a attempt) repeats(earlier attempt) bool {
	return a.key == earlier.key && (a.id == earlier.id && a.id != "" || bytes.Equal(a.body, earlier.body))
}

// receiver takes callbacks as Packhorse does, but the first one of two requests.
type receiver struct {
	Callbacks
	patience time.Duration // how long the warehouse is left without an answer, at most
	came     chan struct{} // something came since somebody looked
	asked    bool          // the requests were put, and their news was waited for
	nothing  error         // why there is nothing to judge then

	mu            sync.Mutex
	attempts      []attempt
	failed, stuck string // the keys of the requests whose first news is answered 500, and not at all
	astray        string // the path of what came to another address
}

func newReceiver(c Callbacks, patience time.Duration) *receiver {
	return &receiver{Callbacks: c, patience: patience, came: make(chan struct{}, 1)}
}

// serve takes callbacks until it is told to stop.
func (r *receiver) serve() (stop func()) {
	if r.Listener == nil {
		return func() {}
	}
	server := &nethttp.Server{Handler: r, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: r.patience}
	go func() { _ = server.Serve(r.Listener) }()
	return func() { _ = server.Close() }
}

func (r *receiver) ServeHTTP(w nethttp.ResponseWriter, request *nethttp.Request) {
	body, err := io.ReadAll(nethttp.MaxBytesReader(w, request.Body, maxAnswer))
	switch {
	case err != nil:
		w.WriteHeader(nethttp.StatusRequestEntityTooLarge)
		return
	case request.Method != nethttp.MethodPost || path.Base(request.URL.Path) != Service:
		r.mu.Lock()
		r.astray = request.Method + " " + request.URL.Path
		r.mu.Unlock()
		w.WriteHeader(nethttp.StatusNotFound)
		return
	}
	switch r.take(r.read(request.Header, body)) {
	case nethttp.StatusInternalServerError:
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(nethttp.StatusInternalServerError)
		_, _ = io.WriteString(w, `{"title":"Internal Server Error","status":500}`)
	case 0:
		timer := time.NewTimer(r.patience)
		defer timer.Stop()
		select {
		case <-request.Context().Done(): // The warehouse waits no longer.
		case <-timer.C:
		}
		panic(nethttp.ErrAbortHandler) // It ends the connection without an answer.
	default:
		w.WriteHeader(nethttp.StatusNoContent)
	}
}

// read holds what came to the contract.
func (r *receiver) read(header nethttp.Header, body []byte) attempt {
	a := attempt{id: header.Get(standardwebhook.ID), body: body}
	_, a.forged = r.Secrets.Verify(header, body, time.Now())
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		a.wrong = errors.New("the body is no JSON")
		return a
	}
	// What does not fit is told below.
	var said struct{ Type, Key any }
	var counted struct{ Sequence int64 }
	_, _ = json.Unmarshal(body, &said), json.Unmarshal(body, &counted)
	a.kind, _ = said.Type.(string)
	a.key, _ = said.Key.(string)
	a.sequence = counted.Sequence
	if spoken := header.Get(http.VersionHeader); spoken != "" && spoken != http.Version {
		a.wrong = fmt.Errorf("it speaks the version %.40q, want %q", spoken, http.Version)
	} else if err := http.Callback(a.kind, value); err != nil {
		a.wrong = errors.New(inOneLine(err))
	}
	return a
}

// take keeps an attempt, and says how it is answered; 0: not at all.
func (r *receiver) take(a attempt) (status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first := len(of(r.attempts, a.key)) == 0
	r.attempts = append(r.attempts, a)
	select {
	case r.came <- struct{}{}:
	default:
	}
	switch {
	case first && a.key != "" && a.key == r.failed:
		return nethttp.StatusInternalServerError
	case first && a.key != "" && a.key == r.stuck:
		return 0
	}
	return nethttp.StatusNoContent
}

// all is what came until now.
func (r *receiver) all() []attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.attempts[:len(r.attempts):len(r.attempts)]
}

// of are the attempts about a request.
func of(attempts []attempt, key string) (some []attempt) {
	for _, a := range attempts {
		if a.key == key {
			some = append(some, a)
		}
	}
	return some
}

// news are the attempts that tell something for the first time, and some that tell it again.
func news(attempts []attempt) (firsts []attempt, again int) {
	for _, a := range attempts {
		known := false
		for _, f := range firsts {
			known = known || a.repeats(f)
		}
		if !known {
			firsts = append(firsts, a)
		}
	}
	return firsts, len(attempts) - len(firsts)
}

// enough says whether everything that is judged has come.
func (r *receiver) enough() bool {
	attempts := r.all()
	for _, key := range []string{r.failed, r.stuck} {
		some := of(attempts, key)
		if len(some) == 0 || !hasRepeat(some) {
			return false
		}
	}
	firsts, _ := news(of(attempts, r.failed))
	return len(firsts) > 1
}

func hasRepeat(attempts []attempt) bool {
	for _, a := range attempts[1:] {
		if a.repeats(attempts[0]) {
			return true
		}
	}
	return false
}

// silence is why nothing can be judged after the wait; nil: something can.
func (r *receiver) silence() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.attempts) > 0 {
		return nil
	}
	why := fmt.Sprintf("no callback came in %s: the warehouse has to call %s/%s, and to tell something of the "+
		"requests %s and %s in that time", r.Wait, strings.TrimRight(r.URL, "/"), Service, r.failed, r.stuck)
	if r.astray != "" {
		why += fmt.Sprintf("; it called %.200q instead", r.astray)
	}
	return skipped{why}
}
