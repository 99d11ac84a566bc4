package endtoend

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/feed"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
)

// eventsPage is a page of the feed.
type eventsPage struct {
	Events               []feed.Entry
	Next, Oldest, Newest int64
}

// events reads a page that must be there.
func events(t *testing.T, app *gatewaytest.App, query string, options ...gatewaytest.Option) eventsPage {
	t.Helper()
	answer, err := app.Events(t.Context(), query, options...)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var page eventsPage
	if answer.StatusCode != http.StatusOK || json.Unmarshal(body, &page) != nil {
		t.Fatalf("%s: %d %s", query, answer.StatusCode, body)
	}
	return page
}

// told waits until every event has a position, and returns the newest.
func (s *shop) told(t *testing.T) int64 {
	t.Helper()
	for after := int64(0); ; {
		var waiting bool
		const sql = `SELECT EXISTS (SELECT FROM outbox), position FROM feed_cursor`
		if err := s.SQL().QueryRow(t.Context(), sql).Scan(&waiting, &after); err != nil {
			t.Fatal(err)
		}
		if !waiting {
			return after
		}
		events(t, s.merchant, fmt.Sprintf("after=%d&wait=1s", after))
	}
}

// follower knows what the feed has told.
type follower struct {
	position int64
	states   map[fulfillment.ID]fulfillment.State
	statuses map[fulfillment.ID]fulfillment.OrderStatuses
	last     map[[2]fulfillment.ID][2]int64 // sequence and place, by order and fulfillment order
	ids      map[string]bool
}

func newFollower() *follower {
	return &follower{
		states: map[fulfillment.ID]fulfillment.State{}, statuses: map[fulfillment.ID]fulfillment.OrderStatuses{},
		last: map[[2]fulfillment.ID][2]int64{}, ids: map[string]bool{},
	}
}

// hear takes an event, which must be the next one in the feed and in the life of what it is about.
func (f *follower) hear(t *testing.T, e feed.Entry) {
	t.Helper()
	if f.position++; e.Position != f.position {
		t.Fatalf("position %d comes after %d", e.Position, f.position-1)
	}
	of := [2]fulfillment.ID{e.OrderID, e.FulfillmentOrderID}
	last, at := f.last[of], [2]int64{e.Sequence, int64(e.Place)}
	if at != [2]int64{last[0] + 1, 0} && at != [2]int64{last[0], last[1] + 1} {
		t.Errorf("event %v of %v comes after %v", at, of, last)
	}
	if f.ids[e.ID] {
		t.Errorf("the ID %s is there twice", e.ID)
	}
	f.last[of], f.ids[e.ID] = at, true
	var err error
	if e.FulfillmentOrderID == 0 {
		var now fulfillment.OrderStatuses
		err = json.Unmarshal(e.After, &now)
		f.statuses[e.OrderID] = now
	} else {
		var now fulfillment.State
		err = json.Unmarshal(e.After, &now)
		f.states[e.FulfillmentOrderID] = now
	}
	if err != nil {
		t.Errorf("event %d: %v", e.Position, err)
	}
}

