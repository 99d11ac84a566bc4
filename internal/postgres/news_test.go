package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
)

// courier is a service that tells news, and its location.
func (b *book) courier() fulfillment.AssignedLocation {
	b.t.Helper()
	s, err := b.AddService(b.t.Context(), fulfillment.Service{Name: "Courier", Provider: "courier"})
	if err != nil {
		b.t.Fatal(err)
	}
	return fulfillment.AssignedLocation{
		LocationID: s.LocationID, Name: s.Name, ServiceID: s.ID, ServiceName: s.Name, Provider: s.Provider,
	}
}

// couriers are so many services of the provider.
func (b *book) couriers(n int) {
	b.t.Helper()
	for i := range n {
		if _, err := b.AddService(
			b.t.Context(), fulfillment.Service{Name: fmt.Sprintf("Courier %d", i), Provider: "courier"},
		); err != nil {
			b.t.Fatal(err)
		}
	}
}

// shipTo commits a shipment with a tracking number.
func (b *book) shipTo(at fulfillment.AssignedLocation, number string) *fulfillment.FulfillmentOrder {
	b.t.Helper()
	_, fos := b.create(at)
	c := b.decide(fos[0], &fulfillment.SubmitFulfillmentRequest{}, &fulfillment.AcceptFulfillmentRequest{},
		&fulfillment.CreateFulfillment{Tracking: &fulfillment.TrackingInput{Company: "USPS", Number: number}})
	if _, err := b.Commit(b.t.Context(), c); err != nil {
		b.t.Fatal(err)
	}
	return c.State
}

// scan is news of a parcel.
func scan(at fulfillment.AssignedLocation, key, number string) news.Item {
	return news.Item{
		Provider: at.Provider, ServiceID: at.ServiceID, Key: key, Source: news.FromDelivery, ReceivedAt: testStart,
		About: news.Subject{TrackingNumber: number}, Verb: fulfillment.VerbRecordEvent, Payload: []byte(`{}`),
	}
}

