package chaos

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// front is what stands between Packhorse and the system of a fulfillment service, and fails: before anything has
// happened at the system, or after, so that only the answer is lost. The monkey says how well it is.
type front struct {
	*http.Server
	url    string // http://host:port
	system http.Handler
	// patience is how long whoever calls waits for an answer.
	patience time.Duration
	// rewrite changes bodies of answers; nil: they stay as they are.
	rewrite func(body []byte) []byte

	mu       sync.Mutex
	mood     Kind // what is the matter; empty: it is well
	requests int
	under    int        // requests that have not had their effect yet, whether somebody waits for it or not
	idle     *sync.Cond // tells when there are none
}

// openFront opens one before a system.
func openFront(name string, system http.Handler, patience time.Duration) (*front, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the front of %s: %w", name, err)
	}
	f := &front{url: "http://" + listener.Addr().String(), system: system, patience: patience}
	f.idle = sync.NewCond(&f.mu)
	f.Server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(f.serve)}
	go func() { _ = f.Serve(listener) }() // It ends when it is closed.
	return f, nil
}

// become has it be in a mood; empty: well.
func (f *front) become(mood Kind) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mood = mood
}

// settle makes it well, and waits until everything that was asked for has had its effect.
func (f *front) settle() {
	f.become("")
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.under > 0 {
		f.idle.Wait()
	}
}

// began is the mood for a request that has come, and whether it fails after its effect.
func (f *front) began() (mood Kind, after bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.under++
	f.requests++
	return f.mood, f.requests%2 == 0
}

// unavailable are the statuses of a system that fails.
var unavailable = []int{
	http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

func (f *front) serve(w http.ResponseWriter, r *http.Request) {
	mood, after := f.began()
	answer, err := f.answer(r, mood, after)
	f.mu.Lock()
	if f.under--; f.under == 0 {
		f.idle.Broadcast()
	}
	f.mu.Unlock()
	if err != nil {
		return
	}
	ctx := r.Context() // It ends when the other side has gone.
	switch mood {
	case "":
		send(w, answer, len(answer.Body.Bytes()))
	case FailReceiver:
		w.WriteHeader(unavailable[int(time.Now().UnixNano()/1000)%len(unavailable)])
	case BusyReceiver:
		for _, name := range []string{"Retry-After", "X-Retry-After"} {
			w.Header().Set(name, "1")
		}
		w.WriteHeader(http.StatusTooManyRequests)
	case HangReceiver:
		<-ctx.Done()
	case CutReceiver:
		send(w, answer, len(answer.Body.Bytes())/2)
		panic(http.ErrAbortHandler)
	default: // The connection breaks.
		panic(http.ErrAbortHandler)
	}
}

// answer is what the system answers, if it is asked at all. What comes too late has its effect when nobody waits for
// it any more.
func (f *front) answer(r *http.Request, mood Kind, after bool) (*httptest.ResponseRecorder, error) {
	answer := httptest.NewRecorder()
	sent, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
		return nil, err
	case mood == BusyReceiver, mood != "" && mood != CutReceiver && mood != LateReceiver && !after:
		return answer, nil
	case mood == LateReceiver:
		time.Sleep(f.patience + late)
	}
	asked := r.Clone(context.WithoutCancel(r.Context()))
	asked.Body = io.NopCloser(bytes.NewReader(sent))
	f.system.ServeHTTP(answer, asked)
	if f.rewrite != nil {
		changed := f.rewrite(answer.Body.Bytes())
		answer.Body = bytes.NewBuffer(changed)
	}
	return answer, nil
}

// send writes so much of an answer.
func send(w http.ResponseWriter, answer *httptest.ResponseRecorder, much int) {
	for name, values := range answer.Header() {
		if !strings.EqualFold(name, "Content-Length") {
			w.Header()[name] = values
		}
	}
	body := answer.Body.Bytes()
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body[:much])
}
