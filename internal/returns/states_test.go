package returns_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// every command that is about a return that is there, as it would be sent about two mugs.
var every = map[returns.Verb]func(r *returns.Return) returns.Command{
	returns.VerbApprove: func(*returns.Return) returns.Command { return &returns.Approve{} },
	returns.VerbDecline: func(*returns.Return) returns.Command {
		return &returns.Decline{Reason: returns.DeclineOther}
	},
	returns.VerbCancel:  func(*returns.Return) returns.Command { return &returns.Cancel{} },
	returns.VerbClose:   func(*returns.Return) returns.Command { return &returns.Close{} },
	returns.VerbReopen:  func(*returns.Return) returns.Command { return &returns.Reopen{} },
	returns.VerbRemove:  func(r *returns.Return) returns.Command { return remove(r, 1) },
	returns.VerbProcess: func(r *returns.Return) returns.Command { return process(r, 1) },
	returns.VerbReceive: func(r *returns.Return) returns.Command { return receive(r, 1) },
	returns.VerbDispose: func(r *returns.Return) returns.Command {
		if len(r.Work) == 0 {
			return &returns.Dispose{Units: []returns.DisposeUnits{{WorkLineID: 1, Quantity: 1}}}
		}
		return dispose(r, 1, returns.NotRestocked)
	},
	returns.VerbCreateDelivery: func(*returns.Return) returns.Command { return &returns.CreateDelivery{} },
	returns.VerbUpdateDelivery: func(r *returns.Return) returns.Command {
		return &returns.UpdateDelivery{DeliveryID: 1, Label: &returns.LabelInput{FileURL: "https://labels.test/1"}}
	},
	returns.VerbExpect: func(r *returns.Return) returns.Command {
		by := r.CreatedAt.Add(240 * time.Hour)
		return &returns.Expect{Expected: returns.Expected{By: &by}}
	},
}

const no = "refused"

// The table of docs/returns.md: the status that each command leads to from each status.
func TestStates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		verb                                         returns.Verb
		requested, open, closed, declined, cancelled string
		field                                        string
	}{
		{returns.VerbApprove, "OPEN", no, no, no, no, "input.id"},
		{returns.VerbDecline, "DECLINED", no, no, no, no, "input.id"},
		{returns.VerbCancel, no, "CANCELED", no, no, "CANCELED", "id"},
		{returns.VerbClose, no, "CLOSED", "CLOSED", no, no, "id"},
		{returns.VerbReopen, no, "OPEN", "OPEN", no, no, "id"},
		{returns.VerbRemove, no, "OPEN", no, no, no, "returnId"},
		{returns.VerbProcess, no, "OPEN", no, no, no, "input.returnId"},
		{returns.VerbReceive, no, "OPEN", "OPEN", no, no, "returnId"},
		{returns.VerbDispose, no, "OPEN", no, no, no, "dispositionInputs"},
		{returns.VerbCreateDelivery, no, "OPEN", no, no, no, "reverseFulfillmentOrderId"},
		{returns.VerbExpect, no, "OPEN", no, no, no, "returnId"},
	} {
		for i, want := range []string{test.requested, test.open, test.closed, test.declined, test.cancelled} {
			from := returns.Statuses[i]
			t.Run(string(test.verb)+"/"+string(from), func(t *testing.T) {
				t.Parallel()
				w := newWorld()
				r := w.inStatus(t, from)
				cmd := every[test.verb](r)
				listed := hasVerb(r.SupportedVerbs(fulfillment.Actor{}), test.verb)
				if want != no {
					before := r.Status
					d, err := w.send(r, cmd)
					if err != nil {
						t.Fatal(err)
					}
					if string(d.State.Status) != want {
						t.Errorf("it is %s, not %s", d.State.Status, want)
					}
					same := len(d.Transitions) == 0
					if same == listed && !(test.verb == returns.VerbReceive && before == returns.StatusClosed) {
						t.Errorf("listed: %v; it changed nothing: %v", listed, same)
					}
					return
				}
				refused := w.refused(t, r, cmd)
				if listed {
					t.Error("it is listed, and refused")
				}
				if got := strings.Join(refused.Field, "."); got != test.field ||
					refused.Code != returns.CodeInvalidState && refused.Code != returns.CodeInvalid {
					t.Errorf("%s at %s: %s", refused.Code, got, refused.Message)
				}
			})
		}
	}
}

