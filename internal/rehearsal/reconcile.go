package rehearsal

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
)

// Difference is something that the store, the workflows or the provider tell otherwise than the record.
type Difference struct {
	RecordID           string         `json:"recordId,omitempty"`
	OrderID            fulfillment.ID `json:"orderId,omitempty"`
	FulfillmentOrderID fulfillment.ID `json:"fulfillmentOrderId,omitempty"`
	What               string         `json:"what"`
	File               string         `json:"file"`  // what the file says
	Store              string         `json:"store"` // what the system says
	Refusals           []Refusal      `json:"refusals,omitempty"`
}

// String is the difference in one line.
func (d Difference) String() string {
	var b strings.Builder
	if d.RecordID != "" {
		fmt.Fprintf(&b, "order %s (%s)", d.RecordID, d.OrderID)
	}
	if d.FulfillmentOrderID != 0 {
		fmt.Fprintf(&b, " fulfillment order %s", d.FulfillmentOrderID)
	}
	fmt.Fprintf(&b, ": %s: the file says %s, the store says %s", d.What, d.File, d.Store)
	for _, r := range d.Refusals {
		fmt.Fprintf(&b, "; %s was refused: %s", r.Step, r.Message)
	}
	return strings.TrimPrefix(b.String(), ": ")
}

// reconcile compares one order with its record; stored is nil if the store doesn't have it.
func reconcile(o *played, stored *storedOrder, effects map[fulfillment.ID][]simulated.Effect) []Difference {
	c := comparison{order: o}
	if len(o.record.Items) == 0 {
		refused := "accepted"
		if o.refused(StepCreate) != nil && stored == nil {
			refused = "refused"
		}
		c.same("an order without items", "refused", refused)
		return c.differences
	}
	if stored == nil {
		c.same("the order", "there", "missing")
		return c.differences
	}
	c.same("purchased at", timeText(o.record.PurchasedAt.ptr()), timeText(stored.ProcessedAt))
	c.same("cancelled", yes(o.record.cancelled()), yes(stored.CancelledAt != nil))
	wanted := o.record.expect()
	c.same("fulfillment orders", strconv.Itoa(len(wanted)), strconv.Itoa(len(stored.FulfillmentOrders)))
	for _, want := range wanted {
		var found []*storedFulfillmentOrder
		for _, fo := range stored.FulfillmentOrders {
			if fo.LocationID == locationID(want.seller) {
				found = append(found, fo)
			}
		}
		c.fulfillmentOrder = 0
		if len(found) != 1 {
			c.same("fulfillment orders of seller "+want.seller, "1", strconv.Itoa(len(found)))
			continue
		}
		c.fulfillmentOrder = found[0].ID
		c.compare(want, found[0])
		c.provider(want, effects[found[0].ID])
	}
	return c.differences
}

// comparison collects the differences of one order.
type comparison struct {
	order            *played
	fulfillmentOrder fulfillment.ID
	differences      []Difference
}

func (c *comparison) same(what, file, store string) {
	if file == store {
		return
	}
	c.differences = append(c.differences, Difference{
		RecordID: c.order.record.ID, OrderID: c.order.id, FulfillmentOrderID: c.fulfillmentOrder,
		What: what, File: file, Store: store, Refusals: c.order.refusals,
	})
}

func (c *comparison) compare(want expected, got *storedFulfillmentOrder) {
	c.same(
		"status", string(want.status)+" / "+string(want.requestStatus),
		string(got.Status)+" / "+string(got.RequestStatus),
	)
	c.same("lines", strconv.Itoa(want.lines), strconv.Itoa(got.Lines))
	c.same("units", strconv.Itoa(want.units), strconv.Itoa(got.Units))
	c.same("units not shipped", strconv.Itoa(want.remaining), strconv.Itoa(got.Remaining))
	c.same("units cancelled", strconv.Itoa(want.cancelled), strconv.Itoa(got.Cancelled))
	c.same("earliest shipping limit", timeText(want.earliestLimit), timeText(got.EarliestLimitAt))
	reason := fulfillment.RejectionReason("")
	if got.RejectionReason != nil {
		reason = fulfillment.RejectionReason(*got.RejectionReason)
	}
	c.same("rejected because of", orNothing(want.reason), orNothing(reason))
	c.same("fulfillment requests", strconv.Itoa(want.requests), strconv.Itoa(got.Requests))
	c.same("cancellation requests", strconv.Itoa(want.cancellations), strconv.Itoa(got.Cancellations))
	c.same("shipments", strconv.Itoa(one(want.shipped)), strconv.Itoa(len(got.Fulfillments)))
	if !want.shipped || len(got.Fulfillments) != 1 {
		return
	}
	f := got.Fulfillments[0]
	c.same("status of the shipment", string(fulfillment.FulfillmentSuccess), string(f.Status))
	c.same("units shipped", strconv.Itoa(want.units), strconv.Itoa(f.Units))
	c.same("handed to the carrier", timeText(want.inTransitAt), timeText(f.InTransitAt))
	c.same("delivered", timeText(want.deliveredAt), timeText(f.DeliveredAt))
	c.same("estimated delivery", timeText(want.estimatedAt), timeText(f.EstimatedDeliveryAt))
}

// provider compares with the provider's own ledger: each request reached it, once.
func (c *comparison) provider(want expected, effects []simulated.Effect) {
	counts := map[simulated.Kind]int{}
	for _, e := range effects {
		counts[e.Kind]++
		c.same("effects at the provider under key "+e.Key, "1", strconv.Itoa(e.Effects))
	}
	c.same(
		"requests that reached the provider", strconv.Itoa(want.requests), strconv.Itoa(counts[simulated.KindCreate]),
	)
	c.same(
		"cancellations that reached the provider", strconv.Itoa(want.cancellations),
		strconv.Itoa(counts[simulated.KindCancel]),
	)
	c.same("withdrawals that reached the provider", "0", strconv.Itoa(counts[simulated.KindWithdraw]))
}

func timeText(at *time.Time) string {
	if at == nil {
		return "never"
	}
	return at.UTC().Format("2006-01-02 15:04:05.999999Z07:00")
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func orNothing(reason fulfillment.RejectionReason) string {
	if reason == "" {
		return "nothing"
	}
	return string(reason)
}
