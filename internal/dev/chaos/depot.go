package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/shipbob"
	"packhorse/internal/provider/shipbob/shipbobtest"
)

// depot is ShipBob, with the people who pack and the carriers behind it.
type depot struct {
	*front
	fake    *shipbobtest.Server
	service fulfillment.Service

	mu      sync.Mutex
	gaveUp  map[string]bool // orders that it cancelled by itself, by reference
	letters int
}

// How far ShipBob's lists lag behind, and how far Packhorse thinks they do: a call that comes when nobody waits for it
// any more is in it.
const (
	depotLags    = time.Second
	depotSettles = 6 * time.Second
)

func openDepot() (*depot, error) {
	d := &depot{fake: shipbobtest.New(nil), gaveUp: map[string]bool{}}
	d.fake.Lag = depotLags
	var err error
	d.front, err = openFront(onDepot, d.fake.Handler(), callPatience)
	return d, err
}

// list is the service that is to be added to the shop.
func (d *depot) list() []fulfillment.Service {
	return []fulfillment.Service{
		{Name: "Depot", Provider: shipbob.ID, Options: map[string]any{"pollEvery": "15s"}},
	}
}

// ride is a parcel's way once it has left, as a carrier tells it.
var ride = []struct {
	status string
	means  fulfillment.EventStatus
}{
	{"InTransit", fulfillment.EventInTransit}, {"OutForDelivery", fulfillment.EventOutForDelivery},
	{"Delivered", fulfillment.EventDelivered},
}

// live has people pack and carriers carry. ShipBob tells of some of it, by webhooks that come twice; the rest has to be
// asked for.
func (d *depot) live(ctx, telling context.Context, rng *rand.Rand, h *herald, knows accepts) {
	for sleep(ctx, time.Duration(rng.Int64N(int64(pace)))) {
		orders := d.fake.All()
		if len(orders) == 0 {
			continue
		}
		o := orders[len(orders)-1-rng.IntN(min(len(orders), 40))]
		if topic := d.step(ctx, rng, o, knows); topic != "" && chance(rng, 0.7) {
			d.tell(telling, h, topic, o.Reference)
		}
	}
}

// step does the next thing to an order, and gives the topic of the webhook that tells of it; "": there is none.
func (d *depot) step(ctx context.Context, rng *rand.Rand, o shipbobtest.Order, knows accepts) (topic string) {
	n := rng.IntN(len(o.Shipments))
	sh := o.Shipments[n]
	made, changed := d.fake.Age(o.Reference, n)
	switch {
	case made < 3*time.Second || changed < apart:
	case sh.Status == "Processing" && chance(rng, 0.1):
		if d.fake.GiveUp(o.Reference) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.gaveUp[o.Reference] = true
			return "order.shipment.cancelled"
		}
	case sh.Status == "Processing":
		if !knows(ctx, o.Reference) {
			return ""
		}
		numbers := []string{numberAt(o, 0)}
		if chance(rng, 0.3) {
			numbers[0] = "" // It comes later.
		}
		if chance(rng, 0.4) {
			numbers = append(numbers, numberAt(o, 1))
		}
		if d.fake.Pack(o.Reference, numbers...) {
			return "order.shipped"
		}
	case sh.Status == "LabeledCreated":
		if d.fake.Leave(o.Reference, n, numberAt(o, n)) {
			return "order.shipped"
		}
	case sh.Status == "Completed" && len(sh.Scans) < len(ride):
		next := ride[len(sh.Scans)]
		d.fake.Scan(o.Reference, n, shipbobtest.Scan{Status: next.status, Message: "Seen.", Location: "Campinas, SP"})
		if next.means == fulfillment.EventDelivered {
			return "order.shipment.delivered"
		}
	}
	return ""
}

// numberAt is the tracking number of an order's n-th parcel.
func numberAt(o shipbobtest.Order, n int) string { return fmt.Sprintf("SB%d%d", o.ID, n) }

func (d *depot) tell(ctx context.Context, h *herald, topic, reference string) {
	d.mu.Lock()
	d.letters++
	id := fmt.Sprintf("msg_%d", d.letters)
	d.mu.Unlock()
	_, body := d.fake.Webhook(id, topic, reference, time.Now())
	h.tell(ctx, letter{
		provider: shipbob.ID, service: d.service.ID, key: id, body: body,
		sign: func(header http.Header, at time.Time) {
			for name, values := range shipbobtest.Sign(id, topic, body, at) {
				header[name] = values
			}
		},
	})
}
