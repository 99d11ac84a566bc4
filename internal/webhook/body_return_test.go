package webhook_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/webhook"
)

// The lines of the shipment that comes back.
const lampsOut, bulbsOut fulfillment.ID = 9007199254741041, 9007199254741043

func returnFacts() returns.Facts {
	return returns.Facts{
		Order: &fulfillment.Order{
			ID: orderID, Name: "#1001", CurrencyCode: "EUR",
			LineItems: []fulfillment.LineItem{
				{ID: lamp, Title: "Lamp", SKU: "LAMP", Quantity: 3}, {ID: bulb, Title: "Bulb", Quantity: 1},
			},
		},
		Shipments: []fulfillment.Fulfillment{{
			ID: 9007199254741051, Status: fulfillment.FulfillmentSuccess, LocationID: 620, ServiceID: 77,
			Lines: []fulfillment.FulfillmentLine{
				{ID: lampsOut, LineItemID: lamp, Quantity: 3}, {ID: bulbsOut, LineItemID: bulb, Quantity: 1},
			},
		}},
		Locations: []fulfillment.ID{610, 620},
	}
}

// returned is what a return is after commands, and what the last one told, as a reader of the feed has it.
func returned(t *testing.T, commands ...step) (*returns.Return, []webhook.Entry) {
	t.Helper()
	var r *returns.Return
	var list []webhook.Entry
	for i, command := range commands {
		at := noon.Add(time.Duration(i) * time.Minute)
		d, err := returns.Decide(r, command(r), returns.Env{
			Now: at, IDs: fulfillment.NewIDs(firstID + fulfillment.ID(100*i)), Facts: returnFacts(),
		})
		if err != nil {
			t.Fatal(err)
		}
		r, list = d.State, nil
		for n := range d.Transitions {
			for _, e := range d.Transitions[n].Events() {
				payload, err := json.Marshal(e)
				if err != nil {
					t.Fatal(err)
				}
				event, err := returns.ReadEvent(payload)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, webhook.Entry{Event: event, CommittedAt: at.Add(time.Second)})
			}
		}
	}
	return r, list
}

// step is a command that may be on what a return has.
type step func(*returns.Return) returns.Command

func always(cmd returns.Command) step {
	return func(*returns.Return) returns.Command { return cmd }
}

func openedReturn() returns.Opened {
	return returns.Opened{
		OrderID: orderID,
		Lines: []returns.NewLine{
			{FulfillmentLineID: lampsOut, Quantity: 2, Reason: "UNWANTED"},
			{FulfillmentLineID: bulbsOut, Quantity: 1, Reason: returns.ReasonOther, ReasonNote: "Broken?"},
		},
	}
}

// TestBodiesOfReturns: one example of each topic, and the forms that a topic may have beside it.
func TestBodiesOfReturns(t *testing.T) {
	t.Parallel()
	asked := openedReturn()
	asked.Lines[0].CustomerNote = "Too bright <for> us & them"
	request := always(&returns.Request{Opened: asked})
	made := &returns.Create{
		Opened:        openedReturn(),
		ExchangeLines: []returns.NewExchangeLine{{Title: "Dim lamp", UnitPrice: "12.5", Quantity: 2}},
	}
	made.ShippingFee = &returns.ShippingFee{Amount: "4.9", CurrencyCode: "EUR"}
	atOnce, expected, soon := *made, *made, *made
	atOnce.ExchangeAtOnce = true
	expected.By = new(noon.Add(30 * time.Second))
	soon.By, soon.Remind = new(noon.Add(time.Hour)), fulfillment.Duration(time.Hour)
	create := always(made)
	then := func(cmd returns.Command) []step {
		return []step{create, always(cmd)}
	}
	parcel := &returns.CreateDelivery{
		Tracking: &returns.TrackingInput{Number: "EX123", CarrierName: "DHL Express"},
		Label:    &returns.LabelInput{FileURL: "https://labels.example.com/1.pdf"},
	}
	for name, test := range map[string]struct {
		topic    string
		commands []step
	}{
		"asked":   {returns.TopicRequest, []step{request}},
		"made":    {returns.TopicApprove, []step{create}},
		"+partly": {returns.TopicApprove, []step{request, approveOneLamp}},
		"+exchange_at_once": {
			returns.TopicApprove, []step{always(&atOnce)},
		},
		"declined": {returns.TopicDecline, []step{
			request, always(&returns.Decline{Reason: returns.DeclineReturnPeriodEnded, Note: "More than 30 days."}),
		}},
		"+without_a_note": {returns.TopicDecline, []step{
			request, always(&returns.Decline{Reason: returns.DeclineOther}),
		}},
		"cancelled": {returns.TopicCancel, then(&returns.Cancel{})},
		"closed":    {returns.TopicClose, then(&returns.Close{})},
		"reopened":  {returns.TopicReopen, append(then(&returns.Close{}), always(&returns.Reopen{}))},
		"removed": {returns.TopicUpdate, []step{
			create, func(r *returns.Return) returns.Command {
				return &returns.Remove{Lines: []returns.RemovedUnits{{ReturnLineID: r.Lines[0].ID, Quantity: 2}}}
			},
		}},
		"processed": {returns.TopicProcess, []step{
			create, func(r *returns.Return) returns.Command {
				return &returns.Process{
					Lines:         []returns.ProcessedUnits{{ReturnLineID: r.Lines[0].ID, Quantity: 1}},
					ExchangeLines: []fulfillment.Quantity{{ID: r.ExchangeLines[0].ID, Quantity: 2}},
				}
			},
		}},
		"attached": {returns.TopicAttach, then(parcel)},
		"+tracking_only": {
			returns.TopicAttach, then(&returns.CreateDelivery{Tracking: &returns.TrackingInput{Number: "EX124"}}),
		},
		"disposed": {returns.TopicDispose, []step{create, disposeOfAll}},
		"reminded": {
			returns.TopicReminder, []step{always(&soon), always(&returns.Tick{})},
		},
		"overdue": {
			returns.TopicOverdue, []step{always(&expected), always(&returns.Tick{})},
		},
	} {
		file := fileName(test.topic)
		if variant, is := strings.CutPrefix(name, "+"); is {
			file += "." + variant
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			_, list := returned(t, test.commands...)
			matches(t, file, bodyOf(t, test.topic, webhook.Facts{}, checker, list))
		})
	}
}

