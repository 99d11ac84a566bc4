package trial

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	nethttp "net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"packhorse/internal/provider"
	"packhorse/internal/provider/http"
	"packhorse/internal/standardwebhook"
)

// maxAnswer is what Packhorse reads of an answer, in bytes.
const maxAnswer = 256 << 10

// warehouse is the one that is tried.
type warehouse struct {
	Config
	transport *nethttp.Transport
	abilities []string // nil: it did not say
	stranger  standardwebhook.Secrets
	receiver  *receiver
}

func newWarehouse(c Config) (*warehouse, error) {
	if err := provider.CheckAddress("url", c.URL, c.Rules); err != nil {
		return nil, err
	}
	var key [32]byte
	_, _ = rand.Read(key[:]) // It never fails.
	stranger, err := standardwebhook.ParseSecrets(standardwebhook.NewSecret(key))
	if err != nil {
		return nil, err
	}
	dialer := c.Rules.Dialer()
	receiver := newReceiver(c.Callbacks, c.Timeout)
	return &warehouse{Config: c, stranger: stranger, receiver: receiver, transport: &nethttp.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableCompression: true, MaxIdleConnsPerHost: 8,
		IdleConnTimeout: 4 * time.Second,
	}}, nil
}

// message is a request to the warehouse, and how it is signed.
type message struct {
	method, path string
	body         any                      // a []byte as it is, else as JSON; nil: none
	by           *standardwebhook.Secrets // nil: the right ones
	off          time.Duration            // of the signature's time
	change       func(header nethttp.Header)
}

// reply is what came back.
type reply struct {
	status int
	header nethttp.Header
	body   []byte
}

// send sends a message, once. An error says that there is no whole answer.
func (w *warehouse) send(ctx context.Context, m message) (reply, error) {
	body, raw := m.body.([]byte)
	if !raw && m.body != nil {
		var err error
		if body, err = json.Marshal(m.body); err != nil {
			return reply{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, w.Timeout)
	defer cancel()
	url := strings.TrimRight(w.URL, "/") + m.path
	request, err := nethttp.NewRequestWithContext(ctx, m.method, url, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	by := &w.Secrets
	if m.by != nil {
		by = m.by
	}
	if err := by.Sign(request.Header, "msg_"+rand.Text(), time.Now().Add(m.off), body); err != nil {
		return reply{}, err
	}
	request.Header.Set("Accept", "application/json, application/problem+json")
	request.Header.Set(http.VersionHeader, http.Version)
	if m.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if m.change != nil {
		m.change(request.Header)
	}
	began := time.Now()
	response, err := w.transport.RoundTrip(request)
	if err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return reply{}, fmt.Errorf("%s %s got no answer within %s: %w", m.method, m.path, w.Timeout, err)
		}
		return reply{}, fmt.Errorf("%s %s failed after %s: %w", m.method, m.path,
			time.Since(began).Round(time.Millisecond), err)
	}
	defer response.Body.Close()
	r := reply{status: response.StatusCode, header: response.Header}
	r.body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return r, fmt.Errorf("%s %s: after %s the answer was cut off: %w", m.method, m.path,
			time.Since(began).Round(time.Millisecond), err)
	case len(r.body) > maxAnswer:
		return r, fmt.Errorf("%s %s: the answer has more than 256 KiB", m.method, m.path)
	}
	return r, nil
}

// reach tells whether there is anybody to try: whether a connection can be made. What is answered is for the points.
func (w *warehouse) reach(ctx context.Context) error {
	var connected atomic.Bool
	_, err := w.get(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}), "/options")
	if err == nil || connected.Load() {
		return nil
	}
	return fmt.Errorf("the warehouse can't be reached, so nothing was tried: %w", err)
}

func (w *warehouse) put(ctx context.Context, path string, body any) (reply, error) {
	return w.send(ctx, message{method: nethttp.MethodPut, path: path, body: body})
}

func (w *warehouse) get(ctx context.Context, path string) (reply, error) {
	return w.send(ctx, message{method: nethttp.MethodGet, path: path})
}

// answer is what all points need of an answer.
type answer struct {
	Outcome, Reference string
}

// is says what is wrong with a status that is none of those.
func (r reply) is(statuses ...int) error {
	if slices.Contains(statuses, r.status) {
		return nil
	}
	return fmt.Errorf("it was answered %d, want %s%s", r.status, either(statuses), r.said())
}

func either(statuses []int) string {
	texts := make([]string, len(statuses))
	for i, s := range statuses {
		texts[i] = fmt.Sprint(s)
	}
	return strings.Join(texts, " or ")
}

// said is the beginning of the body.
func (r reply) said() string {
	if len(r.body) == 0 {
		return ""
	}
	return fmt.Sprintf(": %.200q", r.body)
}

