package chaos

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

// parcelsID is the service of the app that hears of its own service alone.
const parcelsID = 77

// record is what the feed has of an order, and how it arrived.
type record struct {
	told
	of map[string]*subscription
}

// goodRecord has everything arrive, some of it twice.
func goodRecord() *record {
	r := &record{told: told{dead: map[*subscription][]int64{}}, of: map[string]*subscription{}}
	for _, l := range listeners() {
		l.secrets = []string{"old", "new"}
		if l.name == parcels {
			l.services = []fulfillment.ID{parcelsID}
		}
		for _, w := range l.wants {
			s := &subscription{wanted: w, by: l, since: 1, receiver: new(receiver)}
			r.subscriptions, r.of[w.name] = append(r.subscriptions, s), s
		}
	}
	news := func(status fulfillment.EventStatus) *fulfillment.Details {
		return &fulfillment.Details{Event: &fulfillment.FulfillmentEvent{Status: status}}
	}
	there := &fulfillment.Details{ServiceID: parcelsID}
	r.happens(11, 1, fulfillment.TopicRoutingComplete, nil)
	r.happens(11, 2, fulfillment.TopicRoutingComplete, nil)
	r.happens(12, 1, fulfillment.TopicRoutingComplete, there)
	r.happens(0, 1, fulfillment.TopicOrderUpdated, nil)
	r.happens(0, 2, fulfillment.TopicOrderUpdated, nil)
	r.happens(11, 3, fulfillment.TopicEventCreated, news(fulfillment.EventDelivered))
	r.happens(11, 4, fulfillment.TopicEventCreated, news(fulfillment.EventInTransit))
	r.happens(11, 5, fulfillment.TopicEventCreated, news(fulfillment.EventInTransit))
	r.happens(12, 2, fulfillment.TopicHoldAdded, there)
	r.happens(12, 3, fulfillment.TopicMoved, &fulfillment.Details{
		From: &fulfillment.AssignedLocation{ServiceID: parcelsID}, To: &fulfillment.AssignedLocation{},
	})
	r.arrives("orders", 4, false)
	r.arrives("orders", 4, true)
	r.arrives("routed-here", 2, true)
	r.arrives("routed-there", 3, true)
	r.arrives("orders", 4, true)
	r.arrives("orders", 5, true)
	r.arrives("orders", 4, true)
	r.arrives("news", 7, true)
	r.arrives("news", 8, true)
	r.arrives("holds", 9, true)
	r.arrives("moved", 10, true)
	return r
}

func (r *record) happens(of fulfillment.ID, sequence int64, topic string, details any) {
	e := &fulfillment.Event{
		Topic: topic, OrderID: 1, FulfillmentOrderID: of, Sequence: sequence, At: time.Unix(sequence, 0),
	}
	if d, ok := details.(*fulfillment.Details); ok {
		e.Details = d
	}
	r.events = append(r.events, heard{e, int64(len(r.events) + 1)})
}

// arrives has an event arrive as it should; what is changed is not what is signed.
func (r *record) arrives(name string, position int64, taken bool, change ...func(*arrival)) {
	s := r.of[name]
	a := arrival{to: s, taken: taken, header: http.Header{}, body: fmt.Sprintf(`{"position":%d}`, position)}
	a.header.Set("Packhorse-Position", fmt.Sprint(position))
	if int(position) <= len(r.events) {
		a.header.Set("Packhorse-Sequence", r.events[position-1].sequence())
		a.header.Set("X-Shopify-Topic", r.events[position-1].Topic)
	}
	a.header.Set("X-Shopify-Webhook-Id", fmt.Sprint(name, position))
	a.header.Set("Webhook-Id", fmt.Sprint(name, position))
	for _, one := range change {
		one(&a)
	}
	a.sign("old", "new")
	r.arrivals = append(r.arrivals, a)
}

func (a *arrival) sign(shopify, standard string) {
	a.header.Set("X-Shopify-Hmac-Sha256", signature(shopify, a.body))
	a.header.Set("Webhook-Timestamp", "1")
	a.header.Set("Webhook-Signature", "v1,"+signature("other", "")+" v1,"+
		signature(standard, a.header.Get("Webhook-Id")+".1."+a.body))
}

// find is the n-th request of a subscription.
func (r *record) find(name string, n int) *arrival {
	for i := range r.arrivals {
		if r.arrivals[i].to == r.of[name] {
			if n--; n < 0 {
				return &r.arrivals[i]
			}
		}
	}
	return nil
}

// poisons has the first event about the order never be taken, and be given up.
func (r *record) poisons() {
	s := r.of["orders"]
	r.arrivals = slices.DeleteFunc(r.arrivals, func(a arrival) bool { return a.to == s })
	r.arrives("orders", 4, false)
	r.arrives("orders", 4, false)
	s.receiver.poison = *r.find("orders", 0)
	r.dead[s] = []int64{4}
	r.arrives("orders", 5, true, func(a *arrival) { a.header.Set("Packhorse-Skipped", "3, 4") })
}

