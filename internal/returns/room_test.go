package returns_test

import (
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// large is an order with one shipment of as many lines as a return may have.
func large() (returns.Facts, []returns.NewLine) {
	order := &fulfillment.Order{ID: orderID, Name: "#77"}
	shipment := fulfillment.Fulfillment{ID: alone, Status: fulfillment.FulfillmentSuccess, LocationID: berlin}
	var lines []returns.NewLine
	sku := strings.Repeat("S", 20)
	for i := range returns.MaxLines {
		id := fulfillment.ID(1)<<60 + fulfillment.ID(i)
		order.LineItems = append(order.LineItems, fulfillment.LineItem{ID: id, SKU: sku, Quantity: 9})
		shipment.Lines = append(shipment.Lines, fulfillment.FulfillmentLine{ID: id, LineItemID: id, Quantity: 9})
		lines = append(lines, of(id, 9))
	}
	return returns.Facts{
		Order: order, Shipments: []fulfillment.Fulfillment{shipment}, Locations: []fulfillment.ID{berlin, porto},
	}, lines
}

// TestLargestReturnGoesItsWay: a return that could begin is never too large for what must become of it.
func TestLargestReturnGoesItsWay(t *testing.T) {
	t.Parallel()
	facts, lines := large()
	var r *returns.Return
	next := fulfillment.ID(1) << 61
	must := func(cmd returns.Command) {
		t.Helper()
		next += fulfillment.IDBlock
		ids := fulfillment.NewIDs(next)
		d, err := returns.Decide(r, cmd, returns.Env{Now: day, IDs: ids, Facts: facts})
		if err != nil {
			t.Fatalf("%s of %d bytes: %v", cmd.Verb(), r.Size(), err)
		}
		if ids.Next() > next+fulfillment.IDBlock {
			t.Errorf("%s takes more IDs than it has", cmd.Verb())
		}
		if d.State.Size() > 208<<10 {
			t.Errorf("after %s it has %d bytes", cmd.Verb(), d.State.Size())
		}
		r = d.State
	}
	must(request(lines...))
	must(&returns.Approve{})
	must(&returns.CreateDelivery{Tracking: &returns.TrackingInput{Number: "Z1"}})
	for n, what := range []returns.DispositionType{
		returns.Restocked, returns.Restocked, returns.Restocked, returns.Missing, returns.Restocked,
	} {
		cmd := &returns.Dispose{}
		for _, l := range r.Work[0].Lines {
			cmd.Units = append(cmd.Units, returns.DisposeUnits{
				WorkLineID: l.ID, Quantity: 1, Type: what, LocationID: berlin,
			})
		}
		must(cmd)
		if sums := r.Work[0].Lines[0].Dispositions; n == 2 && (len(sums) != 1 || sums[0].Quantity != 3) {
			t.Errorf("a large return says %+v", sums)
		}
	}
	cmd := &returns.Process{}
	for _, l := range r.Lines {
		cmd.Lines = append(cmd.Lines, returns.ProcessedUnits{ReturnLineID: l.ID, Quantity: 9})
	}
	must(cmd)
	must(&returns.Close{})
}

func TestTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	facts, lines := large()
	for i := range lines {
		lines[i].CustomerNote = strings.Repeat("n", 300)
	}
	_, err := returns.Decide(nil, request(lines...), returns.Env{Now: day, Facts: facts})
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != returns.CodeTooLarge {
		t.Errorf("it is %v", err)
	}
}

func TestAnswersAreFew(t *testing.T) {
	t.Parallel()
	w := newWorld()
	r := w.inStatus(t, returns.StatusOpen)
	for range 200 {
		cmd := &returns.Reopen{}
		w.next++
		cmd.CommandID = strings.Repeat("k", 200) + w.next.String()
		r = w.must(t, r, cmd)
	}
	if n := len(r.Recent); n < 10 || n > 50 {
		t.Errorf("%d answers travel", n)
	}
}

// What was signalled and refused is told, one by one up to a number, and nothing is told twice.
func TestRefuse(t *testing.T) {
	t.Parallel()
	w := newWorld()
	r := w.inStatus(t, returns.StatusOpen)
	refused := w.refused(t, r, &returns.Approve{})
	for !r.HasRefusedMany() {
		d := r.Refuse(&returns.Approve{}, refused, returns.Env{Now: day})
		if d.Transitions[0].Kind != returns.KindRefused || d.State.Sequence != r.Sequence+1 {
			t.Fatalf("it is %+v", d)
		}
		r = d.State
	}
	d := r.RefuseMore(&returns.Approve{}, refused, "run", 7, returns.Env{Now: day})
	if r = d.State; r.Refusals.Total != fulfillment.MaxRefusals+7 || d.Transitions[0].Details.RefusedSignals != 7 {
		t.Errorf("it is %+v", d.Transitions)
	}
	if d = r.RefuseMore(&returns.Approve{}, refused, "run", 7, returns.Env{Now: day}); len(d.Transitions) != 0 {
		t.Error("the same are told twice")
	}
}