// fits holds the body to a schema of the contract.
func (r reply) fits(name string) error {
	schema, err := http.Schema(name)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(r.body))
	if err != nil {
		return fmt.Errorf("the body is no JSON%s", r.said())
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("the body is no %s of the contract: %s", name, inOneLine(err))
	}
	return nil
}

// inOneLine is what the validator says, without its heading.
func inOneLine(err error) string {
	lines := strings.Split(err.Error(), "\n")
	if len(lines) > 1 {
		lines = lines[1:]
	}
	for i := range lines {
		lines[i] = strings.TrimLeft(lines[i], "- ")
	}
	return strings.Join(lines, "; ")
}

// answered is an answer of the contract with one of these statuses.
func (r reply) answered(statuses ...int) (a answer, err error) {
	if err := r.is(statuses...); err != nil {
		return answer{}, err
	}
	if err := r.fits("Answer"); err != nil {
		return answer{}, err
	}
	return a, json.Unmarshal(r.body, &a)
}

// problem says what is wrong with an error of the contract that is to have this status. retryable: what it may not say.
func (r reply) problem(statuses ...int) error {
	if err := r.is(statuses...); err != nil {
		return err
	}
	kind, _, _ := mime.ParseMediaType(r.header.Get("Content-Type"))
	if kind != "application/problem+json" {
		return fmt.Errorf("%d has the media type %q, want application/problem+json", r.status, kind)
	}
	if err := r.fits("Problem"); err != nil {
		return err
	}
	var p struct{ Status int }
	if err := json.Unmarshal(r.body, &p); err != nil || p.Status != r.status {
		return fmt.Errorf("the problem has the status %d, the answer %d", p.Status, r.status)
	}
	return nil
}

// retryable is what a problem says of it; nil: nothing.
func (r reply) retryable() *bool {
	var p struct{ Retryable *bool }
	_ = json.Unmarshal(r.body, &p) // It was held to the schema.
	return p.Retryable
}

// found looks a path up; false: there is nothing.
func (w *warehouse) found(ctx context.Context, path string) (a answer, found bool, err error) {
	r, err := w.get(ctx, path)
	if err != nil {
		return answer{}, false, err
	}
	if r.status == nethttp.StatusNotFound {
		return answer{}, false, r.problem(nethttp.StatusNotFound)
	}
	a, err = r.answered(nethttp.StatusOK)
	return a, err == nil, err
}

// nothingTaken makes sure that there is nothing under a path.
func (w *warehouse) nothingTaken(ctx context.Context, path string) error {
	_, found, err := w.found(ctx, path)
	if err == nil && found {
		err = errors.New("it was refused, and something was taken under its key nevertheless")
	}
	return err
}

// request is one that a warehouse should be able to take.
func (w *warehouse) request(key string) map[string]any {
	return map[string]any{
		"key": key, "serviceId": Service, "fulfillmentOrderId": "1", "orderName": "#trial", "currencyCode": "EUR",
		"lines": []any{map[string]any{
			"lineId": "1", "sku": w.SKU, "title": "Trial of the contract", "quantity": 2,
			"unitPrice": "1.00", "weightGrams": 100,
		}},
		"destination": map[string]any{
			"name": "Trial of the contract", "address1": "Example Street 1", "city": "Berlin",
			"zip": "10115", "countryCode": "DE",
		},
		"deliveryMethod": "SHIPPING", "notifyCustomer": false,
	}
}

// taken puts a new request.
func (w *warehouse) taken(ctx context.Context) (key string, a answer, err error) {
	key = newKey()
	r, err := w.put(ctx, "/requests/"+key, w.request(key))
	if err != nil {
		return "", answer{}, err
	}
	a, err = r.decided()
	return key, a, err
}

// decided is the answer to something new: 202 says that it is pending, 201 that it is not.
func (r reply) decided() (answer, error) {
	a, err := r.answered(nethttp.StatusCreated, nethttp.StatusAccepted)
	if err == nil && (a.Outcome == "PENDING") != (r.status == nethttp.StatusAccepted) {
		err = fmt.Errorf("%s was answered %d: 202 is for PENDING, 201 for what is decided", a.Outcome, r.status)
	}
	return a, err
}

// follows says what is wrong with an answer that is to be the same as an earlier one: what was pending may be decided.
func (a answer) follows(first answer) error {
	if a.Reference != first.Reference || a.Outcome != first.Outcome && first.Outcome != "PENDING" {
		return fmt.Errorf("it was answered %s %q, then %s %q", first.Outcome, first.Reference, a.Outcome, a.Reference)
	}
	return nil
}

// can tells why something can't be tried: the warehouse says that it does not do it.
func (w *warehouse) can(ability string) error {
	if w.abilities != nil && !slices.Contains(w.abilities, ability) {
		return skip("GET /options does not list the ability %q", ability)
	}
	return nil
}
