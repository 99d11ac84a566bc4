package fulfillment

import (
	"cmp"
	"fmt"
	"slices"
)

// EditPlan is what an order edit comes to.
type EditPlan struct {
	Add    []LineItem // completed, with IDs
	Raise  []LineItem // lines of the order, each with the units that it gets beside those that it has
	Cancel []EditCancel
}

// Routed are the units that are to be shipped in addition, as lines: route them with [Order.With], and make fulfillment
// orders of them.
func (p EditPlan) Routed() []LineItem { return slices.Concat(p.Add, p.Raise) }

// EditCancel is the units that an order edit takes from one fulfillment order, by order line ID: what to send it as
// [CancelUnits].
type EditCancel struct {
	FulfillmentOrderID ID
	LineItems          []Quantity
}

// With is the order with only these lines: to route and plan lines that an order edit adds. It shares nothing else
// that is changed by completing it.
func (o *Order) With(lines []LineItem) *Order {
	c := *o
	c.LineItems = slices.Clone(lines)
	return &c
}

// PlanEdit decides what an order edit comes to, or refuses all of it with an [*Error] that lists every problem. lines
// are all lines of the order, earlier additions included, and fulfillmentOrders all of its fulfillment orders, which
// view was made from. Added lines without an ID get one of ids. A quantity that is reached already costs nothing, so an
// edit that was interrupted after lowering can be planned again. Raised quantities become fulfillment orders of their
// own, like added lines: nobody who is at work on a fulfillment order gets units that nobody has told him of.
//
// Units are taken where nobody has begun with them: OPEN fulfillment orders first, then SCHEDULED, ON_HOLD, INCOMPLETE,
// CANCELLED, and what the merchant has in progress; the newest first among equals. Units that a service was asked for
// are not taken: it would have to be asked to stop the whole of it.
func PlanEdit(
	view OrderView, lines []LineItem, fulfillmentOrders []*FulfillmentOrder, edit EditOrder, ids *IDs,
) (EditPlan, error) {
	if refused := edit.Meta.check(); refused != nil {
		return EditPlan{}, refused
	}
	if view.Cancelled {
		return EditPlan{}, refusal(CodeOrderCancelled, []string{"orderId"}, "A cancelled order can't be edited.")
	}
	if len(edit.Add)+len(edit.SetQuantities) == 0 {
		return EditPlan{}, refusal(CodeInvalid, nil, "An order edit needs lines to add or quantities to set.")
	}
	var p orderProblems
	plan := EditPlan{Add: p.added(lines, edit.Add, ids)}
	units := newEditUnits(view, lines, fulfillmentOrders)
	seen := make(map[ID]bool, len(edit.SetQuantities))
	for i, q := range edit.SetQuantities {
		switch _, known := units.current[q.ID]; {
		case !known:
			p.add(p.at("setQuantities", i, "id"), "the order has no line %d", q.ID)
		case seen[q.ID]:
			p.add(p.at("setQuantities", i, "id"), "line %d is there twice", q.ID)
		default:
			if problem := units.set(q); problem != "" {
				p.add(p.at("setQuantities", i, "quantity"), "%s", problem)
			}
		}
		seen[q.ID] = true
	}
	plan.Raise, plan.Cancel = units.raised, units.cancel()
	if err := p.err(); err != nil {
		return EditPlan{}, err
	}
	return plan, nil
}

// added completes the added lines, which must not take the ID of a line that is there.
func (p *orderProblems) added(lines, add []LineItem, ids *IDs) []LineItem {
	if len(add) == 0 {
		return nil
	}
	if n := len(lines) + len(add); n > MaxLines {
		p.add(p.at("add"), "an order has at most %d lines (would have %d)", MaxLines, n)
		return nil
	}
	for i, l := range add {
		if l.ID > 0 && slices.ContainsFunc(lines, func(there LineItem) bool { return there.ID == l.ID }) {
			p.add(p.at("add", i, "id"), "%d is already the ID of a line of this order", l.ID)
		}
	}
	all := &Order{LineItems: slices.Concat(lines, p.lines(p.at("add"), add, nil, nil))}
	all.AssignIDs(ids)
	return all.LineItems[len(lines):]
}

// CheckQuantity says why a line of the order can't get this quantity, for whoever stages an edit; nil: it can, as
// things are. raised is the units that are to be shipped in addition, as a line. The order is given as to [PlanEdit].
func CheckQuantity(
	view OrderView, lines []LineItem, fulfillmentOrders []*FulfillmentOrder, q Quantity,
) (raised []LineItem, refused *Error) {
	units := newEditUnits(view, lines, fulfillmentOrders)
	if _, known := units.current[q.ID]; !known {
		return nil, refusal(CodeLineItemNotFound, []string{"lineItemId"}, "The line item does not exist on the order.")
	}
	if problem := units.set(q); problem != "" {
		return nil, refusal(CodeInvalid, []string{"quantity"}, "%s", problem)
	}
	return units.raised, nil
}