// compare holds what the follower knows against the book.
func (f *follower) compare(t *testing.T, s *shop) {
	t.Helper()
	type row struct{ status, request string }
	read := func(sql string) map[fulfillment.ID]row {
		rows, err := s.SQL().Query(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		found := map[fulfillment.ID]row{}
		for rows.Next() {
			var id fulfillment.ID
			var r row
			if err := rows.Scan(&id, &r.status, &r.request); err != nil {
				t.Fatal(err)
			}
			found[id] = r
		}
		return found
	}
	fos := read(`SELECT id, status, request_status FROM fulfillment_orders`)
	for id, want := range fos {
		if got := f.states[id]; string(got.Status) != want.status || string(got.RequestStatus) != want.request {
			t.Errorf("fulfillment order %d is %+v; a follower takes it for %+v", id, want, got)
		}
	}
	orders := read(`SELECT id, display_fulfillment_status, fulfillment_status FROM orders`)
	for id, want := range orders {
		if got := f.statuses[id]; string(got.Display) != want.status || string(got.Fulfillment) != want.request {
			t.Errorf("order %d is %+v; a follower takes it for %+v", id, want, got)
		}
	}
	if len(f.states) != len(fos) || len(f.statuses) != len(orders) || len(fos) == 0 {
		t.Errorf("a follower knows %d fulfillment orders of %d, %d orders of %d", len(f.states), len(fos),
			len(f.statuses), len(orders))
	}
	var transitions, told int64
	if err := s.SQL().QueryRow(t.Context(), `SELECT count(*) FROM transitions`).Scan(&transitions); err != nil {
		t.Fatal(err)
	}
	for of, last := range f.last {
		if of[1] != 0 {
			told += last[0]
		}
	}
	if told != transitions {
		t.Errorf("a follower knows %d transitions of %d", told, transitions)
	}
}

// TestEventsTellEverything: whoever follows the feed knows every status in the book.
func TestEventsTellEverything(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	order, fo := s.order(t, 3)
	s.merchant.Must(t, holding, vars{"id": fo, "hold": vars{"reason": "OTHER", "fulfillmentOrderLineItems": []vars{
		{"id": read(t, s.merchant, fo).LineItems.Nodes[0].ID, "quantity": 1}}}})
	s.merchant.Must(t, releaseHold, vars{"id": fo})
	s.merchant.Must(t, ship, shipment(fo, nil))
	_, away := s.orderAtService(t, 2)
	s.merchant.Must(t, submit, vars{"id": away})
	s.service.Must(t, accept, vars{"id": away})
	s.merchant.Must(t, submitCancellation, vars{"id": away})
	s.service.Must(t, rejectCancellation, vars{"id": away})
	cancelled, _ := s.order(t, 1)
	s.merchant.Must(t, cancelOrder, vars{"id": cancelled})
	newest := s.told(t)

	f := newFollower()
	for next := int64(0); next < newest; {
		page := events(t, s.merchant, fmt.Sprintf("after=%d&limit=7", next))
		for _, e := range page.Events {
			f.hear(t, e)
		}
		if page.Next != f.position || page.Newest != newest || page.Oldest != 1 {
			t.Fatalf("the page ends with %d and says %d, %d, %d", f.position, page.Next, page.Oldest, page.Newest)
		}
		next = page.Next
	}
	f.compare(t, s)

	answer, err := s.merchant.Events(t.Context(), "topic="+fulfillment.TopicFulfillmentCreated+"&order="+order,
		gatewaytest.Header("Accept", "application/x-ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var shipped feed.Entry
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if err := json.Unmarshal(lines.Bytes(), &shipped); err != nil ||
			shipped.Topic != fulfillment.TopicFulfillmentCreated ||
			"gid://shopify/Order/"+shipped.OrderID.String() != order || shipped.Actor.App != s.merchant.Handle {
			t.Errorf("a line is %s: %v", lines.Text(), err)
		}
	}
	if shipped.Position == 0 || answer.Header.Get("Packhorse-Next") != strconv.FormatInt(newest, 10) {
		t.Errorf("the last is %+v with %v", shipped, answer.Header)
	}
}

// TestEventsAreForWhoMayRead: an app is told of what it may read, and nothing else; the page says how far it looked.
func TestEventsAreForWhoMayRead(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	_, home := s.order(t, 1)
	_, away := s.orderAtService(t, 1)
	newest := s.told(t)
	for name, test := range map[string]struct {
		app          *gatewaytest.App
		orders       bool
		seen, hidden []string // fulfillment orders
	}{
		"all":    {app: s.merchant, orders: true, seen: []string{home, away}},
		"own":    {app: s.service, seen: []string{away}, hidden: []string{home}},
		"orders": {app: s.App("Orders", access.ReadOrders), orders: true, hidden: []string{home, away}},
		"merchant": {
			app: s.App("Desk", access.ReadMerchantManaged), seen: []string{home}, hidden: []string{away},
		},
		"other service": {app: s.App("Other", access.ReadAssigned), hidden: []string{home, away}},
	} {
		page := events(t, test.app, "")
		of, orders := map[string]bool{}, false
		for _, e := range page.Events {
			if e.FulfillmentOrderID == 0 {
				orders = true
			} else {
				of["gid://shopify/FulfillmentOrder/"+e.FulfillmentOrderID.String()] = true
			}
		}
		for _, id := range test.seen {
			if !of[id] {
				t.Errorf("%s: nothing is told of %s", name, id)
			}
		}
		if len(of) != len(test.seen) || orders != test.orders || page.Next != newest {
			t.Errorf("%s: told of %v, orders %v, up to %d of %d", name, of, orders, page.Next, newest)
		}
	}
	// A scope that is taken away is gone for who waits, too.
	app := s.App("Follower", access.ReadOrders)
	stream, err := app.Events(t.Context(), "after=newest", gatewaytest.Header("Accept", "text/event-stream"))
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	s.Rescope(app, access.ReadLocations)
	s.order(t, 1)
	text, err := io.ReadAll(stream.Body)
	if err != nil || !strings.HasPrefix(string(text), "retry: 1000\n\nevent: end\ndata: {\"errors\":\"Access denied") {
		t.Errorf("it got %q, %v", text, err)
	}
}

// stream reads server-sent events, and gives each with its ID until the stream ends.
func stream(body io.Reader, each func(id string, e feed.Entry) (goesOn bool)) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<20)
	var id string
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			id = text
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var e feed.Entry
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				return err
			}
			if !each(id, e) {
				return nil
			}
		}
	}
	return lines.Err()
}

