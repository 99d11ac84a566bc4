package inbox_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/paper"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/worker/workertest"
)

// TestNewsIsToldOnce: what the system of a service sends reaches the shipment with the number, once, however often it
// is sent and in whatever delivery.
func TestNewsIsToldOnce(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	id, shipment := p.shipped("1Z 999 AA1")
	event := told{ID: "evt_1", Number: "1z999aa1", Status: fulfillment.EventInTransit}
	p.sendAs("first", event)
	p.sendAs("first", event)
	p.sendAs("second", event)
	item := p.become(news.Done, 1)[0]
	if item.FulfillmentOrderID != id || len(item.Targets) != 1 || item.Targets[0].FulfillmentID != shipment {
		t.Errorf("it was told to %d, %v", item.FulfillmentOrderID, item.Targets)
	}
	if events := p.events(id); len(events) != 1 || events[0].Status != fulfillment.EventInTransit {
		t.Errorf("the shipment has %+v", events)
	}
	if fo := p.Load(id); fo.Fulfillments[0].DisplayStatus != fulfillment.DisplayStatus(fulfillment.EventInTransit) {
		t.Errorf("it is %s", fo.Fulfillments[0].DisplayStatus)
	}
}

// TestUnknownNumberWaits for the shipment that gets it, and nobody has to ask for it.
func TestUnknownNumberWaits(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.send(told{ID: "evt_1", Number: "1Z7", Carrier: "UPS®", Status: fulfillment.EventInTransit})
	p.become(news.Unmatched, 1)
	id, _ := p.shipped("1Z 7")
	p.become(news.Done, 1)
	if events := p.events(id); len(events) != 1 {
		t.Errorf("the shipment has %+v", events)
	}
}

// TestShuffledNewsEndsTheSame: however often and in whatever order the news of a parcel comes, the shipment ends with
// the same events and the same status, which is that of what happened last.
func TestShuffledNewsEndsTheSame(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	at := func(minutes int) *time.Time {
		return new(time.Now().UTC().Truncate(time.Second).Add(time.Duration(minutes-60) * time.Minute))
	}
	happened := []told{
		{ID: "a", Status: fulfillment.EventConfirmed, At: at(0)},
		{ID: "b", Status: fulfillment.EventCarrierPickedUp, At: at(10)},
		{ID: "c", Status: fulfillment.EventInTransit, At: at(20)},
		{ID: "d", Status: fulfillment.EventDelayed, At: at(30)},
		{ID: "e", Status: fulfillment.EventOutForDelivery, At: at(40)},
	}
	var ends []string
	for n, order := range [][]int{{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 0, 4, 2, 1, 3, 4, 0}} {
		number := fmt.Sprintf("1Z%d", n)
		id, _ := p.shipped(number)
		for _, i := range order {
			event := happened[i]
			event.ID, event.Number = number+"/"+event.ID, number
			p.send(event)
		}
		p.become(news.Done, len(happened)*(n+1))
		fo := p.Load(id)
		var events []string
		for _, e := range fo.Fulfillments[0].Events {
			events = append(events, string(e.Status))
		}
		slices.Sort(events)
		ends = append(ends, fmt.Sprintf("%s %v", fo.Fulfillments[0].DisplayStatus, events))
	}
	want := "OUT_FOR_DELIVERY [CARRIER_PICKED_UP CONFIRMED DELAYED IN_TRANSIT OUT_FOR_DELIVERY]"
	for _, end := range ends {
		if end != want {
			t.Errorf("one ends as %s, want %s", end, want)
		}
	}
}

// TestClocksAhead: news that seems to be of the year 2099 is taken, and what happens after it shows.
func TestClocksAhead(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	id, _ := p.shipped("1Z8")
	far := time.Date(2099, 1, 2, 3, 4, 5, 0, time.UTC)
	p.send(told{ID: "far", Number: "1Z8", Status: fulfillment.EventInTransit, At: &far})
	item := p.become(news.Done, 1)[0]
	if !strings.Contains(string(item.Payload), "2099-01-02T03:04:05Z") {
		t.Errorf("what the carrier said is lost: %s", item.Payload)
	}
	p.send(told{ID: "now", Number: "1Z8", Status: fulfillment.EventOutForDelivery})
	p.become(news.Done, 2)
	if f := p.Load(id).Fulfillments[0]; f.DisplayStatus != fulfillment.DisplayStatus(fulfillment.EventOutForDelivery) {
		t.Errorf("it is %s: %+v", f.DisplayStatus, f.Events)
	}
}