func TestRefusalsOfStates(t *testing.T) {
	t.Parallel()
	const notApprovable = "Return is not approvable. Only returns with status REQUESTED can be approved."
	const invalid = "Return status is invalid."
	for name, test := range map[string]struct {
		status  returns.Status
		verb    returns.Verb
		message string
	}{
		"approve_an_open_one":    {returns.StatusOpen, returns.VerbApprove, notApprovable},
		"approve_a_declined_one": {returns.StatusDeclined, returns.VerbApprove, notApprovable},
		"decline_again":          {returns.StatusDeclined, returns.VerbDecline, "The return is already declined."},
		"decline_an_open_one": {returns.StatusOpen, returns.VerbDecline,
			"Return is not declinable. Only non-refunded returns with status REQUESTED can be declined."},
		"cancel_a_request":         {returns.StatusRequested, returns.VerbCancel, "Return is not cancelable."},
		"close_a_request":          {returns.StatusRequested, returns.VerbClose, invalid},
		"reopen_a_request":         {returns.StatusRequested, returns.VerbReopen, invalid},
		"remove_from_a_closed_one": {returns.StatusClosed, returns.VerbRemove, invalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			r := w.inStatus(t, test.status)
			refused := w.refused(t, r, every[test.verb](r))
			if refused.Message != test.message || refused.Code != returns.CodeInvalidState {
				t.Errorf("%s: %s", refused.Code, refused.Message)
			}
			if string(refused.Status) != string(test.status) || refused.Sequence != r.Sequence {
				t.Errorf("it does not say where the return stands: %+v", refused)
			}
		})
	}
}

func TestReturnDoesNotExist(t *testing.T) {
	t.Parallel()
	for verb, cmd := range every {
		refused := newWorld().refused(t, nil, cmd(&returns.Return{Lines: make([]returns.Line, 1)}))
		if refused.Code != returns.CodeNotFound || refused.Message != "Return not found." || len(refused.Field) == 0 {
			t.Errorf("%s: %+v", verb, refused)
		}
	}
}