// TestEventsAreWaitedFor: a page that is waited for comes when there is something, a stream goes on where its last one
// was, and both end with the server, in order.
func TestEventsAreWaitedFor(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	s.order(t, 1)
	newest := s.told(t)
	page := events(t, s.merchant, fmt.Sprintf("after=%d&wait=10ms", newest))
	if len(page.Events) > 0 || page.Next != newest {
		t.Errorf("nothing happened, and the page is %+v", page)
	}
	pages := make(chan eventsPage)
	go func() { pages <- events(t, s.merchant, fmt.Sprintf("after=%d&wait=1m", newest)) }()
	_, fo := s.order(t, 1)
	if page := <-pages; len(page.Events) == 0 || page.Events[0].Position != newest+1 {
		t.Errorf("the page is %+v", page)
	}
	newest = s.told(t)

	sse := gatewaytest.Header("Accept", "text/event-stream")
	var last string
	for _, from := range []int64{0, 3} { // The second one begins where the first one ended, whatever the URL says.
		answer, err := s.merchant.Events(t.Context(), "after=0", sse, gatewaytest.Header("Last-Event-ID", last))
		if err != nil {
			t.Fatal(err)
		}
		position := from
		err = stream(answer.Body, func(id string, e feed.Entry) bool {
			if position++; e.Position != position || id != strconv.FormatInt(position, 10) {
				t.Errorf("event %s is %d, want %d", id, e.Position, position)
			}
			last = id
			return position != 3 && position != newest
		})
		answer.Body.Close()
		if err != nil || position != 3 && position != newest {
			t.Fatalf("it ended at %d: %v", position, err)
		}
	}

	started, ended := make(chan error, 2), make(chan error, 2)
	for _, accept := range []string{"application/json", "text/event-stream"} {
		go func() {
			answer, err := s.merchant.Events(t.Context(), "after=newest&wait=1m", gatewaytest.Header("Accept", accept))
			started <- err
			if err == nil {
				_, err = io.ReadAll(answer.Body)
				answer.Body.Close()
			}
			ended <- err
		}()
	}
	if err := <-started; err != nil { // The stream: the page begins when it ends.
		t.Fatal(err)
	}
	s.merchant.Must(t, holding, vars{"id": fo, "hold": vars{"reason": "OTHER"}}) // Wakes them, or one comes too late.
	began := time.Now()
	s.Stop()
	for range 2 {
		if err := <-ended; err != nil {
			t.Errorf("what waited ended with %v", err)
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the server waited %s for those who wait", took)
	}
}

// TestEventsOfACrowd: 32 clients on 20 orders, while a transaction stays open in another database of the server. A
// follower sees every event once, in order, and none is old when it is seen first.
func TestEventsOfACrowd(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	const clients, orders, commands = 32, 20, 4
	fos := make([]string, orders)
	for i := range fos {
		_, fos[i] = s.order(t, 1)
	}
	other := devstacktest.Connect(t, devstacktest.Database(t))
	if _, err := other.Exec(t.Context(), `BEGIN; SELECT pg_current_xact_id()`); err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	answer, err := s.merchant.Events(ctx, "after=0", gatewaytest.Header("Accept", "text/event-stream"))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var crowd sync.WaitGroup
	for c := range clients {
		crowd.Go(func() {
			for n := range commands {
				id := fos[(c*7+n*3)%orders]
				at := time.Now().Add(time.Duration(c*commands+n+1) * time.Hour).UTC().Format(time.RFC3339)
				for { // Where there is no answer in time, on a busy machine, the same is sent again, as it says.
					answer := s.merchant.Do(t, setDeadline, vars{"ids": []string{id}, "at": at})
					refused := strings.Join(answer.Refusals(), "; ")
					if refused == "" {
						break
					}
					if !strings.Contains(refused, "SERVICE_UNAVAILABLE") {
						t.Errorf("refused: %s", refused)
						break
					}
				}
			}
		})
	}
	finished := make(chan int64, 1)
	go func() {
		crowd.Wait()
		finished <- s.told(t)
	}()
	heard := make(chan feed.Entry)
	go func() {
		defer close(heard)
		_ = stream(answer.Body, func(_ string, e feed.Entry) bool { // It is told when something is missing.
			select {
			case heard <- e:
				return true
			case <-ctx.Done():
				return false
			}
		})
	}()
	f, oldest := newFollower(), time.Duration(0)
	for newest := int64(-1); f.position != newest; {
		select {
		case newest = <-finished:
		case e, ok := <-heard:
			if !ok {
				t.Fatalf("the stream ended after %d", f.position)
			}
			f.hear(t, e)
			if f.position > 3*orders { // The ones before were there before it was looked.
				oldest = max(oldest, time.Since(e.CommittedAt))
			}
		}
	}
	f.compare(t, s)
	if told := f.position; told < clients*commands {
		t.Errorf("%d events of %d commands", told, clients*commands)
	}
	if oldest > 20*time.Second { // What waits for the open transaction would be as old as that.
		t.Errorf("an event was %s old when it was seen", oldest)
	}
	t.Logf("%d events, the oldest was %s old", f.position, oldest)
}
