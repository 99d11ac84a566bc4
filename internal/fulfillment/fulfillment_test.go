package fulfillment

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCreateFulfillmentOfAPart(t *testing.T) {
	t.Parallel()
	fo := twoLines(ownLocation, StatusOpen, RequestUnsubmitted)
	d := done(t, fo, &CreateFulfillment{Lines: []Quantity{{11, 2}}, NotifyCustomer: true, Message: "on its way"})
	want := []Fulfillment{{
		ID: 1000, Name: "#1001-F1", Status: FulfillmentSuccess, DisplayStatus: DisplayFulfilled, RequiresShipping: true,
		NotifyCustomer: true, Message: "on its way", LocationID: 5, CreatedAt: testTime, UpdatedAt: testTime,
		Lines: []FulfillmentLine{{ID: 1001, FulfillmentOrderLineID: 11, LineItemID: 21, Quantity: 2}},
	}}
	if diff := cmp.Diff(want, d.State.Fulfillments); diff != "" || amounts(d.State) != "11:1/3 12:2/2" ||
		d.Result.FulfillmentID != 1000 {
		t.Errorf("%s %s", amounts(d.State), diff)
	}
	rest := done(t, d.State, &CreateFulfillment{}).State
	if f := rest.Fulfillments[1]; f.Name != "#1001-F2" || len(f.Lines) != 2 || rest.Status != StatusClosed ||
		amounts(rest) != "11:0/3 12:0/2" {
		t.Errorf("%s %s %+v", rest.Status, amounts(rest), f)
	}
	if rest.Finished() {
		t.Error("finished before delivery")
	}
}

func TestCreateFulfillmentOfADownloadIsFinished(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	fo.Lines[0].RequiresShipping = false
	if s := done(t, fo, &CreateFulfillment{}).State; s.Fulfillments[0].RequiresShipping || !s.Finished() {
		t.Errorf("finished: %v, %+v", s.Finished(), s.Fulfillments)
	}
}

func TestShippingEverythingEndsACancellationRequest(t *testing.T) {
	t.Parallel()
	asked := done(t, automatedAccepted(t), &SubmitCancellationRequest{}).State
	if part := done(t, asked, &CreateFulfillment{Lines: []Quantity{{11, 1}}}).State; effects(part) != "CANCEL:DUE" ||
		part.RequestStatus != RequestCancellationRequested {
		t.Errorf("a part: %s %s", part.RequestStatus, effects(part))
	}
	if all := done(t, asked, &CreateFulfillment{}).State; len(all.Effects) > 0 || all.Status != StatusClosed {
		t.Errorf("everything: %s %s", all.Status, effects(all))
	}
}

func TestCreateFulfillmentRefusals(t *testing.T) {
	t.Parallel()
	open, closed := inState(ownLocation, StatusOpen, RequestUnsubmitted), inState(
		ownLocation, StatusClosed, RequestUnsubmitted,
	)
	path := []string{"fulfillment", "lineItemsByFulfillmentOrder", "0", "fulfillmentOrderLineItems"}
	for _, c := range []struct {
		rule    string
		fo      *FulfillmentOrder
		lines   []Quantity
		code    Code
		message string
		field   []string
	}{
		{
			"zero units come first", closed, []Quantity{{99, 1}, {11, 0}}, CodeGreaterThanZero,
			"Quantity must be greater than 0", append(path, "1", "quantity"),
		},
		{
			"then unknown lines", closed, []Quantity{{99, 1}}, CodeLineItemNotFound,
			"Fulfillment order line item does not exist.", fulfillmentField,
		},
		{
			"then the state", closed, []Quantity{{11, 1}}, CodeInvalidState,
			"Fulfillment order 1 has an unfulfillable status= closed.", fulfillmentField,
		},
		{
			"too many", open, []Quantity{{11, 4}}, CodeInvalid,
			"Invalid fulfillment order line item quantity requested.", fulfillmentField,
		},
		{
			"repeated lines", open, []Quantity{{11, 1}, {11, 1}}, CodeDuplicateLines,
			"must contain unique line item ids", path,
		},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			refused(t, c.fo, &CreateFulfillment{Lines: c.lines}, c.code, c.message, c.field...)
		})
	}
}

