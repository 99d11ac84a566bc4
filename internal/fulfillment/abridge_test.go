package fulfillment

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// most is what a state and the answers beside it may have as JSON, whatever happens to a fulfillment order.
const most = 256 << 10

// hostile sends a fulfillment order what makes it grow, as long as it may be, and keeps what the store would have.
type hostile struct {
	t     *testing.T
	r     *rand.Rand
	fo    *FulfillmentOrder
	now   time.Time
	ids   ID
	sent  int
	lines map[ID]string // titles by order line

	transitions []Transition
	requests    int
	events      map[ID]int
	refused     map[Code]int
}

func newHostile(t *testing.T, seed uint64, lines int) *hostile {
	t.Helper()
	h := &hostile{
		t: t, r: rand.New(rand.NewPCG(seed, 1)), now: exampleTime, ids: 1 << 60, lines: map[ID]string{},
		events: map[ID]int{}, refused: map[Code]int{},
	}
	order := &Order{ID: 1, Name: "#1", LineItems: make([]LineItem, lines)}
	assigned := Assignment{Location: AssignedLocation{LocationID: 7, ServiceID: 8, ServiceName: "North", Name: "Kiel"}}
	for i := range order.LineItems {
		id := ID(1<<61 + i)
		h.lines[id] = fmt.Sprint("line ", i, " ", h.text(80))
		order.LineItems[i] = LineItem{ID: id, Title: h.lines[id], SKU: "SKU-00000001", Quantity: 50}
		assigned.Lines = append(assigned.Lines, Quantity{ID: id, Quantity: 50})
	}
	fos, created, err := NewFulfillmentOrders(order, []Assignment{assigned}, Env{Now: h.now, IDs: NewIDs(1 << 59)})
	if err != nil {
		t.Fatal(err)
	}
	h.fo, h.transitions = fos[0], created
	return h
}

// text is so many characters, of those that are long in JSON, too.
func (h *hostile) text(n int) string {
	return strings.Repeat([]string{"a", "ü", "<", "\u2028", "\x01", "𝄞"}[h.r.IntN(6)], n)
}

// send decides a command on the state, and on what it would be if nothing was left out: both must come to the same.
func (h *hostile) send(cmd Command) {
	h.t.Helper()
	h.sent++
	h.now = h.now.Add(time.Second)
	h.ids += IDBlock
	meta := cmd.Envelope()
	meta.CommandID, meta.FirstID = fmt.Sprint(h.sent, h.text(100)), h.ids
	if meta.Actor == (Actor{}) {
		meta.Actor = Actor{Role: RoleOperator, App: fmt.Sprint("app", h.r.IntN(50)), Name: h.text(255)}
	}
	before := h.fo
	d, err := before.Decide(cmd, Env{Now: h.now, IDs: NewIDs(h.ids)})
	if h.sent%50 == 0 && len(h.transitions) < 2000 {
		whole := before.Clone()
		whole.Whole(h.transitions, h.lines)
		again, errAgain := whole.Decide(cmd, Env{Now: h.now, IDs: NewIDs(h.ids), NoLimit: true})
		h.same(cmd, d, err, again, errAgain)
	}
	if refused, ok := AsError(err); ok {
		h.refused[refused.Code]++
		d = before.Refuse(cmd, refused, Env{Now: h.now, IDs: NewIDs(h.ids)})
	}
	h.fo = d.State
	for _, step := range d.Transitions {
		switch step.Kind {
		case KindRequested, KindCancellationRequested:
			h.requests++
		case KindEventRecorded:
			h.events[step.Details.Fulfillment.ID]++
		}
		if slices.Contains(KindsLeftOut, step.Kind) {
			h.transitions = append(h.transitions, step)
		}
	}
	if h.sent%10 != 0 && h.sent > 1000 {
		return
	}
	if size := h.size(); size > most {
		h.t.Fatalf("after %d commands (%s) the state has %d kB", h.sent, cmd.Verb(), size>>10)
	}
}

func (h *hostile) size() int {
	answers, err := json.Marshal(h.fo.Recent)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.fo.Size() + len(answers)
}

