package fulfillment_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"packhorse/internal/fulfillment"
)

func openOrder(s fulfillment.Status, r fulfillment.RequestStatus) fulfillment.FulfillmentOrderView {
	return fulfillment.FulfillmentOrderView{Status: s, RequestStatus: r, Total: 2, Remaining: 2}
}

func TestDisplayFulfillmentStatus(t *testing.T) {
	t.Parallel()
	open := openOrder(fulfillment.StatusOpen, fulfillment.RequestUnsubmitted)
	held := openOrder(fulfillment.StatusOnHold, fulfillment.RequestUnsubmitted)
	scheduled := openOrder(fulfillment.StatusScheduled, fulfillment.RequestUnsubmitted)
	submitted := openOrder(fulfillment.StatusOpen, fulfillment.RequestSubmitted)
	rejected := openOrder(fulfillment.StatusOpen, fulfillment.RequestRejected)
	accepted := openOrder(fulfillment.StatusInProgress, fulfillment.RequestAccepted)
	reported := openOrder(fulfillment.StatusInProgress, fulfillment.RequestUnsubmitted)
	incomplete := openOrder(fulfillment.StatusIncomplete, fulfillment.RequestClosed)
	withdrawn := openOrder(fulfillment.StatusCancelled, fulfillment.RequestCancellationAccepted)
	// As after a shipment that was taken back: with units.
	closed := openOrder(fulfillment.StatusClosed, fulfillment.RequestUnsubmitted)
	done := fulfillment.FulfillmentOrderView{
		Status: fulfillment.StatusClosed, RequestStatus: fulfillment.RequestAccepted, Total: 2,
	}
	shipment := fulfillment.FulfillmentView{Lines: []fulfillment.FulfillmentLine{{Quantity: 1}}}
	takenBack := fulfillment.FulfillmentView{Cancelled: true, Lines: shipment.Lines}
	type orders = []fulfillment.FulfillmentOrderView
	type shipments = []fulfillment.FulfillmentView
	for name, c := range map[string]struct {
		orders    orders
		shipments shipments
		cancelled bool
		want      fulfillment.OrderDisplayStatus
	}{
		"nothing at all": {nil, nil, false, fulfillment.OrderUnfulfilled},
		"open":           {orders{open}, nil, false, fulfillment.OrderUnfulfilled},
		"shipped whole":  {orders{done}, shipments{shipment}, false, fulfillment.OrderFulfilled},
		"shipped in part": {
			orders{reported}, shipments{shipment}, false, fulfillment.OrderPartiallyFulfilled,
		},
		"shipped in part, rest held": {
			orders{done, held}, shipments{shipment}, false, fulfillment.OrderPartiallyFulfilled,
		},
		"shipment taken back": {
			orders{closed, open}, shipments{takenBack}, false, fulfillment.OrderUnfulfilled,
		},
		"all held": {
			orders{held, held, done}, nil, false, fulfillment.OrderOnHold,
		},
		"partial hold": {
			orders{held, open}, nil, false, fulfillment.OrderUnfulfilled,
		},
		"held and scheduled": {
			orders{held, scheduled}, nil, false, fulfillment.OrderUnfulfilled,
		},
		"all scheduled": {
			orders{scheduled, scheduled}, nil, false, fulfillment.OrderScheduled,
		},
		"scheduled and open": {
			orders{scheduled, open}, nil, false, fulfillment.OrderUnfulfilled,
		},
		"some rejected": {
			orders{open, rejected, accepted}, nil, false, fulfillment.OrderRequestDeclined,
		},
		"awaiting an answer": {
			orders{submitted, open}, nil, false, fulfillment.OrderInProgress,
		},
		"accepted": {
			orders{accepted, open}, nil, false, fulfillment.OrderInProgress,
		},
		"progress reported": {orders{reported}, nil, false, fulfillment.OrderInProgress},
		"given up by the service": {
			orders{incomplete}, nil, false, fulfillment.OrderUnfulfilled,
		},
		"taken back from the service": {orders{withdrawn}, nil, false, fulfillment.OrderUnfulfilled},
		"cancelled whole":             {orders{closed}, nil, true, fulfillment.OrderUnfulfilled},
		"rest cancelled after shipping": {
			orders{done}, shipments{shipment}, true, fulfillment.OrderFulfilled,
		},
		"open orders without units don't count": {
			orders{{Status: fulfillment.StatusOpen}, held}, nil, false, fulfillment.OrderOnHold,
		},
		"a shipment without units is not one": {
			orders{open}, shipments{{}}, false, fulfillment.OrderUnfulfilled,
		},
		"cancelled at the store but service goes on yet": {
			orders{openOrder(fulfillment.StatusInProgress, fulfillment.RequestCancellationRequested)}, nil, true,
			fulfillment.OrderInProgress,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := fulfillment.OrderView{Cancelled: c.cancelled, FulfillmentOrders: c.orders, Fulfillments: c.shipments}
			if got := v.DisplayFulfillmentStatus(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// The rows 68 to 79 are the cases of Medusa's own test of its rule.
func TestMedusaFulfillmentStatus(t *testing.T) {
	t.Parallel()
	at := orderTime
	created := fulfillment.FulfillmentView{}
	packed := fulfillment.FulfillmentView{PackedAt: &at}
	shipped := fulfillment.FulfillmentView{PackedAt: &at, ShippedAt: &at}
	delivered := fulfillment.FulfillmentView{PackedAt: &at, ShippedAt: &at, DeliveredAt: &at}
	cancelled := fulfillment.FulfillmentView{PackedAt: &at, ShippedAt: &at, DeliveredAt: &at, CancelledAt: &at}
	type shipments = []fulfillment.FulfillmentView
	for name, c := range map[string]struct {
		shipments shipments
		short     bool // a line has a unit in no shipment
		want      fulfillment.OrderFulfillmentStatus
	}{
		"68 none":         {nil, false, fulfillment.OrderStatusNotFulfilled},
		"69 only created": {shipments{created}, false, fulfillment.OrderStatusNotFulfilled},
		"70 created and packed": {
			shipments{created, packed}, false, fulfillment.OrderStatusPartiallyFulfilled,
		},
		"71 packed and packed": {shipments{packed, packed}, false, fulfillment.OrderStatusFulfilled},
		"72 shipped and packed": {
			shipments{shipped, packed}, false, fulfillment.OrderStatusPartiallyShipped,
		},
		"73 shipped and shipped": {shipments{shipped, shipped}, false, fulfillment.OrderStatusShipped},
		"74 shipped and delivered": {
			shipments{shipped, delivered}, false, fulfillment.OrderStatusPartiallyDelivered,
		},
		"75 delivered and delivered": {
			shipments{delivered, delivered}, false, fulfillment.OrderStatusDelivered,
		},
		"76 delivered and cancelled": {
			shipments{delivered, cancelled}, false, fulfillment.OrderStatusDelivered,
		},
		"77 shipped and cancelled": {shipments{shipped, cancelled}, false, fulfillment.OrderStatusShipped},
		"78 packed, shipped and cancelled": {
			shipments{packed, shipped, cancelled}, false, fulfillment.OrderStatusPartiallyShipped,
		},
		"79 cancelled and cancelled": {shipments{cancelled, cancelled}, true, fulfillment.OrderStatusCanceled},
		"packed, a unit short":       {shipments{packed}, true, fulfillment.OrderStatusPartiallyFulfilled},
		"shipped, a unit short":      {shipments{shipped}, true, fulfillment.OrderStatusPartiallyShipped},
		"delivered, a unit short":    {shipments{delivered}, true, fulfillment.OrderStatusPartiallyDelivered},
		"created and cancelled": {
			shipments{created, cancelled}, true, fulfillment.OrderStatusNotFulfilled,
		},
		"marked cancelled without a time": {
			shipments{{Cancelled: true, PackedAt: &at}}, true, fulfillment.OrderStatusCanceled,
		},
		"nothing is shipped, all are ordered": {nil, true, fulfillment.OrderStatusNotFulfilled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := fulfillment.OrderView{
				Lines: []fulfillment.OrderLineView{{LineItemID: 11}, {LineItemID: 12, Ordered: 3, Cancelled: 3}},
			}
			for _, f := range c.shipments { // Each shipment holds one unit of the first line.
				f.Lines = []fulfillment.FulfillmentLine{{LineItemID: 11, Quantity: 1}}
				v.Fulfillments = append(v.Fulfillments, f)
				if !f.Cancelled && f.CancelledAt == nil {
					v.Lines[0].Ordered++
				}
			}
			if c.short {
				v.Lines[0].Ordered++
			}
			if got := v.FulfillmentStatus(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestMedusaReturnStatus(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines []fulfillment.OrderLineView
		want  fulfillment.OrderFulfillmentStatus
	}{
		"nothing back": {[]fulfillment.OrderLineView{{Ordered: 2}}, fulfillment.OrderStatusNotFulfilled},
		"a unit back": {
			[]fulfillment.OrderLineView{{Ordered: 2, Returned: 1}}, fulfillment.OrderStatusPartiallyReturned,
		},
		"a line back": {
			[]fulfillment.OrderLineView{{Ordered: 2, Returned: 2}, {Ordered: 1}},
			fulfillment.OrderStatusPartiallyReturned,
		},
		"everything back": {
			[]fulfillment.OrderLineView{{Ordered: 2, Returned: 2}, {Ordered: 1, Returned: 1}},
			fulfillment.OrderStatusReturned,
		},
		"all that is left": {
			[]fulfillment.OrderLineView{{Ordered: 2, Cancelled: 1, Returned: 1}, {Ordered: 1, Cancelled: 1}},
			fulfillment.OrderStatusReturned,
		},
		"more than there was": {
			[]fulfillment.OrderLineView{{Ordered: 2, Returned: 3}, {Ordered: 1}}, fulfillment.OrderStatusRequiresAction,
		},
		"more than is left": {
			[]fulfillment.OrderLineView{{Ordered: 2, Cancelled: 1, Returned: 2}}, fulfillment.OrderStatusRequiresAction,
		},
		"nothing left or back": {
			[]fulfillment.OrderLineView{{Ordered: 2, Cancelled: 2}}, fulfillment.OrderStatusNotFulfilled,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := (fulfillment.OrderView{Lines: c.lines}).FulfillmentStatus(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestViewOrder(t *testing.T) {
	t.Parallel()
	created, news, gone := orderTime, orderTime.Add(time.Hour), orderTime.Add(2*time.Hour)
	fos := []*fulfillment.FulfillmentOrder{
		{Status: fulfillment.StatusInProgress, RequestStatus: fulfillment.RequestAccepted,
			Lines: []fulfillment.Line{{LineItemID: 11, Total: 3, Remaining: 2, Cancelled: 4}},
			Fulfillments: []fulfillment.Fulfillment{
				{Status: fulfillment.FulfillmentSuccess, CreatedAt: created,
					Lines: []fulfillment.FulfillmentLine{{LineItemID: 11, Quantity: 1}},
					Events: []fulfillment.FulfillmentEvent{
						{Status: fulfillment.EventLabelPrinted, HappenedAt: created},
						{Status: fulfillment.EventCarrierPickedUp, HappenedAt: news},
					}},
				{
					Status: fulfillment.FulfillmentCancelled, CreatedAt: created, InTransitAt: &news,
					CancelledAt: &gone, Lines: []fulfillment.FulfillmentLine{{LineItemID: 11, Quantity: 5}},
				},
			}},
		// Its units live on in another.
		{Status: fulfillment.StatusClosed, RequestStatus: fulfillment.RequestUnsubmitted,
			Lines: []fulfillment.Line{{LineItemID: 12, Total: 7, Remaining: 7}}},
		{
			Status: fulfillment.StatusOpen, RequestStatus: fulfillment.RequestUnsubmitted,
			Lines: []fulfillment.Line{
				{LineItemID: 12, Total: 7, Remaining: 7}, {LineItemID: 11, Total: 1, Remaining: 1},
			},
		},
	}
	want := fulfillment.OrderView{
		Cancelled: true,
		Lines: []fulfillment.OrderLineView{
			{LineItemID: 11, Ordered: 8, Cancelled: 4}, {LineItemID: 12, Ordered: 7},
		},
		FulfillmentOrders: []fulfillment.FulfillmentOrderView{
			{Status: fulfillment.StatusInProgress, RequestStatus: fulfillment.RequestAccepted, Total: 3, Remaining: 2},
			{Status: fulfillment.StatusClosed, RequestStatus: fulfillment.RequestUnsubmitted, Total: 7, Remaining: 7},
			{Status: fulfillment.StatusOpen, RequestStatus: fulfillment.RequestUnsubmitted, Total: 8, Remaining: 8},
		},
		Fulfillments: []fulfillment.FulfillmentView{
			{PackedAt: &created, ShippedAt: &news, Lines: fos[0].Fulfillments[0].Lines},
			{
				Cancelled: true, PackedAt: &created, ShippedAt: &news, CancelledAt: &gone,
				Lines: fos[0].Fulfillments[1].Lines,
			},
		},
	}
	if diff := cmp.Diff(want, fulfillment.ViewOrder(true, fos)); diff != "" {
		t.Error(diff)
	}
}

// Whatever became of an order, its statuses are ones that are defined and still in use, and don't depend on the order
// in which fulfillment orders and shipments are listed.
func TestOrderStatusesProperty(t *testing.T) {
	t.Parallel()
	replaced := []fulfillment.OrderDisplayStatus{
		fulfillment.OrderOpen, fulfillment.OrderRestocked, fulfillment.OrderPendingFulfillment,
	}
	rapid.Check(t, func(t *rapid.T) {
		v := fulfillment.OrderView{Cancelled: rapid.Bool().Draw(t, "cancelled")}
		small := rapid.IntRange(0, 3)
		for range small.Draw(t, "lines") {
			v.Lines = append(v.Lines, fulfillment.OrderLineView{LineItemID: fulfillment.ID(len(v.Lines)),
				Ordered:   small.Draw(t, "ordered"),
				Cancelled: small.Draw(t, "cancelled units"), Returned: small.Draw(t, "returned")})
		}
		for range small.Draw(t, "fulfillment orders") {
			v.FulfillmentOrders = append(v.FulfillmentOrders, fulfillment.FulfillmentOrderView{
				Status: rapid.SampledFrom(fulfillment.Statuses).Draw(t, "status"),
				RequestStatus: rapid.SampledFrom(
					fulfillment.RequestStatuses,
				).Draw(t, "request status"), Remaining: small.Draw(t, "remaining")})
		}
		when := func(what string) *time.Time {
			if rapid.Bool().Draw(t, what) {
				at := orderTime
				return &at
			}
			return nil
		}
		for range small.Draw(t, "shipments") {
			v.Fulfillments = append(v.Fulfillments, fulfillment.FulfillmentView{PackedAt: when("packed"),
				ShippedAt:   when("shipped"),
				DeliveredAt: when("delivered"), CancelledAt: when("cancelled"),
				Lines: []fulfillment.FulfillmentLine{
					{LineItemID: fulfillment.ID(small.Draw(t, "line")), Quantity: small.Draw(t, "units")},
				}})
		}
		display, status := v.DisplayFulfillmentStatus(), v.FulfillmentStatus()
		if !slices.Contains(fulfillment.OrderDisplayStatuses, display) || slices.Contains(replaced, display) {
			t.Fatalf("display status %q", display)
		}
		if !slices.Contains(fulfillment.OrderFulfillmentStatuses, status) {
			t.Fatalf("status %q", status)
		}
		slices.Reverse(v.FulfillmentOrders)
		slices.Reverse(v.Fulfillments)
		slices.Reverse(v.Lines)
		if v.DisplayFulfillmentStatus() != display || v.FulfillmentStatus() != status {
			t.Fatalf(
				"%s and %s became %s and %s by listing in another order", display, status, v.DisplayFulfillmentStatus(),
				v.FulfillmentStatus(),
			)
		}
	})
}
