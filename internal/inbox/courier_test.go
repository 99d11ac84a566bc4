package inbox_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/inbox"
	"packhorse/internal/news"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
	"packhorse/internal/telemetry"
	"packhorse/internal/worker/workertest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// courier is a provider whose system sends news of parcels, is asked what is new, and answers with news.
type courier struct {
	manual.Provider
	mu     sync.Mutex
	create func(provider.Request) (provider.Answer, error)
	polled func(cursor string) ([]provider.News, string, bool, error)
}

const (
	courierID = "courier"
	signature = "X-Courier-Signature"
)

func (*courier) ID() string { return courierID }

func (*courier) Idempotent() bool { return true }

func (c *courier) Create(_ context.Context, r provider.Request) (provider.Answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.create == nil {
		return provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: "W-" + r.FulfillmentOrderID.String()}, nil
	}
	return c.create(r)
}

func (*courier) Cancel(context.Context, provider.Cancellation) (provider.Answer, error) {
	return provider.Answer{Outcome: fulfillment.OutcomeAccepted}, nil
}

func (c *courier) Changes(
	_ context.Context, _ provider.Polled, cursor string,
) ([]provider.News, string, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.polled == nil {
		return nil, cursor, false, nil
	}
	return c.polled(cursor)
}

// told is the body of a delivery: news, each with its ID and what it is about.
type told struct {
	ID        string                  `json:"id"`
	Number    string                  `json:"number,omitempty"`
	Carrier   string                  `json:"carrier,omitempty"`
	Shipment  string                  `json:"shipment,omitempty"`
	Reference string                  `json:"reference,omitempty"`
	Status    fulfillment.EventStatus `json:"status,omitempty"`
	At        *time.Time              `json:"at,omitempty"`
	Ships     *fulfillment.TrackingInput
	Holds     string // the handle of a hold
	Releases  string
	Notice    *provider.Notice
}

func (t told) news(service fulfillment.ID) provider.News {
	n := provider.News{ID: t.ID, Service: service, About: provider.Subject{
		TrackingNumber: t.Number, Carrier: t.Carrier, Shipment: t.Shipment, Reference: t.Reference,
	}}
	switch {
	case t.Notice != nil:
		n.Notice = t.Notice
	case t.Ships != nil:
		n.Command = &fulfillment.CreateFulfillment{Tracking: t.Ships}
	case t.Holds != "":
		n.Command = &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Handle: t.Holds}
	default:
		n.Command = &fulfillment.RecordEvent{Status: t.Status, HappenedAt: t.At}
	}
	return n
}

func sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte("the courier's secret"))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func (*courier) Verify(_ context.Context, d provider.Delivery) (string, error) {
	if d.Header.Get("X-Nobody-Knows") != "" {
		return "", &provider.Error{
			Class: provider.Retryable, Message: "no secret can be read", RetryAfter: 7 * time.Second,
		}
	}
	if !hmac.Equal([]byte(d.Header.Get(signature)), []byte(sign(d.Body))) {
		return "", provider.Forged("the signature is not the courier's")
	}
	return d.Header.Get("X-Message"), nil
}

func (*courier) Read(_ context.Context, d provider.Delivery) ([]provider.News, error) {
	var events []told
	if string(d.Body) == `"later"` {
		return nil, provider.NotUnderstood("later is of a kind that is not known here")
	}
	if err := json.Unmarshal(d.Body, &events); err != nil {
		return nil, &provider.Error{Class: provider.Permanent, Message: "malformed", Cause: err}
	}
	var list []provider.News
	for _, e := range events {
		list = append(list, e.news(d.Service))
	}
	return list, nil
}

var (
	_ provider.Receiver = (*courier)(nil)
	_ provider.Poller   = (*courier)(nil)
)

// post is an engine with the courier, a service of its, and the door that its system sends to.
type post struct {
	*workertest.Stack
	t       *testing.T
	courier *courier
	service fulfillment.Service
	door    *httptest.Server
	sent    int
}

