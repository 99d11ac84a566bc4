package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/easypost/easyposttest"
)

// labelMaker is EasyPost, which sells labels to two services with one account, and the carriers behind it.
type labelMaker struct {
	*front
	fake     *easyposttest.Server
	services []fulfillment.Service // one that ships with the label, and one that ships with the first scan

	mu    sync.Mutex // held by each call and each scan: a carrier takes no parcel whose label is void
	scans map[string][]fulfillment.EventStatus
	last  map[string]time.Time // of a scan, or of the purchase, by tracking number
}

// labelSecret is that of EasyPost's webhooks.
const labelSecret = "chaos of labels"

// labelFiles is where EasyPost keeps its labels.
const labelFiles = "https://easypost-files.s3.us-west-2.amazonaws.com"

// callPatience is how long Packhorse waits for an answer of these systems.
const callPatience = 2 * time.Second

func openLabels() (*labelMaker, error) {
	m := &labelMaker{
		fake: easyposttest.NewHandler(), scans: map[string][]fulfillment.EventStatus{}, last: map[string]time.Time{},
	}
	var err error
	m.front, err = openFront(onLabels, http.HandlerFunc(m.answerCall), callPatience)
	if err != nil {
		return nil, err
	}
	m.rewrite = func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(labelFiles), []byte(m.url))
	}
	return m, nil
}

func (m *labelMaker) answerCall(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/files/") {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write([]byte("\x89PNG\r\n\x1a\n" + r.URL.Path))
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pass()
	if id, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/v2/shipments/"), "/refund"); ok && m.moves(id) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"error":{"code":"SHIPMENT.REFUND.UNAVAILABLE","message":"It is on its way."}}`)
		return
	}
	m.fake.ServeHTTP(w, r)
}

// moves tells whether a carrier has the shipment with this ID: its label is not taken back.
func (m *labelMaker) moves(id string) bool {
	return slices.ContainsFunc(m.fake.Shipments(), func(sh easyposttest.Shipment) bool {
		return sh.ID == id && moved(m.scans[sh.TrackingCode])
	})
}

// moved tells whether a carrier has the parcel.
func moved(scans []fulfillment.EventStatus) bool {
	return slices.ContainsFunc(scans, func(e fulfillment.EventStatus) bool { return e != fulfillment.EventConfirmed })
}

// pass lets EasyPost's time be ours. Refunds are not decided in so short a time.
func (m *labelMaker) pass() { m.fake.Advance(time.Since(m.fake.Now())) }

// list is the services that are to be added to the shop.
func (m *labelMaker) list() []fulfillment.Service {
	options := func(ship easypost.ShipPolicy) map[string]any {
		return map[string]any{
			"ship": string(ship), "defaultGrams": 300, "pollEvery": "2s", "from": map[string]any{
				"company": "Chaos", "address1": "Rua do Caos 1", "city": "São Paulo", "countryCode": "BR",
			},
		}
	}
	return []fulfillment.Service{
		{
			Name: "Labels", Provider: easypost.ID, Options: options(easypost.ShipAtOnce),
			AcceptWithin: fulfillment.Duration(20 * time.Second), AcceptPolicy: fulfillment.AcceptHold,
		},
		{Name: "Labels on the way", Provider: easypost.ID, Options: options(easypost.ShipOnFirstScan)},
	}
}

// way is a parcel's way, as a carrier tells it, and what each step means.
var way = []struct {
	status, detail string
	means          fulfillment.EventStatus
}{
	{"pre_transit", "status_update", fulfillment.EventConfirmed},
	{"in_transit", "received_at_origin_facility", fulfillment.EventCarrierPickedUp},
	{"in_transit", "arrived_at_facility", fulfillment.EventInTransit},
	{"out_for_delivery", "out_for_delivery", fulfillment.EventOutForDelivery},
	{"delivered", "arrived_at_destination", fulfillment.EventDelivered},
}

// apart is how far apart a parcel's steps are at least: carriers tell seconds.
const apart = 1100 * time.Millisecond

// live has people give parcels to carriers, as soon as they know that they may, and tells how far they are: by an event
// that comes twice, or not at all.
func (m *labelMaker) live(ctx, telling context.Context, rng *rand.Rand, h *herald, knows accepts) {
	for sleep(ctx, time.Duration(rng.Int64N(int64(pace)))) {
		if body := m.step(ctx, rng, knows); body != nil && chance(rng, 0.7) {
			for _, s := range m.services { // Each event goes to all addresses of the account.
				h.tell(telling, labelLetter(s.ID, body))
			}
		}
	}
}

// step has one of the parcels be scanned, and gives the event that tells of it; nil: none.
func (m *labelMaker) step(ctx context.Context, rng *rand.Rand, knows accepts) []byte {
	number, reference, goes := m.draw(rng)
	if number == "" || !goes && !knows(ctx, reference) {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, sh := range m.fake.Shipments() {
		if sh.TrackingCode == number && sh.RefundStatus == "" {
			return m.scan(number)
		}
	}
	return nil // It was given back meanwhile.
}

// draw is a parcel that may be scanned next, with its request, and whether it was scanned before; "": there is none.
func (m *labelMaker) draw(rng *rand.Rand) (number, reference string, goes bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ready []easyposttest.Shipment
	for _, sh := range m.fake.Shipments() {
		number := sh.TrackingCode
		if number == "" || sh.RefundStatus != "" || len(m.scans[number]) == len(way) {
			continue
		}
		if m.last[number].IsZero() {
			m.last[number] = time.Now()
		}
		if time.Since(m.last[number]) > apart {
			ready = append(ready, sh)
		}
	}
	if len(ready) == 0 {
		return "", "", false
	}
	sh := oneOf(rng, ready)
	return sh.TrackingCode, sh.Reference, moved(m.scans[sh.TrackingCode])
}

// scan has a parcel take its next step.
func (m *labelMaker) scan(number string) []byte {
	m.pass()
	next := way[len(m.scans[number])]
	m.scans[number] = append(m.scans[number], next.means)
	m.last[number] = time.Now()
	return m.fake.Scan(number, easyposttest.Scan{
		Status: next.status, Detail: next.detail, Message: "Seen.", City: "Campinas", Country: "BR",
	})
}

func labelLetter(service fulfillment.ID, body []byte) letter {
	var event struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(body, &event) // It is one.
	return letter{
		provider: easypost.ID, service: service, key: event.ID, body: body,
		sign: func(header http.Header, _ time.Time) {
			header.Set("X-Hmac-Signature", easypost.Sign(labelSecret, body))
		},
	}
}
