package rehearsal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	example "packhorse/examples/warehouse/warehouse"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	providerhttp "packhorse/internal/provider/http"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/standardwebhook"
)

// Warehouses say which sellers are warehouses that speak Packhorse's contract over HTTP, instead of services of the
// simulated provider. They are played by the warehouse of examples/warehouse, in this process: it takes requests and
// cancellations by signed calls, and what becomes of them is told by signed callbacks.
type Warehouses struct {
	Sellers []string // of the records
	// Callbacks is where Packhorse's API takes what warehouses tell, without the service at its end, such as
	// http://127.0.0.1:8080/providers/http.
	Callbacks string
	// SecretName is the name under which workers, the API and Secrets have the secret that signs both ways.
	SecretName string
	Secrets    provider.Secrets
}

// UnknownSellerError says that no order that is to be played has anything of a seller.
type UnknownSellerError struct{ Seller string }

func (e *UnknownSellerError) Error() string {
	return fmt.Sprintf("no selected order has an item of the seller %q", e.Seller)
}

// renamed are the records with the sellers that are warehouses under a name of this run's own: their services name an
// address that is gone when the run is over, so no other run may share them.
func (w *Warehouses) renamed(run string, records []Record) ([]Record, map[string]bool, error) {
	names := map[string]bool{}
	records = slices.Clone(records)
	for _, seller := range w.Sellers {
		name := seller + " over HTTP in " + run
		for i := range records {
			for j, item := range records[i].Items {
				if item.SellerID == seller {
					records[i].Items = slices.Clone(records[i].Items)
					records[i].Items[j].SellerID = name
					names[name] = true
				}
			}
		}
		if !names[name] {
			return nil, nil, &UnknownSellerError{seller}
		}
	}
	return records, names, nil
}

// warehouse plays the sellers that are warehouses.
type warehouse struct {
	sellers  map[string]bool
	settings Warehouses
	secrets  standardwebhook.Secrets
	database Database
	url      string
	handle   http.Handler
	server   *http.Server

	mu        sync.Mutex
	requests  map[fulfillment.ID]*asked // by fulfillment order
	effects   map[string]*simulated.Effect
	callbacks int // that were taken
}

// asked is a request that has come.
type asked struct {
	Key   string         `json:"key"`
	For   string         `json:"requestKey"` // of a cancellation
	ID    fulfillment.ID `json:"fulfillmentOrderId"`
	Lines []example.Line `json:"lines"`
	Gone  bool           `json:"withdraw"`
}

// callbackTimeout is how long the warehouse waits for an answer to a callback; then it sends it again.
const callbackTimeout = 15 * time.Second

func startWarehouse(settings Warehouses, sellers map[string]bool, database Database) (*warehouse, error) {
	text, err := settings.Secrets(settings.SecretName)
	if err != nil {
		return nil, err
	}
	w := &warehouse{
		sellers: sellers, settings: settings, database: database, requests: map[fulfillment.ID]*asked{},
		effects: map[string]*simulated.Effect{},
	}
	if w.secrets, err = standardwebhook.ParseSecrets(text); err != nil {
		return nil, fmt.Errorf("the secret %s: %w", settings.SecretName, err)
	}
	inner, err := example.New(example.Config{Secrets: w.secrets, Callbacks: w.secrets, Pending: true, Never: true})
	if err != nil {
		return nil, fmt.Errorf("open a warehouse: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a warehouse: %w", err)
	}
	w.url, w.handle = "http://"+listener.Addr().String(), inner.Handler()
	w.server = &http.Server{Handler: w, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = w.server.Serve(listener) }()
	return w, nil
}

func (w *warehouse) close() { _ = w.server.Close() }

// plays tells whether the seller is one of its; a nil warehouse plays none.
func (w *warehouse) plays(seller string) bool { return w != nil && w.sellers[seller] }

// options are those of a seller's service.
func (w *warehouse) options() map[string]any {
	return map[string]any{"url": w.url, "secretName": w.settings.SecretName}
}

// ServeHTTP answers a call of the contract, and keeps a ledger of what was asked for.
func (w *warehouse) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(r.Body, &body), r.Body}
	status := &statusOf{ResponseWriter: rw}
	w.handle.ServeHTTP(status, r)
	if r.Method == http.MethodPut && status.code >= 200 && status.code < 300 {
		w.note(r.URL.Path, body.Bytes(), status.code != http.StatusOK)
	}
}