func newPost(t *testing.T) *post {
	t.Helper()
	p := &post{Stack: workertest.Start(t), t: t, courier: new(courier)}
	p.StopWorker()
	p.Settings.Providers = append(p.Settings.Providers, provider.Entry{
		ID: courierID, Queue: &provider.Queue{}, Offline: p.courier,
		Open: func(context.Context, provider.Host) (provider.Provider, func(), error) { return p.courier, nil, nil },
	})
	p.Settings.Worker.Providers = append(p.Settings.Worker.Providers, courierID)
	p.StartWorker()
	p.service = p.Service(fulfillment.Service{Name: "Courier", Provider: courierID,
		Options: map[string]any{"pollEvery": "1s"}})
	p.door = httptest.NewServer(door(t, p.Store, p.courier))
	t.Cleanup(p.door.Close)
	return p
}

func door(t *testing.T, store inbox.DoorStore, receiver provider.Receiver) http.Handler {
	mux := http.NewServeMux()
	d := inbox.NewDoor(store, map[string]provider.Receiver{courierID: receiver},
		telemetry.NewLogger(t.Output(), slog.LevelError, "text"), nil)
	mux.Handle(inbox.Path, d)
	mux.Handle(inbox.Path+"/{rest...}", d)
	return mux
}

// send sends a delivery of the courier's system, which must be taken.
func (p *post) send(events ...told) {
	p.t.Helper()
	p.sent++
	p.sendAs("message-"+time.Duration(p.sent).String(), events...)
}

func (p *post) sendAs(message string, events ...told) {
	p.t.Helper()
	body, err := json.Marshal(events)
	if err != nil {
		p.t.Fatal(err)
	}
	status, _, answer := deliver(p.t, p.door.URL+"/providers/courier/"+p.service.Handle, message, body)
	if status != http.StatusNoContent {
		p.t.Fatalf("it is answered %d %s", status, answer)
	}
}

// deliver sends a signed body.
func deliver(t *testing.T, url, message string, body []byte) (int, http.Header, string) {
	t.Helper()
	return request(t, http.MethodPost, url, http.Header{signature: {sign(body)}, "X-Message": {message}}, body)
}

func request(
	t *testing.T, method, url string, header http.Header, body []byte,
) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, text.String()
}

// shipped is a fulfillment order of the service, with a shipment that has this number.
func (p *post) shipped(number string) (id, shipment fulfillment.ID) {
	p.t.Helper()
	id = p.accepted()
	result := p.Send(id, &fulfillment.CreateFulfillment{
		Tracking: &fulfillment.TrackingInput{Company: "UPS", Number: number},
	})
	return id, result.FulfillmentID
}

// accepted is a fulfillment order that the service has accepted.
func (p *post) accepted() fulfillment.ID {
	p.t.Helper()
	id := p.Order(p.service.LocationID, 2)
	p.Send(id, &fulfillment.SubmitFulfillmentRequest{})
	p.Eventually(id, "accepted", func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.RequestStatus == fulfillment.RequestAccepted
	})
	return id
}

// become waits until there is so much news in a state, and returns it.
func (p *post) become(state news.State, n int) []news.Item {
	p.t.Helper()
	var found []news.Item
	workertest.WaitFor(p.t, string(state)+" news", func() bool {
		page, err := p.Store.NewsList(p.t.Context(), postgres.NewsFilter{States: []news.State{state}}, postgres.Page{})
		if err != nil {
			p.t.Fatal(err)
		}
		found = page.Items
		return len(found) == n
	})
	return found
}

// events are the events of the only shipment of a fulfillment order.
func (p *post) events(id fulfillment.ID) []fulfillment.FulfillmentEvent {
	p.t.Helper()
	fo := p.Load(id)
	if len(fo.Fulfillments) != 1 {
		p.t.Fatalf("it has %d shipments", len(fo.Fulfillments))
	}
	return fo.Fulfillments[0].Events
}

var errAway = errors.New("the database is away")
