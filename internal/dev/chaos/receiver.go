package chaos

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// receiverTimeout is how long the workers wait for a receiver, and late by how much a late one is later.
	receiverTimeout = time.Second
	late            = 400 * time.Millisecond
	// poisonedAfter is how many webhooks come before the one that the receiver never takes.
	poisonedAfter = 5
)

// mail is all requests that arrived at receivers, in the order of arrival. It is safe for concurrent use.
type mail struct {
	mu  sync.Mutex
	all []arrival
}

// arrival is a request as a receiver got it.
type arrival struct {
	to     *subscription
	header http.Header
	body   string
	taken  bool // the receiver has worked on it and answers with 2xx, in time or not
}

func (a arrival) webhookID() string { return a.header.Get("X-Shopify-Webhook-Id") }

// position is the event's place in the feed; 0: it says none.
func (a arrival) position() int64 {
	n, _ := strconv.ParseInt(a.header.Get("Packhorse-Position"), 10, 64)
	return n
}

// receiver is what an app runs for one of its webhook subscriptions. The monkey says how well it is, and where.
type receiver struct {
	of    *subscription
	mail  *mail
	place *place // changed by move alone

	mu       sync.Mutex
	mood     Kind // what is the matter; empty: it is well
	requests int
	poison   arrival // it is never taken; the zero value: none yet
}

// place is where a receiver is, or was.
type place struct {
	*http.Server
	url  string
	gone atomic.Bool // there is nothing here any more, and somebody says so
}

// openReceiver starts a receiver that is well.
func openReceiver(of *subscription, m *mail) (*receiver, error) {
	r := &receiver{of: of, mail: m}
	var err error
	r.place, err = r.open()
	return r, err
}

// open opens another place for the receiver.
func (r *receiver) open() (*place, error) {
	return openPlace(r.of.name, func(p *place, request *http.Request, body string) http.HandlerFunc {
		return r.receive(p, request.Header, body)
	})
}

// openPlace opens a place that answers what comes to its path and below.
func openPlace(
	name string, receive func(p *place, request *http.Request, body string) http.HandlerFunc,
) (*place, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a place for %s: %w", name, err)
	}
	path := "/" + name + "/" + rand.Text() // Other runs on this machine have receivers of the same names.
	p := &place{url: "http://" + listener.Addr().String() + path}
	p.Server = &http.Server{
		ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			if !strings.HasPrefix(request.URL.Path+"/", path+"/") { // Another one had this port before.
				http.NotFound(w, request)
				return
			}
			body, err := io.ReadAll(request.Body)
			if err == nil {
				receive(p, request, string(body))(w, request)
			}
		}),
	}
	go func() { _ = p.Serve(listener) }() // It ends when it is closed.
	return p, nil
}

// become has the receiver be in a mood; empty: well.
func (r *receiver) become(mood Kind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mood = mood
}

// receive keeps what arrived, and says how it is answered.
func (r *receiver) receive(p *place, header http.Header, body string) http.HandlerFunc {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := arrival{to: r.of, header: header, body: body}
	mood, n := r.mood, r.requests
	r.requests++
	switch {
	case p.gone.Load():
		mood = MoveReceiver
	case r.of.poisoned && r.poison.to == nil && mood == "" && n >= poisonedAfter:
		r.poison = a
	}
	if r.poison.to != nil && r.poison.webhookID() == a.webhookID() {
		mood = RefuseReceiver
	}
	a.taken = mood == "" || mood == LateReceiver
	r.mail.keep(a)
	return answers(mood, n)
}

func (m *mail) keep(a arrival) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, a)
}

// arrived is everything that has arrived by now.
func (m *mail) arrived() []arrival {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.all)
}

// poisoned is the webhook that the receiver never takes, if it has met one.
func (r *receiver) poisoned() (arrival, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.poison, r.poison.to != nil
}

var (
	failing = []int{
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusFound, http.StatusServiceUnavailable,
	}
	refusing = []int{
		http.StatusUnprocessableEntity, http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound,
	}
)

// answers is how the n-th request is answered in a mood.
func answers(mood Kind, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, request *http.Request) {
		ctx := request.Context() // It ends when the other side has gone.
		switch mood {
		case "":
			w.WriteHeader(http.StatusNoContent)
		case LateReceiver:
			if sleep(ctx, receiverTimeout+late) {
				w.WriteHeader(http.StatusOK)
			}
		case FailReceiver:
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(failing[n%len(failing)])
		case RefuseReceiver:
			w.WriteHeader(refusing[n%len(refusing)])
		case BusyReceiver:
			after := "1"
			if n%2 == 1 {
				after = time.Now().Add(2 * time.Second).UTC().Format(http.TimeFormat)
			}
			w.Header().Set("Retry-After", after)
			w.WriteHeader(http.StatusTooManyRequests)
		case HangReceiver:
			<-ctx.Done()
		case DripReceiver:
			w.WriteHeader(http.StatusOK)
			for sleep(ctx, 100*time.Millisecond) {
				_, _ = io.WriteString(w, ".")
				_ = http.NewResponseController(w).Flush()
			}
		case ResetReceiver:
			if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = connection.(*net.TCPConn).SetLinger(0)
				_ = connection.Close()
			}
		case MoveReceiver: // Some are told late: after the other place is known.
			if sleep(ctx, time.Duration(n%3)*300*time.Millisecond) {
				w.WriteHeader(http.StatusGone)
			}
		}
	}
}

// move has the receiver be at another place. The place before is gone: nobody listens there, or somebody says that it
// is gone.
func (r *receiver) move(told bool) error {
	next, err := r.open()
	if err != nil {
		return err
	}
	last := r.place
	r.place = next
	r.of.left = append(r.of.left, last)
	if told {
		last.gone.Store(true)
		return nil
	}
	return last.Close()
}
