package chaos

import (
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"packhorse/internal/audit"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
)

// lost is a journal of a run whose database was set back once, between two moments in the past.
func lost() (j *journal, b setBack) {
	s := new(setBacks)
	s.begin(time.Now().Add(-time.Minute))
	b = s.end(time.Now().Add(-30 * time.Second))
	return newJournal(io.Discard, s), b
}

// at notes a command that was first sent so long before the end of what was lost.
func (j *journal) at(b setBack, before time.Duration, id string) {
	j.began[id] = b.until.Add(-before)
}

func requireJudged(t *testing.T, j *journal, promise string, checked, broken int) {
	t.Helper()
	if a := j.promises[promise]; a.Checked != checked || len(a.Violations) != broken {
		t.Errorf("%s: checked %d times, want %d; broken %v, want %d", promise, a.Checked, checked, a.Violations, broken)
	}
}

func TestWhatMayBeLost(t *testing.T) {
	t.Parallel()
	var none *setBacks
	if now := time.Now(); none.mayHaveLost(now, now) {
		t.Error("without setting anything back something may be lost")
	}
	s := new(setBacks)
	copied := time.Now()
	after := func(seconds int) time.Time { return copied.Add(time.Duration(seconds) * time.Second) }
	s.begin(copied)
	if !s.mayHaveLost(after(100), after(101)) || s.mayHaveLost(after(-2), after(-1)) {
		t.Error("while the server is away, all that was answered since the copy may be lost, and nothing before")
	}
	s.end(after(10))
	for _, test := range []struct {
		from, until int
		lost        bool
	}{{-2, -1, false}, {-1, 1, true}, {1, 2, true}, {9, 20, true}, {-1, 20, true}, {11, 20, false}} {
		if s.mayHaveLost(after(test.from), after(test.until)) != test.lost {
			t.Errorf("sent at %d and answered at %d: may be lost %t", test.from, test.until, !test.lost)
		}
	}
}

// TestWitnessLeavesOutWhatMayBeLost: what was answered in the lost time is not asked for, all else is.
func TestWitnessLeavesOutWhatMayBeLost(t *testing.T) {
	t.Parallel()
	j, b := lost()
	for i, verb := range []string{verbCreateOrder, verbSendAgain, "Hold"} {
		j.begins(verb) // Now: after it.
		j.ended(sent{id: verb, verb: verb, orderID: fulfillment.ID(i + 1)}, done, "")
		j.at(b, time.Second, "lost "+verb)
		j.ended(sent{id: "lost " + verb, verb: verb, orderID: fulfillment.ID(i + 11)}, done, "")
	}
	saw := j.saw()
	if !slices.Equal(saw.Orders, []fulfillment.ID{1, 2}) || len(saw.Commands) != 1 || saw.Commands[0].ID != "Hold" {
		t.Errorf("the witness is %+v, want orders 1 and 2 and the hold", saw)
	}
}

// TestComparisonsOverASetBackSayNothing: an answer that may be lost is compared with none.
func TestComparisonsOverASetBackSayNothing(t *testing.T) {
	t.Parallel()
	j, b := lost()
	j.begins("kept")
	j.at(b, time.Second, "lost")
	for _, promise := range ofOneBook {
		j.kept(promise, sent{id: "lost"}, "it differs")
		requireJudged(t, j, promise, 0, 0)
		j.kept(promise, sent{id: "kept"}, "it differs")
		requireJudged(t, j, promise, 1, 1)
	}
	j.kept(promiseAnswer, sent{id: "lost"}, "no reason")
	requireJudged(t, j, promiseAnswer, 1, 1)
}

// TestPromisesOfASetBack has each promise kept once, and once broken.
func TestPromisesOfASetBack(t *testing.T) {
	t.Parallel()
	const order, shipment, parcelOf = 1, 5, "request"
	handed := fulfillment.Order{ID: order, CommandID: "order", LineItems: []fulfillment.LineItem{{Quantity: 2}}}
	parcels := []parcel{{id: shipment, orderID: order, key: parcelOf}}
	two := append(slices.Clone(parcels), parcel{id: 6, orderID: order})
	there := func(units int) book {
		return book{
			orders:    map[fulfillment.ID]bool{order: true},
			shipments: map[fulfillment.ID]int{shipment: 1}, lostShipments: map[fulfillment.ID]int{6: units},
		}
	}
	listed := book{
		lostOrders: map[fulfillment.ID]bool{order: true}, lostShipments: map[fulfillment.ID]int{shipment: 2},
	}
	made := func(j *journal, b setBack) {
		j.at(b, time.Second, "order")
		j.handedIn(handed)
		j.ended(sent{id: "order", verb: verbCreateOrder, orderID: order}, done, "")
		j.at(b, time.Second, "ship")
		j.shipped(sent{id: "ship", verb: string(fulfillment.VerbCreateFulfillment), orderID: order}, shipment)
	}
	for name, test := range map[string]struct {
		left           book
		parcels        []parcel
		listed, broken int // promiseListed
		twice          int // promiseOnce broken
	}{
		"all is in the book":          {there(0), parcels, 3, 0, 0},
		"all is listed":               {listed, parcels, 3, 0, 0},
		"nothing is":                  {book{}, parcels, 3, 3, 0},
		"a second parcel with enough": {there(1), two, 4, 0, 0},
		"a second parcel with more":   {there(2), two, 4, 0, 1},
	} {
		j, b := lost()
		made(j, b)
		j.judgeLosses(test.left, test.parcels)
		t.Log(name)
		requireJudged(t, j, promiseListed, test.listed, test.broken)
		requireJudged(t, j, promiseOnce, 1, test.twice)

		j, b = lost()
		made(j, b)
		j.mayCancel(&fulfillment.CancelFulfillment{FulfillmentID: shipment})
		j.mayCancel(&fulfillment.CancelFulfillment{FulfillmentID: 6})
		j.judgeLosses(test.left, test.parcels)
		requireJudged(t, j, promiseOnce, 0, 0) // What was taken back may leave again.
	}
}