// TestNewsAfterAVoid is told, and a person is told once of each shipment whose parcel moves, whoever says so.
func TestNewsAfterAVoid(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	alerted := func(n int, of fulfillment.ID) {
		t.Helper()
		var alerts []news.Item
		for _, item := range p.become(news.Done, n) {
			if item.Alert != "" && item.ToldTo(of) {
				alerts = append(alerts, item)
			}
		}
		if len(alerts) != 1 || alerts[0].Alert != news.AfterVoid || alerts[0].Provider != courierID ||
			!strings.Contains(alerts[0].Reason, "moves") {
			t.Errorf("the alerts of shipment %s are %+v", of, alerts)
		}
	}
	id, shipment := p.shipped("1Z5")
	p.send(event("label", "1Z5", fulfillment.EventLabelPurchased), event("early", "1Z5", fulfillment.EventInTransit))
	p.become(news.Done, 2)
	p.Send(id, &fulfillment.CancelFulfillment{FulfillmentID: shipment})
	p.send(event("announced", "1Z5", fulfillment.EventConfirmed))
	p.become(news.Done, 3)
	p.send(event("scan", "1Z5", fulfillment.EventOutForDelivery), event("end", "1Z5", fulfillment.EventDelivered))
	alerted(6, shipment)
	if f := p.Load(id).Fulfillments[0]; f.Status != fulfillment.FulfillmentCancelled || len(f.Events) != 5 {
		t.Errorf("the shipment is %s with %+v", f.Status, f.Events)
	}

	other, shipment := p.shipped("1Z6")
	p.Send(other, &fulfillment.CancelFulfillment{FulfillmentID: shipment})
	for range 2 { // By the API, or on the command line.
		p.Send(other, &fulfillment.RecordEvent{FulfillmentID: shipment, Status: fulfillment.EventDelivered})
	}
	alerted(7, shipment)

	own := p.Order(p.Warehouse("Own").ID, 1)
	shipment = p.Send(own, &fulfillment.CreateFulfillment{}).FulfillmentID
	p.Send(own, &fulfillment.CancelFulfillment{FulfillmentID: shipment})
	p.Send(own, &fulfillment.RecordEvent{FulfillmentID: shipment, Status: fulfillment.EventDelivered})
	p.become(news.Done, 7)
}

func event(id, number string, status fulfillment.EventStatus) told {
	return told{ID: id, Number: number, Status: status}
}

// TestNotice: what asks for nothing and a person must see is an alert of the fulfillment order that it is about, once,
// and changes nothing there.
func TestNotice(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	id := p.accepted()
	before := p.Load(id).Sequence
	refused := told{ID: "refund", Reference: "W-" + id.String(), Notice: &provider.Notice{
		Kind: provider.RefundRefused, Message: "It was paid for.",
	}}
	p.sendAs("first", refused)
	p.sendAs("second", refused)
	item := p.become(news.Done, 1)[0]
	if item.Alert != news.RefundRefused || item.Reason != "It was paid for." || item.FulfillmentOrderID != id {
		t.Errorf("it became %+v", item)
	}
	if after := p.Load(id).Sequence; after != before {
		t.Errorf("the fulfillment order went from %d to %d", before, after)
	}
}