func approveOneLamp(r *returns.Return) returns.Command {
	return &returns.Approve{Declined: []returns.DeclinedUnits{
		{ReturnLineID: r.Lines[0].ID, Quantity: 1, Reason: returns.DeclineFinalSale},
		{ReturnLineID: r.Lines[1].ID, Reason: returns.DeclineFinalSale},
	}}
}

func disposeOfAll(r *returns.Return) returns.Command {
	lines := r.Work[0].Lines
	return &returns.Dispose{Units: []returns.DisposeUnits{
		{WorkLineID: lines[0].ID, Quantity: 1, Type: returns.Restocked, LocationID: 610},
		{WorkLineID: lines[0].ID, Quantity: 1, Type: returns.ProcessingRequired},
		{WorkLineID: lines[1].ID, Quantity: 1, Type: returns.Missing},
	}}
}

// TestReturnsAreToldAsTheyWere: what becomes of a return's lines later is not in the bodies of what happened before.
func TestReturnsAreToldAsTheyWere(t *testing.T) {
	t.Parallel()
	r, list := returned(t, always(&returns.Create{Opened: openedReturn()}))
	before := bodyOf(t, returns.TopicApprove, webhook.Facts{}, checker, list)
	for _, cmd := range []returns.Command{
		&returns.Remove{Lines: []returns.RemovedUnits{{ReturnLineID: r.Lines[1].ID, Quantity: 1}}}, &returns.Cancel{},
	} {
		d, err := returns.Decide(r, cmd, returns.Env{Now: noon, Facts: returnFacts()})
		if err != nil {
			t.Fatal(err)
		}
		r = d.State
	}
	if after := bodyOf(t, returns.TopicApprove, webhook.Facts{}, checker, list); string(after) != string(before) {
		t.Errorf("%s is told as %s", before, after)
	}
}

// TestBodiesOfReturnsLackNothing: an event that does not have what its body is made of makes none.
func TestBodiesOfReturnsLackNothing(t *testing.T) {
	t.Parallel()
	for _, topic := range []string{
		returns.TopicRequest, returns.TopicApprove, returns.TopicDecline, returns.TopicAttach, returns.TopicDispose,
	} {
		for _, after := range []any{returns.State{Status: returns.StatusOpen}, nil} {
			e := &fulfillment.Event{Topic: topic, OrderID: orderID, ReturnID: 7, After: after}
			if body, err := shop.Body(webhook.Entry{Event: e}, webhook.Facts{}, checker); err == nil {
				t.Errorf("%s without details has the body %s", topic, body)
			}
		}
	}
}

// TestLargeBodiesOfReturnsAreCut: a return of very many lines with long notes is told with fewer of them.
func TestLargeBodiesOfReturnsAreCut(t *testing.T) {
	t.Parallel()
	_, list := returned(t, always(&returns.Request{Opened: openedReturn()}))
	d := list[0].Event.Details.(*returns.Details)
	one := d.Made.Lines[0]
	one.ReasonNote = strings.Repeat("n", 255)
	for range 999 {
		d.Made.Lines = append(d.Made.Lines, one)
	}
	body := bodyOf(t, returns.TopicRequest, webhook.Facts{}, checker, list)
	var read struct {
		Total     int   `json:"total_return_line_items"`
		Lines     []any `json:"return_line_items"`
		Truncated bool
	}
	if err := json.Unmarshal(body, &read); err != nil {
		t.Fatal(err)
	}
	if len(body) > webhook.MaxBody || !read.Truncated || read.Total != 1001 || len(read.Lines) < 300 {
		t.Errorf("%d bytes with %d of %d lines, cut: %t", len(body), len(read.Lines), read.Total, read.Truncated)
	}
}