// note notes a call that was taken; one that is new has an effect.
func (w *warehouse) note(path string, body []byte, isNew bool) {
	var a asked
	if err := json.Unmarshal(body, &a); err != nil {
		return // The warehouse has read it.
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.effects[path]
	if e == nil {
		e = &simulated.Effect{Key: a.Key, Kind: simulated.KindCreate, FulfillmentOrderID: a.ID, RequestKey: a.For}
		switch {
		case a.For == "":
			w.requests[a.ID] = &a
		default:
			e.Kind = simulated.KindCancel
			if a.Gone {
				e.Kind = simulated.KindWithdraw
			}
			for id, of := range w.requests {
				if of.Key == a.For {
					e.FulfillmentOrderID = id
				}
			}
		}
		w.effects[path] = e
	}
	e.Calls++
	if isNew {
		e.Effects++
	}
}

// statusOf remembers the status of an answer.
type statusOf struct {
	http.ResponseWriter
	code int
}

func (s *statusOf) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// done is what was asked of the warehouses, as a ledger has it.
func (w *warehouse) done() (effects []simulated.Effect, callbacks int) {
	if w == nil {
		return nil, 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.effects {
		effects = append(effects, *e)
	}
	return effects, w.callbacks
}

// sequences are the places of the steps among the callbacks of a request.
var sequences = map[Step]int{StepAccept: 1, StepReject: 1, StepShip: 2, StepTransit: 3, StepDeliver: 4}

// tell tells a step by a callback, and returns when it is in the book. What is told again is the same.
func (w *warehouse) tell(ctx context.Context, o *played, step Step, of *part, run string) error {
	w.mu.Lock()
	request := w.requests[of.id]
	w.mu.Unlock()
	if request == nil {
		return &fulfillment.Error{
			Code: fulfillment.CodeInvalidState, Message: "The warehouse was not asked for anything.",
		}
	}
	kind, data := o.callback(step, of, request)
	sum := sha256.Sum256([]byte(commandID(run, o.record.ID, step, of.seller)))
	id := "msg_" + hex.EncodeToString(sum[:16])
	body, err := json.Marshal(map[string]any{
		"type": kind, "key": request.Key, "sequence": sequences[step], "occurredAt": o.steps[o.next].at, "data": data,
	})
	if err != nil {
		return fmt.Errorf("write a callback: %w", err)
	}
	service := serviceID(of.seller)
	if err := w.send(ctx, service, id, body); err != nil {
		return err
	}
	return w.heard(ctx, service, id)
}

// callback is what the warehouse tells of a step.
func (o *played) callback(step Step, of *part, request *asked) (kind string, data any) {
	r := o.record
	shipment, number := "s-"+request.Key, r.ID+"-"+short(of.seller)
	event := func(status fulfillment.EventStatus, at *Time) (string, any) {
		return "fulfillment.event", map[string]any{
			"eventId": string(step), "shipmentId": shipment, "trackingNumber": number, "status": status,
			"happenedAt": at.ptr(), "estimatedDeliveryAt": r.EstimatedAt.ptr(),
		}
	}
	switch step {
	case StepAccept:
		return "request.accepted", map[string]any{}
	case StepReject:
		return "request.rejected", map[string]any{
			"reason": fulfillment.RejectOutOfStock, "message": "Recorded as unavailable.",
		}
	case StepShip:
		var lines []example.Line
		for _, l := range request.Lines {
			lines = append(lines, example.Line{LineID: l.LineID, Quantity: l.Quantity})
		}
		return "fulfillment.shipped", map[string]any{
			"shipmentId": shipment, "lines": lines,
			"parcels": []map[string]string{{"trackingNumber": number, "trackingCompany": "Rehearsal"}},
		}
	case StepTransit:
		return event(fulfillment.EventInTransit, r.CarrierAt)
	default:
		return event(fulfillment.EventDelivered, r.DeliveredAt)
	}
}

// send sends a callback once.
func (w *warehouse) send(ctx context.Context, service fulfillment.ID, id string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, callbackTimeout)
	defer cancel()
	url := strings.TrimRight(w.settings.Callbacks, "/") + "/" + service.String()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("tell Packhorse what a warehouse has done: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(providerhttp.VersionHeader, providerhttp.Version)
	if err := w.secrets.Sign(r.Header, id, time.Now(), body); err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("tell Packhorse what a warehouse has done: %w", err)
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	switch status := response.StatusCode; {
	case status >= 200 && status < 300:
		w.mu.Lock()
		w.callbacks++
		w.mu.Unlock()
		return nil
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests:
		return &fulfillment.Error{
			Code: fulfillment.CodeInvalid, Message: fmt.Sprintf("A callback is answered %d: %s", status, answer),
		}
	default:
		return fmt.Errorf("a callback is answered %d", status)
	}
}

// standing is what became of a delivery.
const standing = `
SELECT d.state, d.reason, coalesce(n.state, ''), coalesce(n.code, ''), coalesce(n.reason, '')
FROM news_deliveries d LEFT JOIN news n ON n.delivery_id = d.id WHERE d.service_id = $1 AND d.key = $2`

// heard returns when what a callback tells has been carried out, or refused.
func (w *warehouse) heard(ctx context.Context, service fulfillment.ID, id string) error {
	ticks := time.NewTicker(inboxInterval)
	defer ticks.Stop()
	for {
		rows, err := w.database.Query(ctx, standing, int64(service), fmt.Sprintf("%s/%s", service, id))
		if err != nil {
			return fmt.Errorf("read what became of a callback: %w", err)
		}
		var read, why, told, code, reason string
		_, err = pgx.ForEachRow(rows, []any{&read, &why, &told, &code, &reason}, func() error { return nil })
		switch {
		case err != nil:
			return fmt.Errorf("read what became of a callback: %w", err)
		case read == "":
			return errors.New("a callback that was taken is not there")
		case read == "REFUSED":
			return &fulfillment.Error{Code: fulfillment.CodeInvalid, Message: why}
		case told == "DONE":
			return nil
		case told == "REFUSED", told == "IGNORED":
			return &fulfillment.Error{Code: fulfillment.Code(code), Message: reason}
		case read == "DONE" && told == "":
			return &fulfillment.Error{Code: fulfillment.CodeInvalid, Message: "The callback tells nothing."}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until a callback is carried out: %w", ctx.Err())
		case <-ticks.C:
		}
	}
}