// TestPrintedLabel: the first print of a label is told to its shipment, and no other; also when the shipment comes
// later. A parcel that is further than its label stays where it is.
func TestPrintedLabel(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	label := func(id fulfillment.ID, number string) fulfillment.ID {
		t.Helper()
		if err := p.Store.KeepDocuments(t.Context(), []paper.Found{{Content: []byte("%PDF-1.7 " + number),
			Document: paper.Document{
				OrderID: p.Load(id).OrderID, FulfillmentOrderID: id, Provider: p.courier.ID(), BroughtBy: p.service.ID,
				RequestKey: fulfillment.EffectKey(id, 1), Kind: fulfillment.DocumentLabel, Name: "label-" + number,
				MediaType: paper.PDF, TrackingNumber: number,
			},
		}}); err != nil {
			t.Fatal(err)
		}
		list, err := p.Store.DocumentsOf(t.Context(), []fulfillment.ID{id})
		if err != nil || len(list[id]) == 0 {
			t.Fatalf("no document, %v", err)
		}
		return list[id][len(list[id])-1].ID
	}
	print := func(document fulfillment.ID) {
		t.Helper()
		if _, err := p.Store.PrintDocument(t.Context(), document, "operator"); err != nil {
			t.Fatal(err)
		}
	}
	id, _ := p.shipped("1Z1")
	p.send(told{ID: "bought", Number: "1Z1", Status: fulfillment.EventLabelPurchased})
	p.become(news.Done, 1)
	document := label(id, "1Z 1")
	for range 3 {
		print(document)
	}
	p.become(news.Done, 2)
	if f := p.Load(id).Fulfillments[0]; f.DisplayStatus != fulfillment.DisplayLabelPrinted || len(f.Events) != 2 {
		t.Errorf("it is %s with %+v", f.DisplayStatus, f.Events)
	}
	print(label(id, "1Z1")) // Another label of the shipment: it is known.
	p.become(news.Done, 3)
	if events := p.events(id); len(events) != 2 {
		t.Errorf("the shipment has %+v", events)
	}

	id, _ = p.shipped("1Z2")
	p.send(told{ID: "scan", Number: "1Z2", Status: fulfillment.EventInTransit})
	p.become(news.Done, 4)
	print(label(id, "1Z2"))
	p.become(news.Done, 5)
	if f := p.Load(id).Fulfillments[0]; len(f.Events) != 1 || f.DisplayStatus != fulfillment.DisplayStatus(fulfillment.EventInTransit) {
		t.Errorf("a parcel on its way is %s with %+v", f.DisplayStatus, f.Events)
	}

	id = p.accepted() // Its label is printed before it is shipped.
	print(label(id, "1Z3"))
	if waits := p.become(news.Unmatched, 1)[0]; !strings.HasPrefix(waits.Reason, "The label was printed before the shipment") {
		t.Errorf("it says %q", waits.Reason)
	}
	p.Send(id, &fulfillment.CreateFulfillment{Tracking: &fulfillment.TrackingInput{Number: "1Z3"}})
	p.become(news.Done, 6)
	if events := p.events(id); len(events) != 1 || events[0].Status != fulfillment.EventLabelPrinted {
		t.Errorf("the shipment has %+v", events)
	}

	for i, number := range []string{"", "1Z4"} { // The shipment has no number to tell it by.
		id = p.accepted()
		print(label(id, number))
		waits := p.become(news.Unmatched, 1)[0]
		p.Send(id, &fulfillment.CreateFulfillment{})
		if _, err := p.Store.ReplayNews(t.Context(), waits.ID, nil); err != nil { // As its next look does.
			t.Fatal(err)
		}
		p.become(news.Done, 7+i)
		if events := p.events(id); len(events) != 1 || events[0].Status != fulfillment.EventLabelPrinted {
			t.Errorf("the shipment without a number of a label with %q has %+v", number, events)
		}
	}
}

// TestRefusals: what is refused for good is kept with the code, and told again when somebody says so.
func TestRefusals(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	id := p.accepted()
	reference := "W-" + id.String()
	p.send(told{ID: "ships", Reference: reference, Ships: &fulfillment.TrackingInput{Number: "1Z1"}})
	p.become(news.Done, 1)
	p.send(told{ID: "ships again", Reference: reference, Ships: &fulfillment.TrackingInput{Number: "1Z2"}})
	item := p.become(news.Refused, 1)[0]
	if item.Code != fulfillment.CodeInvalidState || item.Reason == "" || item.FulfillmentOrderID != id {
		t.Errorf("it is refused with %q: %s", item.Code, item.Reason)
	}
	replayed, err := p.Store.ReplayNews(t.Context(), item.ID, nil)
	if err != nil || replayed.State != news.Pending {
		t.Fatalf("%+v, %v", replayed, err)
	}
	again := p.become(news.Refused, 1)[0]
	if again.Code != item.Code || len(p.Load(id).Fulfillments) != 1 {
		t.Errorf("told again it is %+v", again)
	}
}

// TestWhatIsNotUnderstoodIsSeen: a delivery of which nothing was made says why.
func TestWhatIsNotUnderstoodIsSeen(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	status, _, _ := deliver(t, p.door.URL+"/providers/courier/"+p.service.Handle, "m1", []byte(`"later"`))
	if status != http.StatusNoContent {
		t.Fatalf("it is answered %d", status)
	}
	workertest.WaitFor(t, "the reason", func() bool {
		page, err := p.Store.NewsDeliveries(t.Context(), postgres.DeliveryFilter{}, postgres.Page{})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Items) == 1 && page.Items[0].State == news.DeliveryDone &&
			page.Items[0].Reason == "later is of a kind that is not known here"
	})
}

