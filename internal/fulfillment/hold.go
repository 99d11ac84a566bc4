package fulfillment

import "time"

// Hold keeps a fulfillment order from being worked on.
type Hold struct {
	ID          ID         `json:"id"`
	Reason      HoldReason `json:"reason"`
	ReasonNotes string     `json:"reasonNotes,omitempty"`
	Handle      string     `json:"handle"`               // unique per app and fulfillment order; "" counts
	HeldBy      Actor      `json:"heldBy"`               // the app that owns it
	ExternalID  string     `json:"externalId,omitempty"` // the app's own tracking ID
	HeldAt      time.Time  `json:"heldAt"`
	ExpiresAt   *time.Time `json:"expiresAt,omitempty"` // released by itself at this time
}

// PlaceHold puts a fulfillment order on hold (verb "Hold"); with lines, only those units: the rest goes to a sibling.
type PlaceHold struct {
	Meta
	Reason         HoldReason `json:"reason"`
	ReasonNotes    string     `json:"reasonNotes,omitempty"`
	NotifyMerchant bool       `json:"notifyMerchant,omitempty"`
	ExternalID     string     `json:"externalId,omitempty"`
	Handle         string     `json:"handle,omitempty"`
	Lines          []Quantity `json:"fulfillmentOrderLineItems,omitempty"`
	ExpiresAt      *time.Time `json:"expiresAt,omitempty"`
}

// ReleaseHold releases holds: those named; or, without names, all of the app's own (OwnOnly) or all of every app.
type ReleaseHold struct {
	Meta
	HoldIDs    []ID   `json:"holdIds,omitempty"`
	OwnOnly    bool   `json:"ownOnly,omitempty"`
	ExternalID string `json:"externalId,omitempty"`
}