// TestParcelOfALostRequest: the audit lists what the provider sent for a request of the lost time, and no other.
func TestParcelOfALostRequest(t *testing.T) {
	t.Parallel()
	left := book{losses: map[fulfillment.ID][]fulfillment.SetBack{2: {{From: 3, To: 7}}}}
	for i, key := range []string{
		fulfillment.EffectKey(2, 4), fulfillment.EffectKey(2, 3), fulfillment.EffectKey(3, 4),
	} {
		j, _ := lost()
		j.judgeLosses(left, []parcel{{id: 5, fulfillmentOrderID: 2, orderID: 1, key: key}})
		requireJudged(t, j, promiseListed, 1, min(i, 1))
	}
}

// TestSendingAgainIsJudged: an order that is sent again is taken, and not refused.
func TestSendingAgainIsJudged(t *testing.T) {
	t.Parallel()
	j, _ := lost()
	r := &replayer{actor: actor{journal: j}, round: 1}
	order := fulfillment.Order{ID: 1, CommandID: "order"}
	if !r.insistOn(t.Context(), order, "client", func(*actor, context.Context) error { return nil }) {
		t.Error("it was taken, and counts as refused")
	}
	requireJudged(t, j, promiseAgain, 1, 0)
	refuse := func(*actor, context.Context) error {
		return &fulfillment.Error{Code: fulfillment.CodeOrderExists, Message: "There is another."}
	}
	r.insistOn(t.Context(), order, "client", refuse)
	requireJudged(t, j, promiseAgain, 2, 1)

	over, end := context.WithCancel(t.Context())
	end() // The next time was faster: nobody knows.
	r.insistOn(over, order, "client", func(*actor, context.Context) error { return context.Canceled })
	requireJudged(t, j, promiseAgain, 2, 1)
}