// same compares two decisions of the same command.
func (h *hostile) same(cmd Command, d *Decision, err error, again *Decision, errAgain error) {
	h.t.Helper()
	if IsNoRoom(err) {
		return
	}
	story := func(d *Decision, err error) string {
		if err != nil {
			return err.Error()
		}
		text := ""
		for _, step := range d.Transitions {
			text += fmt.Sprint(step.Kind, step.Reason, step.After, step.Topics)
			if step.Details != nil && step.Details.Event != nil {
				text += fmt.Sprint(step.Details.Event.Late, step.Details.Fulfillment.DisplayStatus)
			}
		}
		return fmt.Sprint(text, d.Result, ViewOrder(false, []*FulfillmentOrder{d.State}).FulfillmentStatus())
	}
	if a, b := story(d, err), story(again, errAgain); a != b {
		h.t.Fatalf("%s came to\n%s\nand on the whole state to\n%s", cmd.Verb(), a, b)
	}
}

// wholeHas checks that nothing is lost.
func (h *hostile) wholeHas() {
	h.t.Helper()
	whole := h.fo.Clone()
	whole.Whole(h.transitions, h.lines)
	if len(whole.MerchantRequests) != h.requests {
		h.t.Errorf("%d merchant requests, want %d", len(whole.MerchantRequests), h.requests)
	}
	if kept := len(h.fo.MerchantRequests) + h.fo.EarlierRequests; kept != h.requests {
		h.t.Errorf("the state counts %d merchant requests, want %d", kept, h.requests)
	}
	for i := range whole.Fulfillments {
		f, short := &whole.Fulfillments[i], &h.fo.Fulfillments[i]
		if len(f.Events) != h.events[f.ID] || len(short.Events)+short.EarlierEvents != h.events[f.ID] {
			h.t.Errorf(
				"%d events of a shipment, %d and %d earlier ones in the state, want %d", len(f.Events),
				len(short.Events), short.EarlierEvents, h.events[f.ID],
			)
		}
	}
	for _, l := range whole.Lines {
		if l.Title != h.lines[l.LineItemID] {
			h.t.Errorf("a line is called %q, want %q", l.Title, h.lines[l.LineItemID])
		}
	}
}

// draw is a command that makes a fulfillment order grow, or lets it go on growing.
func (h *hostile) draw() Command {
	service := Meta{Actor: Actor{Role: RoleOperator}}
	var shipment ID
	if n := len(h.fo.Fulfillments); n > 0 {
		shipment = h.fo.Fulfillments[h.r.IntN(n)].ID
	}
	line := h.fo.Lines[h.r.IntN(len(h.fo.Lines))]
	switch h.r.IntN(12) {
	case 0:
		return &SubmitFulfillmentRequest{Message: h.text(maxMessage)}
	case 1:
		return &AcceptFulfillmentRequest{Meta: service}
	case 2:
		rejected := make([]RejectedLine, len(h.fo.Lines))
		for i := range rejected {
			rejected[i] = RejectedLine{LineID: h.fo.Lines[i].ID, Message: h.text(maxText)}
		}
		return &RejectFulfillmentRequest{Meta: service, Message: h.text(maxMessage), Lines: rejected}
	case 3:
		return &SubmitCancellationRequest{Message: h.text(maxMessage)}
	case 4:
		return &AcceptCancellationRequest{Meta: service}
	case 5:
		return &PlaceHold{
			Reason: HoldOther, ReasonNotes: h.text(maxMessage), Handle: fmt.Sprint(h.sent), ExternalID: h.text(maxText),
		}
	case 6:
		return &ReleaseHold{}
	case 7:
		tracking := &TrackingInput{Company: h.text(maxText)}
		for range h.r.IntN(20) {
			tracking.Numbers = append(tracking.Numbers, h.text(maxText))
		}
		return &CreateFulfillment{
			Meta: service, Lines: []Quantity{{line.ID, 1}}, Tracking: tracking, Message: h.text(maxText),
		}
	case 8:
		return &CancelFulfillment{FulfillmentID: shipment}
	case 9:
		return &Split{Lines: []Quantity{{line.ID, 1}}}
	}
	return h.news(shipment)
}