// editUnits finds the units that quantities ask for which are set, one after the other.
type editUnits struct {
	lines   map[ID]LineItem
	current map[ID]int // units by order line
	takers  []*FulfillmentOrder
	taken   map[ID][]Quantity // from a fulfillment order
	raised  []LineItem
}

func newEditUnits(view OrderView, lines []LineItem, fulfillmentOrders []*FulfillmentOrder) *editUnits {
	takers := slices.DeleteFunc(
		slices.Clone(fulfillmentOrders), func(fo *FulfillmentOrder) bool { return cancelRank(fo) == 0 },
	)
	slices.SortStableFunc(takers, func(a, b *FulfillmentOrder) int {
		return cmp.Or(
			cmp.Compare(cancelRank(a), cancelRank(b)), b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID),
		)
	})
	u := &editUnits{
		lines: make(map[ID]LineItem, len(lines)), current: make(map[ID]int, len(lines)),
		takers: takers, taken: make(map[ID][]Quantity, len(takers)),
	}
	for _, l := range lines {
		u.lines[l.ID], u.current[l.ID] = l, 0
	}
	for _, l := range view.Lines {
		u.current[l.LineItemID] = l.Ordered - l.Cancelled
	}
	return u
}

// set finds the units for one quantity. What it returns is what is wrong with it, in words; "": nothing is.
func (u *editUnits) set(q Quantity) string {
	line, now := u.lines[q.ID], u.current[q.ID]
	switch {
	case q.Quantity < 0:
		return fmt.Sprintf("must be at least 0 (is %d)", q.Quantity)
	case q.Quantity > MaxLineQuantity:
		return fmt.Sprintf("must be at most %d (is %d)", MaxLineQuantity, q.Quantity)
	case q.Quantity > now:
		line.Quantity = q.Quantity - now
		u.raised = append(u.raised, line)
	default:
		if missing := take(u.taken, u.takers, q.ID, now-q.Quantity); missing > 0 {
			return fmt.Sprintf("%d of %s can be cancelled, not %d: the rest is shipped, or requested from a service",
				now-q.Quantity-missing, quoted(line.Title), now-q.Quantity)
		}
	}
	return ""
}

// cancel is what each fulfillment order gives up.
func (u *editUnits) cancel() []EditCancel {
	var cancel []EditCancel
	for _, fo := range u.takers {
		if len(u.taken[fo.ID]) > 0 {
			cancel = append(cancel, EditCancel{FulfillmentOrderID: fo.ID, LineItems: u.taken[fo.ID]})
		}
	}
	return cancel
}

// take notes which of the fulfillment orders give up how many units of a line, and returns how many are missing.
func take(taken map[ID][]Quantity, from []*FulfillmentOrder, lineItemID ID, wanted int) int {
	for _, fo := range from {
		available := 0
		for _, l := range fo.Lines {
			if l.LineItemID == lineItemID {
				available += l.Remaining
			}
		}
		if n := min(available, wanted); n > 0 {
			taken[fo.ID] = append(taken[fo.ID], Quantity{ID: lineItemID, Quantity: n})
			wanted -= n
		}
	}
	return wanted
}

// CancellableUnits is how many units of each order line an edit could take out of these fulfillment orders, which are
// all of an order: what is neither shipped nor with a service. Lines of which there are none are left out.
func CancellableUnits(fulfillmentOrders []*FulfillmentOrder) map[ID]int {
	units := map[ID]int{}
	for _, fo := range fulfillmentOrders {
		if cancelRank(fo) == 0 {
			continue
		}
		for _, l := range fo.Lines {
			if l.Remaining > 0 {
				units[l.LineItemID] += l.Remaining
			}
		}
	}
	return units
}

// cancelRank orders fulfillment orders by how little it disturbs to take units from them, 1 first; 0: none can be
// taken, since it is closed or a service has it. It agrees with what [CancelUnits] refuses.
func cancelRank(fo *FulfillmentOrder) int {
	if !fo.withMerchant() && fo.Status != StatusScheduled {
		return 0
	}
	// In progress here means that the merchant is at work on it, or has shipped a part.
	return 1 +
		slices.Index(
			[]Status{StatusOpen, StatusScheduled, StatusOnHold, StatusIncomplete, StatusCancelled, StatusInProgress},
			fo.Status,
		)
}