// claim takes all news that is due.
func (b *book) claim() []news.Item {
	b.t.Helper()
	items, err := b.ClaimNews(b.t.Context(), time.Minute, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	return items
}

// TestParcels: numbers are compared as carriers mean them, and only those of the service count.
func TestParcels(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	at := b.courier()
	for number, same := range map[string][]string{
		"9261 2901 1318 5417 4685 10": {
			"9261290113185417468510", "420102829261290113185417468510", "4201028200009261290113185417468510",
			" 9261-2901-1318-5417-4685-10\n",
		},
		"1ls7119013618127-1": {"1LS7119013618127-1", "1LS71190136181271"},
	} {
		fo := b.shipTo(at, number)
		for _, spelt := range same {
			parcels, err := b.Parcels(t.Context(), at.ServiceID, spelt)
			if err != nil || len(parcels) != 1 || parcels[0].FulfillmentID != fo.Fulfillments[0].ID ||
				parcels[0].FulfillmentOrderID != fo.ID || parcels[0].Company != "USPS" {
				t.Errorf("%q: %+v, %v", spelt, parcels, err)
			}
			if others, err := b.Parcels(t.Context(), 1, spelt); err != nil || len(others) != 0 {
				t.Errorf("%q of another service: %+v, %v", spelt, others, err)
			}
		}
	}
	for _, other := range []string{"", "-", "1LS7119013618127", "92612901131854174685", "420102820000926129011318541746851"} {
		if parcels, err := b.Parcels(t.Context(), at.ServiceID, other); err != nil || len(parcels) != 0 {
			t.Errorf("%q: %+v, %v", other, parcels, err)
		}
	}
}

// TestNewsIsKeptOnce, claimed by one at a time, and noted by the last one who has claimed it.
func TestNewsIsKeptOnce(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	at := b.courier()
	for range 2 {
		if err := b.KeepNews(t.Context(), []news.Item{scan(at, "a", "1"), scan(at, "b", "1"), scan(at, "a", "2")}); err != nil {
			t.Fatal(err)
		}
	}
	first := b.claim()
	if len(first) != 2 || len(b.claim()) != 0 {
		t.Fatalf("claimed are %+v, and more", first)
	}
	if _, err := b.pool.Exec(t.Context(), `UPDATE news SET next_at = now()`); err != nil { // The lease has ended.
		t.Fatal(err)
	}
	second := b.claim()
	if len(second) != 2 {
		t.Fatalf("%d are taken over", len(second))
	}
	first[0].State, second[0].State = news.Refused, news.Done
	if err := b.NoteNews(t.Context(), second[0], -1); err != nil {
		t.Error(err)
	}
	if err := b.NoteNews(t.Context(), first[0], -1); !errors.Is(err, fulfillment.ErrStale) {
		t.Errorf("who has lost it notes something: %v", err)
	}
	if item, err := b.NewsItem(t.Context(), second[0].ID); err != nil || item.State != news.Done || item.NextAt != nil {
		t.Errorf("%+v, %v", item, err)
	}
}

// TestUnknownNewsIsWoken when a shipment of the service gets the number, or the service's name of it is known, and not
// by anything else.
func TestUnknownNewsIsWoken(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	at := b.courier()
	named := scan(at, "named", "")
	named.About = news.Subject{Shipment: "shp_1"}
	if err := b.KeepNews(t.Context(), []news.Item{scan(at, "numbered", "1Z 7"), named}); err != nil {
		t.Fatal(err)
	}
	wait := func() {
		for _, item := range b.claim() {
			item.State = news.Unmatched
			if err := b.NoteNews(t.Context(), item, time.Hour); err != nil {
				t.Fatal(err)
			}
		}
	}
	wait()
	fo := b.shipTo(at, "1Z8")
	if woken := b.claim(); len(woken) != 0 {
		t.Errorf("another number wakes %+v", woken)
	}
	b.shipTo(at, "1z7")
	if woken := b.claim(); len(woken) != 1 || woken[0].Key != "numbered" {
		t.Errorf("the number wakes %+v", woken)
	}
	target := news.Target{FulfillmentOrderID: fo.ID, FulfillmentID: fo.Fulfillments[0].ID}
	if err := b.NameSubject(t.Context(), at.ServiceID, news.ShipmentName("shp_1"), target); err != nil {
		t.Fatal(err)
	}
	if woken := b.claim(); len(woken) != 1 || woken[0].Key != "named" {
		t.Errorf("the name wakes %+v", woken)
	}
	if found, err := b.Named(t.Context(), at.ServiceID, news.ShipmentName("shp_1")); err != nil || len(found) != 1 ||
		found[0] != target {
		t.Errorf("it is the name of %+v, %v", found, err)
	}
}

// TestPollsAreFenced: one asks at a time, and only the last one who began keeps what came, with the cursor.
func TestPollsAreFenced(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	at := b.courier()
	claim := func() []news.Poll {
		polls, err := b.ClaimPolls(t.Context(), []string{"courier"}, time.Minute, 10)
		if err != nil {
			t.Fatal(err)
		}
		return polls
	}
	first := claim()
	if len(first) != 1 || first[0].Cursor != "" || len(claim()) != 0 {
		t.Fatalf("%+v, and more", first)
	}
	if _, err := b.pool.Exec(t.Context(), `UPDATE news_polls SET next_at = now()`); err != nil { // The lease has ended.
		t.Fatal(err)
	}
	second := claim()
	late := b.EndPoll(t.Context(), first[0], []news.Item{scan(at, "late", "1")}, "late", 0)
	if !errors.Is(late, fulfillment.ErrStale) || len(b.claim()) != 0 {
		t.Errorf("who is late keeps something: %v", late)
	}
	if err := b.EndPoll(t.Context(), second[0], []news.Item{scan(at, "in time", "1")}, "7", 0); err != nil {
		t.Fatal(err)
	}
	if third := claim(); len(third) != 1 || third[0].Cursor != "7" || len(b.claim()) != 1 {
		t.Errorf("then it is asked %+v", third)
	}
}

// TestPollsKeepToTheRate of a provider's system, however many workers ask, and however often. Each service has its
// turn.
func TestPollsKeepToTheRate(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.couriers(3)
	const rate, workers, polls = 8, 4, 24
	ctx, enough := context.WithCancel(t.Context())
	defer enough()
	var mu sync.Mutex
	asked := map[fulfillment.ID]int{}
	var failed error
	var group sync.WaitGroup
	started := time.Now()
	count := 0
	for range workers {
		group.Go(func() {
			for ctx.Err() == nil {
				claimed, err := b.ClaimRatedPolls(ctx, "courier", rate, time.Minute, 10)
				for _, p := range claimed {
					err = errors.Join(err, b.EndPoll(ctx, p, nil, "", 0)) // It has more to say.
				}
				mu.Lock()
				for _, p := range claimed {
					asked[p.ServiceID]++
				}
				if count += len(claimed); ctx.Err() == nil && (count >= polls || err != nil) {
					failed = err
					enough()
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if failed != nil {
		t.Fatal(failed)
	}
	if most := 1 + rate*(time.Since(started)+2*time.Second).Seconds(); float64(count) > most {
		t.Errorf("%d polls in %s, at most %.1f are borne", count, time.Since(started), most)
	}
	if len(asked) != 3 {
		t.Errorf("only these were asked: %v", asked)
	}
}

// TestPollsOfNobodyCostNothing: what is not due takes nothing of the rate.
func TestPollsOfNobodyCostNothing(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	claim := func() int {
		claimed, err := b.ClaimRatedPolls(t.Context(), "courier", 1e-6, time.Hour, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(claimed)
	}
	if n := claim(); n != 0 {
		t.Fatalf("%d services are asked, and there is none", n)
	}
	b.couriers(2)
	if first, second := claim(), claim(); first != 1 || second != 0 {
		t.Errorf("%d and then %d services are asked, want one in eleven days", first, second)
	}
}

// TestOldNewsGoes: deliveries and what is over are deleted, what nobody knew is given up, and the rest stays.
func TestOldNewsGoes(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	at := b.courier()
	d := news.Delivery{Provider: at.Provider, ServiceID: at.ServiceID, Key: "m1", Body: []byte("{}"), ReceivedAt: testStart}
	for _, want := range []bool{false, true} {
		if repeated, err := b.KeepDelivery(t.Context(), d); err != nil || repeated != want {
			t.Errorf("repeated is %v, %v", repeated, err)
		}
	}
	told := []news.Item{scan(at, "done", "1"), scan(at, "unknown", "2"), scan(at, "waits", "3")}
	if err := b.KeepNews(t.Context(), told); err != nil {
		t.Fatal(err)
	}
	if _, err := b.pool.Exec(t.Context(), `
UPDATE news SET state = CASE key WHEN 'done' THEN 'DONE' WHEN 'unknown' THEN 'UNMATCHED' ELSE state END,
	finished_at = CASE key WHEN 'done' THEN received_at END`); err != nil {
		t.Fatal(err)
	}
	more, err := b.TrimNews(t.Context(), news.Retention)
	if err != nil || more {
		t.Errorf("more: %v, %v", more, err)
	}
	left, err := b.NewsList(t.Context(), NewsFilter{}, Page{})
	if err != nil || len(left.Items) != 2 || left.Items[0].State != news.Ignored || left.Items[1].State != news.Pending {
		t.Errorf("left are %+v, %v", left.Items, err)
	}
	if page, err := b.NewsDeliveries(t.Context(), DeliveryFilter{}, Page{}); err != nil || len(page.Items) != 0 {
		t.Errorf("left are %+v, %v", page.Items, err)
	}
}