// TestAnswersBringNews: what came with an answer is told once that is committed, and later news names the shipment as
// the system does.
func TestAnswersBringNews(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.courier.mu.Lock()
	p.courier.create = func(r provider.Request) (provider.Answer, error) {
		label := &fulfillment.CreateFulfillment{Lines: []fulfillment.Quantity{{ID: r.Lines[0].LineID, Quantity: 1}},
			Tracking: &fulfillment.TrackingInput{Company: "UPS", Number: "1Z3"},
		}
		return provider.Answer{Outcome: fulfillment.OutcomeAccepted, News: []provider.News{{
			ID: "shp_3", About: provider.Subject{Shipment: "shp_3"}, Command: label,
		}}}, nil
	}
	p.courier.mu.Unlock()
	p.send(told{ID: "bought", Shipment: "shp_3", Status: fulfillment.EventLabelPurchased})
	p.become(news.Unmatched, 1)
	id := p.Order(p.service.LocationID, 2)
	p.Send(id, &fulfillment.SubmitFulfillmentRequest{})
	p.become(news.Done, 2)
	p.send(told{ID: "bought, too", Shipment: "shp_3", Ships: &fulfillment.TrackingInput{Number: "1Z3"}})
	p.become(news.Done, 3)
	fo := p.Load(id)
	if len(fo.Fulfillments) != 1 || fo.Fulfillments[0].Tracking[0].Number != "1Z3" ||
		len(fo.Fulfillments[0].Events) != 1 {
		t.Errorf("it has %+v", fo.Fulfillments)
	}
}

// TestTakenBackIsNotShipped: what comes with the answer to a request that was taken back meanwhile is not told, neither
// at once nor when the units go on, because the service has let go of it.
func TestTakenBackIsNotShipped(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	slow := p.Service(fulfillment.Service{
		Name: "Slow courier", Provider: courierID, AcceptWithin: fulfillment.Duration(time.Second),
		AcceptPolicy: fulfillment.AcceptHold,
	})
	answer := make(chan struct{})
	p.courier.mu.Lock()
	p.courier.create = func(provider.Request) (provider.Answer, error) {
		<-answer
		return provider.Answer{Outcome: fulfillment.OutcomeAccepted, News: []provider.News{{
			ID: "shp_4", About: provider.Subject{Shipment: "shp_4"}, Command: &fulfillment.CreateFulfillment{},
		}}}, nil
	}
	p.courier.mu.Unlock()
	id := p.Order(slow.LocationID, 2)
	p.Send(id, &fulfillment.SubmitFulfillmentRequest{})
	p.Eventually(id, "being taken back", func(fo *fulfillment.FulfillmentOrder) bool {
		return slices.ContainsFunc(fo.Effects, func(e fulfillment.Effect) bool {
			return e.Kind == fulfillment.EffectWithdraw
		})
	})
	close(answer)
	p.Eventually(id, "taken back", func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.Status == fulfillment.StatusOnHold
	})
	if item := p.become(news.Refused, 1)[0]; item.Code != fulfillment.CodeInvalidState {
		t.Errorf("it is refused with %q: %s", item.Code, item.Reason)
	}
	p.Send(id, &fulfillment.ReleaseHold{})
	if _, err := p.Store.ReplayNews(t.Context(), p.become(news.Refused, 1)[0].ID, nil); err != nil {
		t.Fatal(err)
	}
	p.become(news.Refused, 1)
	if fo := p.Load(id); len(fo.Fulfillments) != 0 {
		t.Errorf("it has %+v", fo.Fulfillments)
	}
}