func TestCancelFulfillmentRestoresInPlace(t *testing.T) {
	t.Parallel()
	d := done(t, partShipped(ownLocation), &CancelFulfillment{FulfillmentID: 41})
	f := d.State.Fulfillments[0]
	if d.State.Status != StatusOpen || amounts(d.State) != "11:3/3" || f.Status != FulfillmentCancelled ||
		f.DisplayStatus != DisplayCanceled || !f.CancelledAt.Equal(testTime) {
		t.Errorf("%s %s %+v", d.State.Status, amounts(d.State), f)
	}
	reported := partShipped(ownLocation)
	reported.ProgressReported = true
	if s := done(t, reported, &CancelFulfillment{FulfillmentID: 41}).State; s.ProgressReported ||
		s.Status != StatusOpen {
		t.Errorf("%s, progress reported: %v", s.Status, s.ProgressReported)
	}
	again := done(t, d.State, &CancelFulfillment{FulfillmentID: 41})
	if len(again.Transitions) > 0 || again.Result.FulfillmentID != 41 {
		t.Errorf("the second time: %s", kinds(again))
	}
	refused(t, d.State, &CancelFulfillment{FulfillmentID: 99}, CodeFulfillmentNotFound, "Fulfillment not found.", "id")

	// An ID that it came with is taken all the same.
	again = done(t, d.State, &CancelFulfillment{Meta: Meta{CommandID: "again"}, FulfillmentID: 41})
	if last := again.Transitions; len(last) != 1 || last[0].Kind != KindUnchanged || last[0].CommandID != "again" ||
		last[0].Before != last[0].After || len(last[0].Topics) > 0 {
		t.Errorf("the third time: %+v", last)
	}
	refused(
		t, again.State, &Cancel{Meta: Meta{CommandID: "again"}}, CodeIdempotencyConflict,
		IdempotencyConflict().Message, IdempotencyConflict().Field...,
	)
}

func TestCancelFulfillmentKeepsOtherWorkInProgress(t *testing.T) {
	t.Parallel()
	two := done(t, partShipped(ownLocation), &CreateFulfillment{Lines: []Quantity{{11, 1}}}).State
	if s := done(t, two, &CancelFulfillment{FulfillmentID: 41}).State; s.Status != StatusInProgress ||
		amounts(s) != "11:2/3" {
		t.Errorf("%s %s", s.Status, amounts(s))
	}
	accepted := partShipped(peopleService)
	accepted.RequestStatus = RequestAccepted
	if s := done(t, accepted, &CancelFulfillment{FulfillmentID: 41}).State; s.Status != StatusInProgress ||
		s.RequestStatus != RequestAccepted {
		t.Errorf("%s/%s", s.Status, s.RequestStatus)
	}
}

// TestCancelFulfillmentReopens: the closed one stays closed, its units go to a new one with new lines.
func TestCancelFulfillmentReopens(t *testing.T) {
	t.Parallel()
	closed := done(t, partShipped(ownLocation), &CreateFulfillment{}).State
	d := done(t, closed, &CancelFulfillment{FulfillmentID: 41})
	if d.State.Status != StatusClosed || amounts(d.State) != "11:1/3" || d.Siblings[0].ID != 1000 ||
		amounts(d.Siblings[0]) != "1001:1/1" || d.Result.SiblingRole != SiblingReopened {
		t.Errorf("%s %s, sibling %s", d.State.Status, amounts(d.State), amounts(d.Siblings[0]))
	}
	closed.OrderCancelled = true
	d = done(t, closed, &CancelFulfillment{FulfillmentID: 41})
	if len(d.Siblings) > 0 || amounts(d.State) != "11:0/2-1" {
		t.Errorf("of a cancelled order: %d siblings, %s", len(d.Siblings), amounts(d.State))
	}
}