func TestApprove(t *testing.T) {
	t.Parallel()
	t.Run("makes_the_work", func(t *testing.T) {
		t.Parallel()
		w := newWorld()
		r := w.must(t, nil, request(of(mugsOut, 2), of(engravingOut, 1)))
		if len(r.Work) != 0 || r.Name != "#77-R1" || r.RMANumber != "#77-R1" {
			t.Errorf("a request is %+v", r)
		}
		r = w.must(t, r, &returns.Approve{})
		if len(r.Work) != 1 || r.Work[0].Status != returns.WorkOpen || r.Work[0].LocationID != berlin ||
			len(r.Work[0].Lines) != 2 || r.Work[0].Lines[0].Total != 2 || r.ApprovedAt == nil {
			t.Errorf("the work is %+v", r.Work)
		}
	})
	t.Run("of_a_part", func(t *testing.T) {
		t.Parallel()
		w := newWorld()
		r := w.must(t, nil, request(of(mugsOut, 3), of(hatsOut, 1)))
		mug, hat := r.Lines[0].ID, r.Lines[1].ID
		r = w.must(t, r, &returns.Approve{Declined: []returns.DeclinedUnits{
			{ReturnLineID: mug, Quantity: 1, Reason: returns.DeclineFinalSale},
			{ReturnLineID: hat, Reason: returns.DeclineOther, Note: "Worn"},
		}})
		if len(r.Lines) != 1 || r.Units() != 2 || len(r.DeclinedLines) != 2 || r.DeclinedLines[1].Note != "Worn" {
			t.Errorf("lines %+v, declined %+v", r.Lines, r.DeclinedLines)
		}
		w.must(t, nil, create(of(hatsOut, 2), of(mugsOut, 1))) // They can be returned anew.
	})
	t.Run("of_nothing_is_refused", func(t *testing.T) {
		t.Parallel()
		w := newWorld()
		r := w.inStatus(t, returns.StatusRequested)
		refused := w.refused(t, r, &returns.Approve{Declined: []returns.DeclinedUnits{
			{ReturnLineID: r.Lines[0].ID, Reason: returns.DeclineOther},
		}})
		if !strings.Contains(refused.Message, "Decline the request") {
			t.Error(refused)
		}
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	for name, done := range map[string]func(r *returns.Return) returns.Command{
		"once_processed": func(r *returns.Return) returns.Command { return process(r, 1) },
		"once_received":  func(r *returns.Return) returns.Command { return receive(r, 1) },
		"once_disposed_of": func(r *returns.Return) returns.Command {
			return dispose(r, 1, returns.Missing)
		},
	} {
		t.Run("is_refused_"+name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			r := w.inStatus(t, returns.StatusOpen)
			r = w.must(t, r, done(r))
			if refused := w.refused(t, r, &returns.Cancel{}); refused.Message != "Return is not cancelable." {
				t.Error(refused)
			}
		})
	}
	t.Run("keeps_lines", func(t *testing.T) {
		t.Parallel()
		r := newWorld().inStatus(t, returns.StatusCanceled)
		if r.Units() != 2 || r.ClosedAt != nil || r.Work[0].Status != returns.WorkCanceled {
			t.Errorf("it is %+v", r)
		}
	})
}

func TestCloseKeepsItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld()
	r := w.inStatus(t, returns.StatusClosed)
	w.now = w.now.Add(time.Hour)
	if again := w.must(t, r, &returns.Close{}); !again.ClosedAt.Equal(*r.ClosedAt) || again.Sequence != r.Sequence {
		t.Errorf("closed at %v, then at %v", r.ClosedAt, again.ClosedAt)
	}
	if open := w.must(t, r, &returns.Reopen{}); open.ClosedAt != nil || open.Work[0].Status != returns.WorkOpen {
		t.Errorf("it is %+v", open)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	t.Run("the_last_unit_closes", func(t *testing.T) {
		t.Parallel()
		w := newWorld()
		r := w.inStatus(t, returns.StatusOpen)
		w.must(t, r, &returns.CreateDelivery{})
		d, err := w.send(r, remove(r, 2))
		if err != nil {
			t.Fatal(err)
		}
		if r = d.State; r.Status != returns.StatusClosed || r.ClosedAt == nil || len(r.Lines) != 0 || r.Units() != 0 {
			t.Errorf("it is %+v", r)
		}
		if got := kinds(d); !slices.Equal(got, []returns.Kind{returns.KindRemoved, returns.KindClosed}) {
			t.Error(got)
		}
		if got := returns.ReturnStatusOf([]*returns.Return{r}); got != returns.Returned {
			t.Error(got)
		}
	})
	for name, test := range map[string]struct {
		before  func(r *returns.Return) returns.Command
		n       int
		field   string
		message string
	}{
		"more_than_there_is": {nil, 3, "returnLineItems.0.quantity", "Return line item has an invalid quantity."},
		"nothing":            {nil, 0, "", "Quantity must be greater than 0"},
		"processed_units": {func(r *returns.Return) returns.Command { return process(r, 1) }, 2,
			"returnLineItems.0.quantity", "Return line item has an invalid quantity."},
		"received_units": {func(r *returns.Return) returns.Command { return receive(r, 1) }, 2,
			"returnLineItems.0.quantity", "Return line item has an invalid quantity."},
	} {
		t.Run(name+"_is_refused", func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			r := w.inStatus(t, returns.StatusOpen)
			if test.before != nil {
				r = w.must(t, r, test.before(r))
			}
			refused := w.refused(t, r, remove(r, test.n))
			if strings.Join(refused.Field, ".") != test.field || refused.Message != test.message {
				t.Errorf("%v: %s", refused.Field, refused.Message)
			}
		})
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	w := newWorld()
	r := w.inStatus(t, returns.StatusOpen)
	other := w.must(t, nil, create(of(hatsOut, 1)))
	foreign := w.refused(t, r, process(other, 1))
	if strings.Join(foreign.Field, ".") != "input.returnLineItems.0.id" ||
		foreign.Message != "Return line item was not found." || foreign.Code != returns.CodeNotFound {
		t.Errorf("%v: %+v", foreign.Field, foreign)
	}
	if refused := w.refused(t, r, process(r, 3)); refused.Code != returns.CodeInvalid {
		t.Error(refused)
	}
	r = w.must(t, r, process(r, 2))
	if r.Status != returns.StatusOpen || r.Lines[0].Unprocessed() != 0 || len(r.Work[0].Lines[0].Dispositions) != 0 {
		t.Errorf("all of it is processed, and it is %+v", r)
	}
	if refused := w.refused(t, r, process(r, 1)); refused.Message != "Return line item has an invalid quantity." {
		t.Error(refused)
	}
}

func TestProcessDisposes(t *testing.T) {
	t.Parallel()
	w := newWorld()
	r := w.inStatus(t, returns.StatusOpen)
	cmd := process(r, 2)
	cmd.Lines[0].Dispositions = []returns.DisposeUnits{
		{Quantity: 1, Type: returns.Restocked, LocationID: berlin}, {Quantity: 2, Type: returns.Missing},
	}
	if refused := w.refused(t, r, cmd); strings.Join(refused.Field, ".") !=
		"input.returnLineItems.0.dispositions.1.quantity" {
		t.Error(refused.Field)
	}
	cmd.Lines[0].Dispositions[1].Quantity = 1
	d, err := w.send(r, cmd)
	if err != nil {
		t.Fatal(err)
	}
	if got := kinds(d); !slices.Equal(got, []returns.Kind{returns.KindProcessed, returns.KindDisposed}) {
		t.Error(got)
	}
	if got := d.Transitions[1].Details.Dispositions[0]; got.SKU != "MUG" || got.Type != returns.Restocked ||
		got.LocationID != berlin {
		t.Errorf("a stock hears of %+v", got)
	}
}

func TestDispose(t *testing.T) {
	t.Parallel()
	w := newWorld()
	r := w.inStatus(t, returns.StatusOpen)
	plate := w.must(t, nil, create(of(engravingOut, 1)))
	for name, test := range map[string]struct {
		cmd    *returns.Dispose
		fields []string
		text   string
	}{
		"nothing": {&returns.Dispose{}, []string{"dispositionInputs"}, "The array cannot be empty."},
		"of_two_returns": {
			&returns.Dispose{Units: append(
				dispose(r, 1, returns.Missing).Units, dispose(plate, 1, returns.Missing).Units...,
			)},
			[]string{"dispositionInputs"}, "Cannot dispose items from more than one reverse fulfillment order.",
		},
		"too_many":       {dispose(r, 3, returns.Missing), []string{"dispositionInputs.0.quantity"}, ""},
		"of_no_quantity": {dispose(r, 0, returns.Missing), []string{"dispositionInputs.0.quantity"}, ""},
	} {
		refused := w.refused(t, r, test.cmd)
		var fields []string
		for _, one := range fulfillment.AsRefusals(refused) {
			fields = append(fields, strings.Join(one.Field, "."))
		}
		if !slices.Equal(fields, test.fields) || test.text != "" && refused.Message != test.text {
			t.Errorf("%s: %v: %s", name, fields, refused.Message)
		}
	}
	t.Run("both_problems_are_told", func(t *testing.T) {
		cmd := dispose(plate, 1, returns.Restocked)
		cmd.Units[0].LocationID = 999
		all := fulfillment.AsRefusals(w.refused(t, plate, cmd))
		if len(all) != 2 || all[0].Code != returns.CodeInvalid || all[1].Code != returns.CodeNotFound ||
			all[0].Message != "RESTOCKED is an invalid disposition type for a custom line item." ||
			all[1].Message != "Location not found." {
			t.Errorf("told: %+v", all)
		}
	})
	t.Run("undecided_units_are_decided_one_by_one", func(t *testing.T) {
		later := w.must(t, r, dispose(r, 1, returns.ProcessingRequired))
		later = w.must(t, later, dispose(r, 1, returns.ProcessingRequired))
		later = w.must(t, later, dispose(r, 1, returns.Missing))
		if got := later.Work[0].Lines[0].Dispositions; len(got) != 2 || got[0].Type != returns.ProcessingRequired ||
			got[0].Quantity != 1 || got[1].Type != returns.Missing {
			t.Errorf("dispositions are %+v", got)
		}
	})
	t.Run("undecided_units_are_decided_later", func(t *testing.T) {
		later := w.must(t, r, dispose(r, 2, returns.ProcessingRequired))
		w.refused(t, later, dispose(r, 1, returns.ProcessingRequired))
		later = w.must(t, later, dispose(r, 1, returns.Restocked))
		got := later.Work[0].Lines[0].Dispositions
		if len(got) != 2 || got[0].Quantity != 1 || got[1].Type != returns.Restocked ||
			later.Lines[0].Processed != 0 {
			t.Errorf("dispositions are %+v", got)
		}
	})
}

func TestReverseDelivery(t *testing.T) {
	t.Parallel()
	w := newWorld()
	r := w.must(t, nil, create(of(mugsOut, 2), of(hatsOut, 1)))
	work := r.Work[0]
	parcel := func(units ...returns.DeliveryUnits) *returns.CreateDelivery {
		return &returns.CreateDelivery{
			WorkID: work.ID, Lines: units, Tracking: &returns.TrackingInput{Number: "Z1"},
			Label: &returns.LabelInput{FileURL: "https://labels.test/1.pdf"},
		}
	}
	mug := returns.DeliveryUnits{WorkLineID: work.Lines[0].ID, Quantity: 1}
	for name, test := range map[string]struct {
		cmd            *returns.CreateDelivery
		field, message string
		coded          bool
	}{
		"of_another_work": {&returns.CreateDelivery{WorkID: 5}, "reverseFulfillmentOrderId",
			"Reverse fulfillment order was not found.", true},
		"of_another_line": {parcel(returns.DeliveryUnits{WorkLineID: 5, Quantity: 1}),
			"reverseDeliveryLineItems.0.reverseFulfillmentOrderLineItemId", "must exist", false},
		"of_too_much": {parcel(mug, mug, mug), "reverseDeliveryLineItems.2.quantity",
			"cannot deliver more items than are returned", false},
	} {
		refused := w.refused(t, r, test.cmd)
		if strings.Join(refused.Field, ".") != test.field || refused.Message != test.message ||
			returns.Coded(refused.Code) != test.coded {
			t.Errorf("%s: %v: %s %s", name, refused.Field, refused.Code, refused.Message)
		}
	}
	r = w.must(t, r, parcel())
	first := r.Work[0].Deliveries[0]
	if len(first.Lines) != 2 || first.Lines[0].Quantity != 2 {
		t.Errorf("without lines, a parcel has %+v", first.Lines)
	}
	r = w.must(t, r, parcel()) // The label was lost.
	w.now = w.now.Add(time.Hour)
	update := &returns.UpdateDelivery{DeliveryID: first.ID, Tracking: &returns.TrackingInput{Number: "Z2"}}
	r = w.must(t, w.must(t, r, &returns.Close{}), update)
	if got := r.Work[0].Deliveries[0]; got.Tracking.Number != "Z2" || got.Label == nil || *got.Label != *first.Label {
		t.Errorf("the parcel is %+v", got)
	}
	update.DeliveryID = 5
	if refused := w.refused(t, r, update); refused.Message != "Reverse delivery was not found." {
		t.Error(refused)
	}
}

// The table in docs/returns.md says of every command and status what TestStates says.
func TestStatesAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/returns.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[returns.Verb]bool{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, " | ")
		verb := returns.Verb(strings.Trim(cells[0], "|` "))
		if len(cells) != 6 || every[verb] == nil {
			continue
		}
		documented[verb] = true
		if verb == returns.VerbUpdateDelivery { // It needs a parcel, see TestReverseDelivery.
			continue
		}
		for i, status := range returns.Statuses {
			w := newWorld()
			r := w.inStatus(t, status)
			_, err := w.send(r, every[verb](r))
			if refused := strings.HasPrefix(cells[i+1], "refused"); refused != (err != nil) {
				t.Errorf("%s of %s is documented as %q, and answered with %v", verb, status, cells[i+1], err)
			}
		}
	}
	if len(documented) != len(every) {
		t.Errorf("documented are only %v", documented)
	}
}