// TestPolls: a service is asked from the cursor on that it gave last, which is kept with what it told.
func TestPolls(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	id, _ := p.shipped("1Z4")
	cursors := make(chan string, 100)
	p.courier.mu.Lock()
	p.courier.polled = func(cursor string) ([]provider.News, string, bool, error) {
		select {
		case cursors <- cursor:
		default:
		}
		switch cursor {
		case "":
			return []provider.News{
				told{ID: "p1", Number: "1Z4", Status: fulfillment.EventInTransit}.news(0),
			}, "1", true, nil
		case "1":
			return []provider.News{
				told{ID: "p1", Number: "1Z4", Status: fulfillment.EventInTransit}.news(0), // Overlaps.
				told{ID: "p2", Number: "1Z4", Status: fulfillment.EventOutForDelivery}.news(0),
			}, "2", false, nil
		}
		return nil, cursor, false, nil
	}
	p.courier.mu.Unlock()
	for _, item := range p.become(news.Done, 2) {
		if item.Source != news.FromPoll {
			t.Errorf("%s came as %s", item.Key, item.Source)
		}
	}
	if len(p.events(id)) != 2 {
		t.Errorf("the shipment has %+v", p.events(id))
	}
	for _, want := range []string{"", "1", "2"} {
		if got := <-cursors; got != want {
			t.Errorf("it is asked from %q on, want %q", got, want)
		}
	}
}

// TestPollsKeepToTheRate: a service that always has more to say is asked at once for the next page, but not more often
// than its provider's system bears.
func TestPollsKeepToTheRate(t *testing.T) {
	t.Parallel()
	const rate, pages = 1.0, 4 // A second: calls and polls together. Without it, a page takes a second.
	p := newPost(t)
	p.StopWorker()
	p.Settings.Providers[len(p.Settings.Providers)-1].Queue = &provider.Queue{Rate: rate}
	var asked []time.Time
	enough := make(chan struct{})
	p.courier.mu.Lock()
	p.courier.polled = func(cursor string) ([]provider.News, string, bool, error) {
		if asked = append(asked, time.Now()); len(asked) == pages {
			close(enough)
		}
		return nil, cursor + "+", true, nil
	}
	p.courier.mu.Unlock()
	p.StartWorker()
	select {
	case <-enough:
	case <-time.After(3 * time.Minute):
		t.Fatal("it is not asked")
	}
	p.courier.mu.Lock()
	defer p.courier.mu.Unlock()
	took := asked[pages-1].Sub(asked[0])
	// A worker that is held up between its claim and its call brings two calls nearer to each other, once.
	if most := 2 + provider.PollShare*rate*(took+2*time.Second).Seconds(); pages > most {
		t.Errorf("%d pages in %s, at most %.1f are borne", pages, took, most)
	}
}

// TestWorkerDies: news that a worker took and did not finish is told by another one, also when it was told already.
func TestWorkerDies(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	id, shipment := p.shipped("1Z6")
	p.StopWorker()
	p.send(told{ID: "one", Number: "1Z6", Status: fulfillment.EventInTransit})
	d, err := p.Store.ClaimDeliveries(t.Context(), []string{courierID}, time.Millisecond, 1)
	if err != nil || len(d) != 1 {
		t.Fatalf("%d deliveries, %v", len(d), err)
	}
	p.StartWorker()
	item := p.become(news.Done, 1)[0]
	// As if it had died before it noted what it has told.
	conn := devstacktest.Connect(t, string(p.Settings.Database.URL))
	if _, err := conn.Exec(
		t.Context(), `UPDATE news SET state = 'PENDING', finished_at = NULL, targets = NULL, next_at = now()`,
	); err != nil {
		t.Fatal(err)
	}
	p.become(news.Done, 1)
	if events := p.events(id); len(events) != 1 || item.Targets[0].FulfillmentID != shipment {
		t.Errorf("the shipment has %+v", events)
	}
}

// TestAmbiguousNumberWaitsForAPerson, who says which shipment is meant.
func TestAmbiguousNumberWaitsForAPerson(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	first, shipment := p.shipped("1Z2")
	second, _ := p.shipped("1Z2")
	p.send(told{ID: "scan", Number: "1Z2", Status: fulfillment.EventInTransit})
	item := p.become(news.Unmatched, 1)[0]
	if item.NextAt != nil || !strings.Contains(item.Reason, "2 orders") {
		t.Errorf("it waits until %v: %s", item.NextAt, item.Reason)
	}
	target := news.Target{FulfillmentOrderID: first, FulfillmentID: shipment}
	if _, err := p.Store.ReplayNews(t.Context(), item.ID, &target); err != nil {
		t.Fatal(err)
	}
	p.become(news.Done, 1)
	if len(p.events(first)) != 1 || len(p.events(second)) != 0 {
		t.Errorf("told are %+v and %+v", p.events(first), p.events(second))
	}
}