// TestOrdersAreSentAgain: by the client, by an import and by starting the workflow, those of the lost time and of the
// last minutes before it; an order that is there is there once.
func TestOrdersAreSentAgain(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	warehouse := s.Warehouse("Berlin").ID
	j, b := lost()
	r := &replayer{
		actor:  actor{journal: j, commands: s.Command, temporal: s.Temporal, minter: new(fulfillment.Minter)},
		within: time.Hour, logs: t.TempDir(),
	}
	ways := map[string]int{}
	for i := range 20 {
		id := fulfillment.ID(1000 + i)
		lines := []fulfillment.LineItem{{Title: "Mug", SKU: "MUG", Quantity: 1, LocationID: warehouse}}
		order := fulfillment.Order{ID: id, CommandID: id.String(), Name: "#" + id.String(), LineItems: lines}
		j.at(b, time.Minute, order.CommandID)
		if i < 2 { // Long before.
			then := b.until.Add(-time.Hour)
			j.handed.orders = append(j.handed.orders, handedOrder{order, then, then})
			continue
		}
		j.handedIn(order)
	}
	for range 2 {
		if _, err := r.replay(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if a := j.promises[promiseAgain]; a.Checked < 20 || len(a.Violations) > 0 {
		t.Errorf("%d orders were sent again, and %v", a.Checked, a.Violations)
	}
	for _, a := range j.answers {
		ways[a.way]++
		if a.orderID < 1002 {
			t.Errorf("order %d was sent again, which is from long before", a.orderID)
		}
	}
	if len(ways) != 3 {
		t.Errorf("they were sent by %v, want three ways", ways)
	}
}

// TestProbe: a fulfillment order that answers as the book has it, and one that refuses what the book allows.
func TestProbe(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	database := devstacktest.Pool(t, string(s.Settings.Database.URL))
	open, closed := s.Order(s.Warehouse("Berlin").ID, 1), s.Order(s.Warehouse("Paris").ID, 1)
	s.Send(closed, &fulfillment.Cancel{})
	j, _ := lost()
	p := &prober{
		actor: actor{
			rng: rand.New(rand.NewPCG(1, 1)), pool: newPool(s.Store), journal: j, minter: new(fulfillment.Minter),
		},
		database: database, within: time.Hour, send: s.Command.Send,
	}
	now := setBack{until: time.Now()}
	answered, err := p.probe(t.Context(), now)
	if err != nil || answered < 2 {
		t.Errorf("%d have answered, %v; want both", answered, err)
	}
	requireJudged(t, j, promiseAccepts, answered, 0)
	for _, a := range j.answers {
		if a.fulfillmentOrderID == open && a.verb != string(fulfillment.VerbHold) {
			t.Errorf("the open one was asked for %s, which one that is closed does, too", a.verb)
		}
	}

	p.within = 500 * time.Millisecond
	now.until = time.Now()
	p.send = func(context.Context, fulfillment.ID, fulfillment.Command) (fulfillment.Result, error) {
		return fulfillment.Result{}, &fulfillment.Error{Code: fulfillment.CodeInvalid, Message: "It is closed."}
	}
	if again, err := p.probe(t.Context(), now); err != nil || again != 0 {
		t.Errorf("%d have answered otherwise than by the book, %v", again, err)
	}
	requireJudged(t, j, promiseAccepts, 2*answered, answered)

	over, end := context.WithCancel(t.Context())
	p.send = func(context.Context, fulfillment.ID, fulfillment.Command) (fulfillment.Result, error) {
		end() // The database is set back again.
		return fulfillment.Result{}, errors.New("gone")
	}
	if _, err := p.probe(over, setBack{until: time.Now()}); err != nil {
		t.Error(err)
	}
	requireJudged(t, j, promiseAccepts, 2*answered, answered)
}

// TestBookAndParcels: what is left is read with its units, and what the provider has shipped with its order.
func TestBookAndParcels(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	database := devstacktest.Pool(t, string(s.Settings.Database.URL))
	id := s.Order(s.Warehouse("Berlin").ID, 3)
	shipped := s.Send(id, &fulfillment.CreateFulfillment{})
	left, err := readBook(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	fo, err := s.Store.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if !left.orders[fo.OrderID] || left.shipments[shipped.FulfillmentID] != 3 {
		t.Errorf("the book is %+v, want order %d and shipment %d of 3 units", left, fo.OrderID, shipped.FulfillmentID)
	}
	if _, err := database.Exec(t.Context(), `
INSERT INTO losses (order_id, fulfillment_order_id, to_sequence, from_sequence, kind, order_name, found_at, lost)
VALUES (71, 0, 0, 0, 'ORDER', '', now(), '{}'), (72, 721, 4, 2, 'ENDED', '', now(), '{"shipments": [
	{"id": "81", "lineItems": [{"id": "1", "quantity": 2}, {"id": "2", "quantity": 3}]}, {"id": "82"}]}'),
	(73, 731, 4, 2, 'RESTORED', '', now(), '{}')`); err != nil {
		t.Fatal(err)
	}
	if left, err = readBook(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(left.lostOrders, map[fulfillment.ID]bool{71: true, 72: true}) ||
		!maps.Equal(left.lostShipments, map[fulfillment.ID]int{81: 5, 82: 0}) {
		t.Errorf("listed are orders %v and shipments %v", left.lostOrders, left.lostShipments)
	}
	if _, err := database.Exec(t.Context(), `
INSERT INTO simulated_provider.effects (key, kind, request_key, fulfillment_order_id, service_id, reference, answer,
	settings, created_at, order_id) VALUES ('k', 'CREATE', '', 2, 0, '', '{}', '{}', now(), 3);
INSERT INTO simulated_provider.schedule (key, fulfillment_order_id, service_id, fulfillment_id, due_at, action)
	VALUES ('k', 2, 0, 0, now(), '{}'), ('k', 2, 0, 9, now(), '{}'), ('k', 2, 0, 9, now(), '{}')`); err != nil {
		t.Fatal(err)
	}
	parcels, err := readParcels(t.Context(), database)
	want := parcel{id: 9, fulfillmentOrderID: 2, orderID: 3, key: "k"}
	if err != nil || len(parcels) != 1 || parcels[0] != want {
		t.Errorf("the parcels are %+v, %v; want %+v", parcels, err, want)
	}
}

// TestSignalsOfTheLostTime: nothing may have come of them; of the others something must have.
func TestSignalsOfTheLostTime(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	database := devstacktest.Pool(t, string(s.Settings.Database.URL))
	j, b := lost()
	of := sent{id: "signal", verb: "Hold", fulfillmentOrderID: 1}
	for i, until := range []time.Time{b.until.Add(-time.Second), b.until.Add(time.Second)} {
		j.signals = []answered{{of, until, until}}
		r := &run{stage: &stage{sources: audit.Sources{Database: database}}, journal: j}
		if err := r.checkSignals(t.Context()); err != nil {
			t.Fatal(err)
		}
		requireJudged(t, j, promiseSignal, i+1, i)
	}
}
