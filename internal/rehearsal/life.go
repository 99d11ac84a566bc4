package rehearsal

import (
	"slices"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
)

// Step is one thing that a rehearsal does with an order.
type Step string

// The steps, in the order of a life.
const (
	StepCreate  Step = "create"
	StepRequest Step = "request"
	StepAccept  Step = "accept"
	StepReject  Step = "reject"
	StepShip    Step = "ship"
	StepTransit Step = "transit"
	StepDeliver Step = "deliver"
	StepCancel  Step = "cancel"
)

// moment is a step at its recorded time.
type moment struct {
	step Step
	at   time.Time
}

// life is the steps of a recorded order. Each waits for the one before it, however early its own time is: a record's
// times come in any order, but nothing can be delivered that wasn't shipped. A step whose time is missing although
// later ones happened takes the time of the first that did.
func (r *Record) life() []moment {
	steps := []moment{{StepCreate, r.PurchasedAt.Time}}
	if len(r.Items) == 0 {
		return steps
	}
	if r.requested() {
		paid := first(r.ApprovedAt, r.CarrierAt, r.DeliveredAt, r.PurchasedAt)
		answer := StepAccept
		if r.rejected() {
			answer = StepReject
		}
		steps = append(steps, moment{StepRequest, paid}, moment{answer, paid})
	}
	if r.shipped() {
		steps = append(steps, moment{StepShip, first(r.CarrierAt, r.DeliveredAt)})
	}
	if r.CarrierAt != nil {
		steps = append(steps, moment{StepTransit, r.CarrierAt.Time})
	}
	if r.DeliveredAt != nil {
		steps = append(steps, moment{StepDeliver, r.DeliveredAt.Time})
	}
	if r.Status == RecordCanceled {
		steps = append(steps, moment{StepCancel, r.last()})
	}
	return steps
}

func (r *Record) shipped() bool { return r.CarrierAt != nil || r.DeliveredAt != nil }

// rejected tells whether the seller had none. A record that says so of an order that was shipped contradicts itself;
// the times win.
func (r *Record) rejected() bool { return r.Status == RecordUnavailable && !r.shipped() }

func (r *Record) requested() bool { return r.ApprovedAt != nil || r.shipped() || r.rejected() }

// last is the last time that the record has of things that happened.
func (r *Record) last() time.Time {
	last := r.PurchasedAt.Time
	for _, t := range []*Time{r.ApprovedAt, r.CarrierAt, r.DeliveredAt} {
		if t != nil && t.After(last) {
			last = t.Time
		}
	}
	return last
}

func first(times ...*Time) time.Time {
	for _, t := range times {
		if t != nil {
			return t.Time
		}
	}
	return time.Time{}
}

// group is the items of one seller: what becomes one fulfillment order.
type group struct {
	seller string
	items  []RecordItem
}

// groups are the record's items by seller, ordered by seller.
func (r *Record) groups() []group {
	var groups []group
	for _, item := range r.Items {
		i := slices.IndexFunc(groups, func(g group) bool { return g.seller == item.SellerID })
		if i < 0 {
			groups, i = append(groups, group{seller: item.SellerID}), len(groups)
		}
		groups[i].items = append(groups[i].items, item)
	}
	slices.SortFunc(groups, func(a, b group) int { return strings.Compare(a.seller, b.seller) })
	return groups
}

func (g group) units() int {
	n := 0
	for _, item := range g.items {
		n += item.Quantity
	}
	return n
}

// earliestLimit is when the first unit should have been handed to the carrier; nil if the record has none.
func (g group) earliestLimit() *time.Time {
	var earliest *time.Time
	for _, item := range g.items {
		if at := item.ShippingLimitAt.ptr(); at != nil && (earliest == nil || at.Before(*earliest)) {
			earliest = at
		}
	}
	return earliest
}

// Names of what the rehearsal leaves in the metadata of orders and lines.
const (
	metaRecordID    = "recordId"
	metaStatus      = "recordStatus"
	metaEstimatedAt = "estimatedDeliveryAt"
	metaLimitAt     = "shippingLimitAt"
)

// OrderID is the ID that a recorded order has in the run.
func OrderID(run, recordID string) fulfillment.ID {
	return fulfillment.DerivedID("rehearsal/"+run+"/order", recordID)
}

// order is what the order system hands over. Its deadlines are on the rehearsal's clock, so that their timers fire;
// the recorded ones travel as metadata.
func (r *Record) order(run string, clock Clock) fulfillment.Order {
	o := fulfillment.Order{
		ID:               OrderID(run, r.ID),
		Name:             "#" + run + "-" + short(r.ID),
		SourceIdentifier: "rehearsal/" + run + "/" + r.ID,
		ProcessedAt:      r.PurchasedAt.ptr(),
		Tags:             []string{"rehearsal"},
		ShippingAddress: &fulfillment.Address{
			City: r.Customer.City, ProvinceCode: r.Customer.State, Zip: r.Customer.Zip,
		},
		Metadata:  map[string]string{metaRecordID: r.ID, metaStatus: string(r.Status)},
		CommandID: commandID(run, r.ID, StepCreate),
		Actor:     merchant,
	}
	if r.EstimatedAt != nil {
		o.Metadata[metaEstimatedAt] = r.EstimatedAt.Format(time.RFC3339Nano)
	}
	for _, item := range r.Items {
		line := fulfillment.LineItem{
			Title: "Product " + short(item.ProductID), SKU: item.ProductID, Quantity: item.Quantity,
			UnitPrice: item.Price, LocationID: locationID(item.SellerID),
		}
		if item.ShippingLimitAt != nil {
			by := clock.Real(item.ShippingLimitAt.Time).UTC()
			line.FulfillBy = &by
			line.Metadata = map[string]string{metaLimitAt: item.ShippingLimitAt.Format(time.RFC3339Nano)}
		}
		o.LineItems = append(o.LineItems, line)
	}
	return o
}

// short is the first characters of an ID.
func short(id string) string {
	characters := []rune(id)
	return string(characters[:min(8, len(characters))])
}

// commandID is the same whenever the step is sent, so that sending it again is harmless.
func commandID(run, recordID string, step Step, more ...string) string {
	return strings.Join(append([]string{"rehearsal", run, recordID, string(step)}, more...), "/")
}