func (h *hostile) news(shipment ID) *RecordEvent {
	happened := h.now.Add(-time.Duration(h.r.IntN(int(48 * time.Hour))))
	return &RecordEvent{
		FulfillmentID: shipment, Status: EventStatuses[h.r.IntN(len(EventStatuses))], Message: h.text(maxMessage),
		HappenedAt: &happened, Address1: h.text(maxText), City: h.text(maxText),
	}
}

// TestStateIsBounded sends long commands of every kind that let a state grow. It stays small enough to travel, decides
// as if it was whole, and what it leaves out is not lost.
func TestStateIsBounded(t *testing.T) {
	t.Parallel()
	for lines, commands := range map[int]int{1: 500, 60: 200, MaxLines: 50} {
		t.Run(fmt.Sprint(lines, " lines"), func(t *testing.T) {
			t.Parallel()
			h := newHostile(t, uint64(lines), lines)
			for range commands {
				h.send(h.draw())
			}
			h.wholeHas()
			if !h.fo.Abridged {
				t.Errorf("the state of %d kB was never abridged: the test does not test much", h.size()>>10)
			}
			t.Logf("%d kB, refused: %v", h.size()>>10, h.refused)
		})
	}
}

// TestStateIsBoundedAt10000Events has one shipment with very much news.
func TestStateIsBoundedAt10000Events(t *testing.T) {
	t.Parallel()
	h := newHostile(t, 9, 3)
	h.send(&CreateFulfillment{Meta: Meta{Actor: Actor{Role: RoleOperator}}})
	for range 10_000 {
		event := h.news(h.fo.Fulfillments[0].ID)
		event.Message = h.text(200)
		h.send(event)
	}
	h.wholeHas()
	if len(h.refused) > 0 || h.events[h.fo.Fulfillments[0].ID] != 10_000 {
		t.Errorf("refused: %v", h.refused)
	}
}

// TestNoRoomIsARefusal fills a fulfillment order with holds. It still goes on with everything else.
func TestNoRoomIsARefusal(t *testing.T) {
	t.Parallel()
	h := newHostile(t, 3, 1)
	for range 200 {
		h.send(&PlaceHold{
			Reason: HoldOther, Handle: fmt.Sprint(h.sent), ExternalID: strings.Repeat("<", maxText),
			Meta: Meta{Actor: Actor{Role: RoleMerchant, App: fmt.Sprint(h.sent)}},
		})
	}
	if h.refused[CodeNoRoom] == 0 || h.refused[CodeNoRoom] != h.sent-len(h.fo.Holds) {
		t.Fatalf("%d holds, refused: %v", len(h.fo.Holds), h.refused)
	}
	h.send(&ReleaseHold{})
	h.send(&SubmitFulfillmentRequest{Message: "again"})
	if !h.fo.in(StatusOpen, RequestSubmitted) {
		t.Errorf("it is %s/%s", h.fo.Status, h.fo.RequestStatus)
	}
}

// TestTooLongAnOrderIsRefused: what does not fit is said before it is taken.
func TestTooLongAnOrderIsRefused(t *testing.T) {
	t.Parallel()
	order := &Order{ID: 1, Name: "#1", LineItems: make([]LineItem, MaxLines)}
	assigned := Assignment{Location: AssignedLocation{LocationID: 7, Name: "Kiel"}}
	for i := range order.LineItems {
		order.LineItems[i] = LineItem{ID: ID(i + 1), Title: "a", SKU: strings.Repeat("𝄞", 255), Quantity: 1}
		assigned.Lines = append(assigned.Lines, Quantity{ID: ID(i + 1), Quantity: 1})
	}
	_, _, err := NewFulfillmentOrders(order, []Assignment{assigned}, Env{Now: exampleTime, IDs: NewIDs(1 << 59)})
	if !IsNoRoom(err) {
		t.Errorf("got %v, want a refusal", err)
	}
}