func (r *record) drop(name string, position int64) {
	r.arrivals = slices.DeleteFunc(r.arrivals, func(a arrival) bool {
		return a.to == r.of[name] && a.position() == position
	})
}

// TestWebhooksOfAGoodRun: nothing is wrong with them, and every promise was looked at.
func TestWebhooksOfAGoodRun(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*record){
		"all arrives":             func(*record) {},
		"one is never taken":      (*record).poisons,
		"one of the lost came":    func(r *record) { lose(r, 15); r.arrives("orders", 12, true, asOrder) },
		"one of the lost is back": func(r *record) { lose(r, 11); r.arrives("orders", 5, true) },
	} {
		r := goodRecord()
		change(r)
		for _, a := range r.check() {
			if a.Checked == 0 || len(a.Violations) > 0 {
				t.Errorf("%s: %s: checked %d times, and %v", name, a.Name, a.Checked, a.Violations)
			}
		}
	}
}

// lose has the feed say that it has lost what came after position 10.
func lose(r *record, to int64) { r.gaps = []fulfillment.FeedGap{{After: 10, To: to}} }

func asOrder(a *arrival) { a.header.Set("X-Shopify-Topic", fulfillment.TopicOrderUpdated) }

// TestWebhooksOfABadRun: each promise is found broken where it is, and no other.
func TestWebhooksOfABadRun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		promise string
		change  func(*record)
	}{
		"an event never arrives":  {promiseTold, func(r *record) { r.drop("routed-there", 3) }},
		"one is refused for ever": {promiseTold, func(r *record) { r.find("holds", 0).taken = false }},
		"one is given up in vain": {promiseTold, func(r *record) { r.dead[r.of["moved"]] = []int64{10} }},
		"what is never taken waits": {promiseTold, func(r *record) {
			r.poisons()
			delete(r.dead, r.of["orders"])
		}},
		"nobody says what was given up": {promiseTold, func(r *record) {
			r.poisons()
			r.find("orders", 2).header.Set("Packhorse-Skipped", "3")
		}},
		"one is only in what was lost": {promiseTold, func(r *record) { lose(r, 15); r.drop("moved", 10) }},
		"an order's events change places": {promiseInTurn, func(r *record) {
			r.drop("news", 7)
			r.arrives("news", 7, true)
		}},
		"a fulfillment order's sequence goes back": {promiseInTurn, func(r *record) {
			r.events[7].Sequence = 4
			r.find("news", 1).header.Set("Packhorse-Sequence", "4.0")
		}},
		"a position is given twice": {promiseInTurn, func(r *record) {
			lose(r, 11)
			r.find("holds", 0).header.Set("Packhorse-Sequence", "9.0")
		}},
		"a repeated one has another body": {promiseBytes, func(r *record) {
			r.arrives("holds", 9, true, func(a *arrival) { a.body += " " })
		}},
		"two events share an ID": {promiseBytes, func(r *record) {
			r.arrives("orders", 5, true, func(a *arrival) {
				a.body = r.find("orders", 0).body
				a.header.Set("X-Shopify-Webhook-Id", "orders4")
			})
		}},
		"Shopify's signature is somebody else's": {
			promiseSigned, func(r *record) { r.find("holds", 0).sign("other", "new") },
		},
		"the other signature is somebody else's": {
			promiseSigned, func(r *record) { r.find("holds", 0).sign("new", "other") },
		},
		"an app hears of what another one ships":  {promiseHearing, func(r *record) { r.arrives("routed-here", 3, false) }},
		"an app hears of what the merchant ships": {promiseHearing, func(r *record) { r.arrives("routed-there", 2, false) }},
		"a filter lets everything through":        {promiseHearing, func(r *record) { r.arrives("news", 6, false) }},
		"it is another topic":                     {promiseHearing, func(r *record) { r.arrives("news", 4, false) }},
		"it is from before":                       {promiseHearing, func(r *record) { r.arrives("routed-here", 1, false) }},
		"it is in no feed": {
			promiseHearing, func(r *record) { r.arrives("orders", 11, true, asOrder) },
		},
		"it is beyond what was lost": {
			promiseHearing, func(r *record) { lose(r, 15); r.arrives("orders", 15, true, asOrder) },
		},
	} {
		r := goodRecord()
		test.change(r)
		for _, a := range r.check() {
			if (len(a.Violations) > 0) != (a.Name == test.promise) {
				t.Errorf("%s: %s: %v", name, a.Name, a.Violations)
			}
		}
	}
}
