package shipbob

import (
	"cmp"
	"slices"
)

// order is ShipBob's order as far as it matters here.
type order struct {
	ID          text           `json:"id"`
	ReferenceID text           `json:"reference_id"`
	Status      text           `json:"status"`
	Products    list[product]  `json:"products"`
	Shipments   list[shipment] `json:"shipments"`
	Tags        list[tag]      `json:"tags"`
}

// product is a line of an order.
type product struct {
	ID             text `json:"id"`
	ReferenceID    text `json:"reference_id"`
	SKU            text `json:"sku"`
	Quantity       text `json:"quantity"`
	ExternalLineID text `json:"external_line_id"`
}

type tag struct {
	Name  text `json:"name"`
	Value text `json:"value"`
}

// shipment is the part of an order that one fulfillment center ships.
type shipment struct {
	ID            text                  `json:"id"`
	OrderID       text                  `json:"order_id"`
	Status        text                  `json:"status"`
	StatusDetails list[detail]          `json:"status_details"`
	Products      list[shippedProduct]  `json:"products"`
	Tracking      maybe[parcelTracking] `json:"tracking"`
	Location      maybe[facility]       `json:"location"`

	EstimatedFulfillmentDate moment `json:"estimated_fulfillment_date"`
	ActualFulfillmentDate    moment `json:"actual_fulfillment_date"`
	DeliveryDate             moment `json:"delivery_date"`
	LastUpdateAt             moment `json:"last_update_at"`
	LastTrackingUpdateAt     moment `json:"last_tracking_update_at"`
}

// detail says more about a shipment's status.
type detail struct {
	Name             text               `json:"name"`
	Description      text               `json:"description"`
	ExtraInformation maybe[information] `json:"extra_information"`
}

type information struct {
	ValidationMessages list[text] `json:"validation_messages"`
}

// shippedProduct has no quantity of its own: its inventory items have.
type shippedProduct struct {
	ID             text                `json:"id"`
	ReferenceID    text                `json:"reference_id"`
	SKU            text                `json:"sku"`
	InventoryItems list[inventoryItem] `json:"inventory_items"`
}

type inventoryItem struct {
	ID       text `json:"id"`
	Quantity text `json:"quantity"`
}

type parcelTracking struct {
	Carrier      text   `json:"carrier"`
	Number       text   `json:"tracking_number"`
	URL          text   `json:"tracking_url"`
	ShippingDate moment `json:"shipping_date"`
}

type facility struct {
	ID   text `json:"id"`
	Name text `json:"name"`
}

// The statuses that mean something here; see [text.key].
const (
	statusCompleted    = "completed"
	statusException    = "exception"
	statusOnHold       = "onhold"
	statusCancelled    = "cancelled"
	statusLabelled     = "labeledcreated"
	statusImportReview = "importreview"
)

// sorted is the order's shipments by their IDs: the same whenever and in whatever order they come.
func (o order) sorted() []shipment {
	return slices.SortedFunc(slices.Values(o.Shipments), func(a, b shipment) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
}

// left tells whether the shipment has a label, and so can't be stopped any more, or has left.
func (s shipment) left() bool {
	switch s.Status.key() {
	case statusLabelled, statusCompleted:
		return true
	case statusCancelled:
		return false
	}
	return slices.ContainsFunc(s.StatusDetails, func(d detail) bool { return leftDetails[d.Name.key()] })
}

// leftDetails are the details of a shipment that has a label.
var leftDetails = map[string]bool{
	"labeled": true, "labelled": true, "awaitingcarrierscan": true, "intransit": true, "outfordelivery": true,
	"delivered": true, "deliveryexception": true, "deliveryattemptfailed": true,
}

// cancelled tells whether nothing of the order will be shipped.
func (o order) cancelled() bool {
	if slices.ContainsFunc(o.Shipments, shipment.left) {
		return false
	}
	if o.Status.key() == statusCancelled {
		return true
	}
	return len(o.Shipments) > 0 &&
		!slices.ContainsFunc(o.Shipments, func(s shipment) bool { return s.Status.key() != statusCancelled })
}
