package chaos

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
)

// herald carries what the systems of services tell to the API, as they do: at least once, here twice, in any order, and
// again until it is taken.
type herald struct {
	server *http.Server
	url    string // of the API
	client *http.Client

	mu      sync.Mutex
	rng     *rand.Rand
	sent    []letter
	waiting int      // deliveries that are not taken yet
	refused []string // answers that say that a delivery will never be taken
}

// letter is something that a system tells a service.
type letter struct {
	provider string
	service  fulfillment.ID
	key      string // the provider's dedupe key of it
	body     []byte
	sign     func(header http.Header, at time.Time) // for an attempt at this time
}

// shuffled is how late a delivery may come.
const shuffled = 3 * time.Second

// openHerald has the API listen, and a herald go there.
func openHerald(api http.Handler, seed uint64) (*herald, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("have the API listen: %w", err)
	}
	h := &herald{
		server: &http.Server{Handler: api, ReadHeaderTimeout: time.Minute}, url: "http://" + listener.Addr().String(),
		client: &http.Client{Timeout: apiTimeout}, rng: rand.New(rand.NewPCG(seed, 4000)),
	}
	go func() { _ = h.server.Serve(listener) }() // It ends when it is closed.
	return h, nil
}

func (h *herald) close() error {
	h.client.CloseIdleConnections()
	return h.server.Close()
}

// tell sends a letter twice, each time after a while. It does so until the context ends.
func (h *herald) tell(ctx context.Context, l letter) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, l)
	for range 2 {
		h.waiting++
		after := time.Duration(h.rng.Int64N(int64(shuffled)))
		go func() {
			if sleep(ctx, after) {
				h.deliver(ctx, l)
			}
			h.mu.Lock()
			defer h.mu.Unlock()
			h.waiting--
		}()
	}
}

// deliver sends a letter until it is taken, or will never be.
func (h *herald) deliver(ctx context.Context, l letter) {
	for {
		status, err := h.post(ctx, l)
		switch {
		case err == nil && status/100 == 2:
			return
		case err == nil && status/100 == 4 && status != http.StatusTooManyRequests:
			h.mu.Lock()
			h.refused = append(h.refused, fmt.Sprintf("%s of %s to service %s is answered %d", l.key, l.provider,
				l.service, status))
			h.mu.Unlock()
			return
		case !sleep(ctx, time.Second/2):
			return
		}
	}
}

func (h *herald) post(ctx context.Context, l letter) (status int, err error) {
	address := fmt.Sprintf("%s/providers/%s/%s", h.url, l.provider, l.service)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(l.body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	l.sign(request.Header, time.Now())
	response, err := h.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// posted is what was sent so far, what of it is not taken yet, and what will never be.
func (h *herald) posted() (sent []letter, waiting int, refused []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sent[:len(h.sent):len(h.sent)], h.waiting, h.refused[:len(h.refused):len(h.refused)]
}
