package returns

import (
	"cmp"
	"slices"

	"packhorse/internal/fulfillment"
)

// ReturnableFulfillment is what of a shipment can still be returned.
type ReturnableFulfillment struct {
	FulfillmentID fulfillment.ID   `json:"fulfillmentId"`
	Lines         []ReturnableLine `json:"returnableFulfillmentLineItems"` // those with units left
}

// ReturnableLine is how many units of a line of a shipment can still be returned.
type ReturnableLine struct {
	fulfillment.FulfillmentLine     // Quantity: what was shipped
	Left                        int `json:"returnableQuantity"` // never negative
}

// Returnable is what can still be returned of an order: what was shipped and not taken back, without the units of its
// living returns. It is the one rule that every limit follows from. Shipments are in the order in which they are given,
// the parts of a shared one together, and those without units left are left out.
func Returnable(shipments []fulfillment.Fulfillment, returns []*Return) []ReturnableFulfillment {
	taken := Taken(returns)
	var list []ReturnableFulfillment
	for i := range shipments {
		f := &shipments[i]
		if f.Status != fulfillment.FulfillmentSuccess {
			continue
		}
		for _, l := range f.Lines {
			left := l.Quantity - taken[l.ID]
			if left <= 0 {
				continue
			}
			at := slices.IndexFunc(list, func(r ReturnableFulfillment) bool { return r.FulfillmentID == f.ID })
			if at < 0 {
				at = len(list)
				list = append(list, ReturnableFulfillment{FulfillmentID: f.ID})
			}
			list[at].Lines = append(list[at].Lines, ReturnableLine{FulfillmentLine: l, Left: left})
		}
	}
	return list
}

// Taken is how many units living returns have of each line of shipments, by its ID.
func Taken(returns []*Return) map[fulfillment.ID]int {
	taken := map[fulfillment.ID]int{}
	for _, r := range returns {
		if !r.Status.Living() {
			continue
		}
		for _, l := range r.Lines {
			taken[l.FulfillmentLineID] += l.Quantity
		}
	}
	return taken
}

// OrderReturnStatus is what an order shows of its returns, as in Shopify's OrderReturnStatus.
type OrderReturnStatus string

// The return statuses of an order. INSPECTION_COMPLETE and RETURN_FAILED are known here so that they can be asked for,
// and never derived: nobody has seen when they are set.
const (
	NoReturn           OrderReturnStatus = "NO_RETURN"
	ReturnRequested    OrderReturnStatus = "RETURN_REQUESTED"
	ReturnInProgress   OrderReturnStatus = "IN_PROGRESS"
	Returned           OrderReturnStatus = "RETURNED"
	InspectionComplete OrderReturnStatus = "INSPECTION_COMPLETE"
	ReturnFailed       OrderReturnStatus = "RETURN_FAILED"
)

// OrderReturnStatuses lists every OrderReturnStatus.
var OrderReturnStatuses = []OrderReturnStatus{
	InspectionComplete, ReturnInProgress, NoReturn, Returned, ReturnFailed, ReturnRequested,
}

// ReturnStatusOf is the return status of the order that has these returns: that of the return which most needs
// somebody. A request comes before an open return, whatever of it is processed, and that before a closed one, also when
// it lost all of its lines.
func ReturnStatusOf(returns []*Return) OrderReturnStatus {
	any := func(s Status) bool {
		return slices.ContainsFunc(returns, func(r *Return) bool { return r.Status == s })
	}
	switch {
	case any(StatusRequested):
		return ReturnRequested
	case any(StatusOpen):
		return ReturnInProgress
	case any(StatusClosed):
		return Returned
	}
	return NoReturn
}

// ReturnedUnits is how many units of an order's lines are back, by order line ID: those that are processed or received,
// whichever are more. It is what [fulfillment.OrderLineView.Returned] wants.
func ReturnedUnits(returns []*Return) map[fulfillment.ID]int {
	back := map[fulfillment.ID]int{}
	for _, r := range returns {
		if !r.Status.Living() {
			continue
		}
		for _, l := range r.Lines {
			if n := max(l.Processed, l.Received); n > 0 {
				back[l.LineItemID] += n
			}
		}
	}
	return back
}

// MayCancelShipment says why a shipment can't be taken back: units of it are coming back, or have come. nil: nothing of
// returns stands in the way.
func MayCancelShipment(shipment fulfillment.ID, returns []*Return, field ...string) *fulfillment.Error {
	names := livingNames(returns, func(l Line) bool { return l.FulfillmentID == shipment })
	if names == "" {
		return nil
	}
	return refusal(
		CodeHasReturns, field, "Fulfillment cannot be cancelled: its units are in %s. Cancel or decline that first.",
		names,
	)
}

// MayCancelOrder says why an order can't be cancelled: it has living returns. nil: no return stands in the way.
func MayCancelOrder(returns []*Return) *fulfillment.Error {
	if !slices.ContainsFunc(returns, func(r *Return) bool { return r.Status.Living() }) {
		return nil
	}
	return refusal(CodeInvalid, []string{"orderId"}, "Cannot cancel an order that has returns")
}

// livingNames are the names of the living returns that have such a line.
func livingNames(returns []*Return, has func(Line) bool) string {
	var names string
	for _, r := range slices.SortedFunc(
		slices.Values(returns), func(a, b *Return) int { return cmp.Compare(a.ID, b.ID) },
	) {
		if !r.Status.Living() || !slices.ContainsFunc(r.Lines, has) {
			continue
		}
		if names != "" {
			names += ", "
		}
		names += "return " + r.Name
	}
	return names
}
