package shipbob_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/shipbob"
	"packhorse/internal/provider/shipbob/shipbobtest"
)

// desk takes news to one fulfillment order, as Packhorse does: it finds shipments by ShipBob's names for them.
type desk struct {
	t         *testing.T
	state     *fulfillment.FulfillmentOrder
	ids       *fulfillment.IDs
	now       time.Time
	shipments map[string]fulfillment.ID
	refused   []string
}

// Send decides the command.
func (d *desk) Send(_ context.Context, _ fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error) {
	decision, err := d.state.Decide(cmd, fulfillment.Env{Now: d.now, IDs: d.ids})
	if err != nil {
		return fulfillment.Result{}, err
	}
	d.state = decision.State
	return decision.Result, nil
}

func (d *desk) take(news []provider.News) {
	d.t.Helper()
	for _, n := range news {
		switch cmd := n.Command.(type) {
		case *fulfillment.RecordEvent:
			cmd.FulfillmentID = d.shipments[n.About.Shipment]
		case *fulfillment.UpdateTracking:
			cmd.FulfillmentID = d.shipments[n.About.Shipment]
		}
		n.Service = d.state.AssignedLocation.ServiceID
		result, err := provider.Tell(d.t.Context(), d, shipbob.ID, n)
		if err != nil {
			d.refused = append(d.refused, n.ID+": "+err.Error())
		} else if _, ships := n.Command.(*fulfillment.CreateFulfillment); ships {
			d.shipments[n.About.Shipment] = result.FulfillmentID
		}
	}
}

// accepted is a fulfillment order whose request ShipBob has taken, and the request.
func accepted(t *testing.T, w world) (*desk, provider.Request) {
	t.Helper()
	o := &fulfillment.Order{ID: 1, LineItems: []fulfillment.LineItem{
		{ID: 21, SKU: "MUG", Title: "Mug", Quantity: 2}, {ID: 22, SKU: "TEE", Title: "T-shirt", Quantity: 1},
	}}
	if err := o.Complete(began); err != nil {
		t.Fatal(err)
	}
	at := fulfillment.AssignedLocation{
		LocationID: 6, Name: "ShipBob", CountryCode: "US", ServiceID: 7, ServiceName: "ShipBob", Provider: shipbob.ID,
	}
	env := fulfillment.Env{Now: began, IDs: fulfillment.NewIDs(100)}
	fos, _, err := fulfillment.NewFulfillmentOrders(o, []fulfillment.Assignment{{
		Location: at, DeliveryMethod: fulfillment.DeliveryShipping,
		Lines: []fulfillment.Quantity{{ID: 21, Quantity: 2}, {ID: 22, Quantity: 1}},
	}}, env)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := fos[0].Decide(&fulfillment.SubmitFulfillmentRequest{}, env)
	if err != nil {
		t.Fatal(err)
	}
	fo := asked.State
	r := request(int(fo.ID))
	r.Key, r.Lines = fo.Effects[0].Key, nil
	for _, l := range fo.Lines {
		r.Lines = append(r.Lines, provider.RequestLine{
			LineID: l.ID, LineItemID: l.LineItemID, SKU: l.SKU, Title: l.Title, Quantity: l.Remaining,
		})
	}
	answer := w.create(t, r)
	taken, err := fo.Decide(&fulfillment.ProviderAnswer{
		Meta: fulfillment.Meta{Actor: fulfillment.System}, Key: r.Key, Outcome: answer.Outcome,
		Reference: answer.Reference,
	}, env)
	if err != nil {
		t.Fatal(err)
	}
	return &desk{
		t: t, state: taken.State, ids: env.IDs, now: began, shipments: make(map[string]fulfillment.ID),
	}, r
}

// TestNewsIsTaken: what is told of two shipments is taken as it comes, and brings the fulfillment order to its end;
// told once more, nothing changes.
func TestNewsIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d, r := accepted(t, w)
	ref := reference(r)
	w.server.Split(ref, map[string]int{"MUG": 1}, map[string]int{"MUG": 1, "TEE": 1})
	w.server.Label(ref, 0, "")
	cursor, seen := "", map[string]bool{}
	var all []provider.News
	look := func() {
		news := w.fresh(t, &cursor, seen)
		d.now = w.clock.now()
		d.take(news)
		all = append(all, news...)
	}
	look()
	w.server.Complete(ref, 0, "1ZA")
	w.server.Complete(ref, 1, "1ZB")
	look()
	for n := range 2 {
		w.server.Scan(ref, n, shipbobtest.Scan{Status: "InTransit", Location: "Chicago, IL"})
	}
	look()
	w.clock.pass(time.Hour)
	w.server.Scan(ref, 1, shipbobtest.Scan{Status: "Delivered", Location: "Gotham City, NJ"})
	look()
	if len(d.refused) > 0 {
		t.Errorf("refused: %q", d.refused)
	}
	var got []string
	for _, f := range d.state.Fulfillments {
		units := 0
		for _, l := range f.Lines {
			units += l.Quantity
		}
		got = append(got, f.Tracking[0].Number+" "+string(rune('0'+units))+" "+string(f.DisplayStatus))
	}
	want := []string{"1ZA 1 IN_TRANSIT", "1ZB 2 DELIVERED"}
	if !slices.Equal(got, want) || d.state.Status != fulfillment.StatusClosed {
		t.Errorf("%s with %q, want it closed with %q", d.state.Status, got, want)
	}
	before := d.state
	d.take(all)
	if d.state != before {
		t.Error("told once more, it changed something")
	}
}

// TestUnaskedCancellationIsTaken: the units are free to go to somebody else.
func TestUnaskedCancellationIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d, r := accepted(t, w)
	w.server.Status(reference(r), 0, "Cancelled")
	news, _ := w.poll(t, "")
	d.take(news[:1])
	if d.state.Status != fulfillment.StatusIncomplete || len(d.refused) > 0 {
		t.Errorf("%s, refused %q", d.state.Status, d.refused)
	}
}

// TestUnaskedCancellationOfAPartIsTaken: what has left stays shipped, and the rest is free.
func TestUnaskedCancellationOfAPartIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d, r := accepted(t, w)
	w.server.Split(reference(r), map[string]int{"MUG": 2}, map[string]int{"TEE": 1})
	w.server.Status(reference(r), 1, "Cancelled")
	w.server.Label(reference(r), 0, "1ZA")
	news, _ := w.poll(t, "")
	d.take(news)
	if d.state.Status != fulfillment.StatusIncomplete || len(d.state.Fulfillments) != 1 ||
		d.state.RemainingUnits() != 1 || len(d.refused) > 0 {
		t.Errorf("%s with %d shipments, refused %q", d.state.Status, len(d.state.Fulfillments), d.refused)
	}
}
