package returns_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

var day = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// The IDs of the order that tests are about: three lines, the last of which has no SKU. Its first two lines left in one
// shipment of two parts, the third in one of its own; a shipment of the first line was taken back.
const (
	orderID, shared, alone, takenBack   fulfillment.ID = 10, 20, 21, 22
	mugs, hats, engraving               fulfillment.ID = 11, 12, 13
	mugsOut, hatsOut, engravingOut, old fulfillment.ID = 31, 32, 33, 34
	berlin, porto                       fulfillment.ID = 41, 42
	warehouse                           fulfillment.ID = 51
)

// world is an order with what comes back of it.
type world struct {
	returns []*returns.Return
	shipped map[fulfillment.ID]int
	next    fulfillment.ID
	now     time.Time
}

func newWorld() *world { return worldOf(3, 2, 1) }

// worldOf is an order of which so many mugs, hats and plates were shipped.
func worldOf(mugs, hats, plates int) *world {
	return &world{
		next: 1000, now: day, shipped: map[fulfillment.ID]int{mugsOut: mugs, hatsOut: hats, engravingOut: plates},
	}
}

func (w *world) facts() returns.Facts {
	line := func(id, of fulfillment.ID, n int) []fulfillment.FulfillmentLine {
		return []fulfillment.FulfillmentLine{{ID: id, LineItemID: of, Quantity: n}}
	}
	return returns.Facts{
		Order: &fulfillment.Order{ID: orderID, Name: "#77", CurrencyCode: "EUR", LineItems: []fulfillment.LineItem{
			{ID: mugs, Title: "Mug", SKU: "MUG", Quantity: w.shipped[mugsOut], UnitPrice: "9.99",
				TaxLines: []fulfillment.TaxLine{{Title: "VAT", Rate: "0.19", Price: "1.00"}}},
			{ID: hats, Title: "Hat", SKU: "HAT", Quantity: w.shipped[hatsOut], UnitPrice: "30"},
			{ID: engraving, Title: "Engraved plate", Quantity: w.shipped[engravingOut], UnitPrice: "5.50"},
		}},
		Shipments: []fulfillment.Fulfillment{
			{ID: shared, Status: fulfillment.FulfillmentSuccess, LocationID: berlin, ServiceID: warehouse,
				Lines: line(mugsOut, mugs, w.shipped[mugsOut])},
			{ID: takenBack, Status: fulfillment.FulfillmentCancelled, LocationID: berlin, Lines: line(old, mugs, 3)},
			{ID: shared, Status: fulfillment.FulfillmentSuccess, LocationID: berlin, HomeID: 1,
				Lines: line(hatsOut, hats, w.shipped[hatsOut])},
			{ID: alone, Status: fulfillment.FulfillmentSuccess, LocationID: porto,
				Lines: line(engravingOut, engraving, w.shipped[engravingOut])},
		},
		Returns: w.returns, Locations: []fulfillment.ID{berlin, porto},
	}
}

// send decides a command as whoever wrote it would see it.
func (w *world) send(r *returns.Return, cmd returns.Command) (*returns.Decision, error) {
	w.next += fulfillment.IDBlock
	return returns.Decide(
		r, cmd, returns.Env{Now: w.now, IDs: fulfillment.NewIDs(w.next), Facts: w.facts()},
	)
}

// must sends a command that is accepted, and keeps what becomes of the return.
func (w *world) must(t *testing.T, r *returns.Return, cmd returns.Command) *returns.Return {
	t.Helper()
	d, err := w.send(r, cmd)
	if err != nil {
		t.Fatalf("%s: %v", cmd.Verb(), err)
	}
	w.keep(r, d.State)
	return d.State
}

func (w *world) keep(before, after *returns.Return) {
	for i := range w.returns {
		if before != nil && w.returns[i].ID == before.ID {
			w.returns[i] = after
			return
		}
	}
	w.returns = append(w.returns, after)
}

// refused is the refusal of a command; the state must be as before.
func (w *world) refused(t *testing.T, r *returns.Return, cmd returns.Command) *fulfillment.Error {
	t.Helper()
	before := text(t, r)
	d, err := w.send(r, cmd)
	if err == nil {
		t.Fatalf("%s was accepted: %+v", cmd.Verb(), d.Result)
	}
	if after := text(t, r); after != before {
		t.Errorf("%s was refused, and changed the return to %s from %s", cmd.Verb(), after, before)
	}
	refused, ok := fulfillment.AsError(err)
	if !ok {
		t.Fatalf("%s: %v is no refusal", cmd.Verb(), err)
	}
	return refused
}

func text(t interface {
	Helper()
	Fatal(args ...any)
}, v any) string {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// of is units of a line of a shipment, as they come back.
func of(line fulfillment.ID, n int) returns.NewLine {
	return returns.NewLine{FulfillmentLineID: line, Quantity: n, Reason: "UNWANTED"}
}

func request(lines ...returns.NewLine) *returns.Request {
	return &returns.Request{Opened: returns.Opened{OrderID: orderID, Lines: lines}}
}

func create(lines ...returns.NewLine) *returns.Create {
	return &returns.Create{Opened: returns.Opened{OrderID: orderID, Lines: lines}}
}

// inStatus is a return of two mugs with this status.
func (w *world) inStatus(t *testing.T, s returns.Status) *returns.Return {
	t.Helper()
	if s == returns.StatusRequested || s == returns.StatusDeclined {
		r := w.must(t, nil, request(of(mugsOut, 2)))
		if s == returns.StatusDeclined {
			r = w.must(t, r, &returns.Decline{Reason: returns.DeclineFinalSale})
		}
		return r
	}
	r := w.must(t, nil, create(of(mugsOut, 2)))
	switch s {
	case returns.StatusClosed:
		r = w.must(t, r, &returns.Close{})
	case returns.StatusCanceled:
		r = w.must(t, r, &returns.Cancel{})
	}
	return r
}

func process(r *returns.Return, n int) *returns.Process {
	return &returns.Process{Lines: []returns.ProcessedUnits{{ReturnLineID: r.Lines[0].ID, Quantity: n}}}
}

func receive(r *returns.Return, n int) *returns.Receive {
	return &returns.Receive{Lines: []returns.ReceivedUnits{{ReturnLineID: r.Lines[0].ID, Quantity: n}}}
}

func remove(r *returns.Return, n int) *returns.Remove {
	return &returns.Remove{Lines: []returns.RemovedUnits{{ReturnLineID: r.Lines[0].ID, Quantity: n}}}
}

func dispose(r *returns.Return, n int, what returns.DispositionType) *returns.Dispose {
	return &returns.Dispose{Units: []returns.DisposeUnits{
		{WorkLineID: r.Work[0].Lines[0].ID, Quantity: n, Type: what, LocationID: berlin},
	}}
}

func kinds(d *returns.Decision) []returns.Kind {
	var list []returns.Kind
	for _, t := range d.Transitions {
		list = append(list, t.Kind)
	}
	return list
}

func hasVerb(verbs []returns.Verb, verb returns.Verb) bool { return slices.Contains(verbs, verb) }
