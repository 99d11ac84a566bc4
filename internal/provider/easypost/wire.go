package easypost

import (
	"slices"
	"strings"
	"time"
)

// shipment is EasyPost's Shipment: one parcel, bought or not.
type shipment struct {
	ID           text           `json:"id"`
	Reference    text           `json:"reference"`
	IsReturn     flag           `json:"is_return"`
	CreatedAt    text           `json:"created_at"`
	TrackingCode text           `json:"tracking_code"`
	RefundStatus text           `json:"refund_status"`
	Rates        list[rate]     `json:"rates"`
	Messages     list[message]  `json:"messages"`
	SelectedRate maybe[rate]    `json:"selected_rate"`
	Label        maybe[label]   `json:"postage_label"`
	Tracker      maybe[tracker] `json:"tracker"`
	Forms        list[form]     `json:"forms"`
}

// bought tells whether there is a label. The status of a Shipment says nothing of it.
func (s shipment) bought() bool { return s.Label.Value != nil }

// refunding tells whether the label is void, or is going to be.
func (s shipment) refunding() bool {
	return s.RefundStatus == refundSubmitted || s.RefundStatus == refundDone
}

func (s shipment) label() label {
	if s.Label.Value == nil {
		return label{}
	}
	return *s.Label.Value
}

func (s shipment) tracker() tracker {
	if s.Tracker.Value == nil {
		return tracker{}
	}
	return *s.Tracker.Value
}

func (s shipment) selected() rate {
	if s.SelectedRate.Value == nil {
		return rate{}
	}
	return *s.SelectedRate.Value
}

// forms are the first of each type: two calls at the same time may have had one made each.
func (s shipment) forms() []form {
	var forms []form
	for _, f := range s.Forms {
		if !slices.ContainsFunc(forms, func(other form) bool { return other.Type == f.Type }) {
			forms = append(forms, f)
		}
	}
	return forms
}

// trackingCode is the parcel's number.
func (s shipment) trackingCode() string {
	if s.TrackingCode != "" {
		return string(s.TrackingCode)
	}
	return string(s.tracker().TrackingCode)
}

// The values of refund_status. There is none before a refund was asked for.
const (
	refundSubmitted     = "submitted"
	refundDone          = "refunded"
	refundRejected      = "rejected"
	refundNotApplicable = "not_applicable"
)

type rate struct {
	ID           text `json:"id"`
	Carrier      text `json:"carrier"`
	Service      text `json:"service"`
	Rate         text `json:"rate"` // exact decimal text
	Currency     text `json:"currency"`
	DeliveryDays text `json:"delivery_days"`
	EstDays      text `json:"est_delivery_days"`
}

// message is what a carrier says instead of a rate.
type message struct {
	Carrier text `json:"carrier"`
	Type    text `json:"type"`
	Message text `json:"message"`
}

type label struct {
	ID        text `json:"id"`
	CreatedAt text `json:"created_at"`
	FileType  text `json:"label_file_type"`
	URL       text `json:"label_url"`
	PDF       text `json:"label_pdf_url"`
	ZPL       text `json:"label_zpl_url"`
	EPL2      text `json:"label_epl2_url"`
}

type form struct {
	Type text `json:"form_type"`
	URL  text `json:"form_url"`
}

type tracker struct {
	ID           text         `json:"id"`
	TrackingCode text         `json:"tracking_code"`
	Carrier      text         `json:"carrier"`
	Status       text         `json:"status"`
	StatusDetail text         `json:"status_detail"`
	ShipmentID   text         `json:"shipment_id"`
	PublicURL    text         `json:"public_url"`
	UpdatedAt    text         `json:"updated_at"`
	IsReturn     flag         `json:"is_return"`
	Finalized    flag         `json:"finalized"`
	Details      list[detail] `json:"tracking_details"`
}

// detail is one thing that a carrier has told of a parcel.
type detail struct {
	Message      text            `json:"message"`
	Description  text            `json:"description"`
	Status       text            `json:"status"`
	StatusDetail text            `json:"status_detail"`
	Datetime     text            `json:"datetime"`
	Location     maybe[location] `json:"tracking_location"`
}

type location struct {
	City    text `json:"city"`
	State   text `json:"state"`
	Country text `json:"country"`
	Zip     text `json:"zip"`
}

// moment reads a time of EasyPost's; zero: there is none.
func moment(t text) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, strings.TrimSpace(string(t))); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}
