package easypost

import (
	"context"
	"encoding/json"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// Ledger remembers which of EasyPost's shipments belongs to which call. EasyPost knows no idempotency keys, but it
// sells a shipment's label once only; so a call that names its shipment before it buys can be repeated. It holds no
// personal data and no secrets.
type Ledger interface {
	// Begin keeps a call with its parcels, or returns what was kept under its key before.
	Begin(ctx context.Context, call Call) (Call, error)
	// Find is what Begin kept; false: there is nothing.
	Find(ctx context.Context, key string) (Call, bool, error)
	// Made keeps a parcel's shipment, and returns the one to go on with: the first that was kept.
	Made(ctx context.Context, key string, number int, shipmentID string) (string, error)
	// Bought keeps that a parcel's label was bought, and returns how the call has ended meanwhile; nil: it goes on.
	Bought(ctx context.Context, key string, number int, p Purchase) (ended *provider.Answer, err error)
	// End ends a call, unless it has ended already, and returns the answer that counts: nothing is bought for it any
	// more. A call that was never begun can be ended, too.
	End(ctx context.Context, call Call, answer provider.Answer) (provider.Answer, error)

	// Cancel keeps the answer to a cancellation, and ends what it is about where ended is not nil. It returns the
	// answer that counts: the first.
	Cancel(
		ctx context.Context, key, requestKey string, answer provider.Answer, ended *provider.Answer,
	) (provider.Answer, error)
	// Cancellation is what Cancel kept; false: there is nothing.
	Cancellation(ctx context.Context, key string) (provider.Answer, bool, error)

	// Refund keeps how a parcel's refund stands.
	Refund(ctx context.Context, parcelID int64, status string) error
	// OfShipment is the call that a shipment of EasyPost's belongs to, with its parcel; false: none. Where there is no
	// shipment ID, the tracking number says it.
	OfShipment(ctx context.Context, shipmentID, trackingCode string) (Call, Parcel, bool, error)
	// Due are parcels of a service to look at: not looked at since a time, and not finished. The longest unseen first.
	Due(ctx context.Context, service fulfillment.ID, before time.Time, limit int) ([]Due, error)
	// Looked keeps that parcels were looked at, and which of them need it no more.
	Looked(ctx context.Context, ids, finished []int64, at time.Time) error
}

// Call is a request or a return, as the ledger has it.
type Call struct {
	Key                string
	Kind               fulfillment.EffectKind // REQUEST or RETURN
	FulfillmentOrderID fulfillment.ID
	ServiceID          fulfillment.ID
	Options            json.RawMessage // Options, to find the call's parcels without the service
	Notify             bool            // Request.NotifyCustomer
	CreatedAt          time.Time
	Ended              *provider.Answer // what it has come to without a label; nil: not ended
	Parcels            []Parcel         // by number
}

// Parcel is one parcel of a call.
type Parcel struct {
	ID           int64 // the ledger's
	Number       int   // from 1
	Units        []fulfillment.Quantity
	Grams        int    // with its packaging
	ShipmentID   string // empty: not made yet
	Bought       bool
	Purchase     Purchase
	RefundStatus string
}

// Purchase is what is known of a label that was bought.
type Purchase struct {
	TrackingCode string    `json:"trackingCode"`
	TrackingURL  string    `json:"trackingUrl,omitempty"`
	Carrier      string    `json:"carrier,omitempty"`
	At           time.Time `json:"at"`
}

// Due is a parcel to look at, with its call.
type Due struct {
	Call   Call
	Parcel Parcel
}

// parcel is the one with this number.
func (c *Call) parcel(number int) *Parcel {
	for i := range c.Parcels {
		if c.Parcels[i].Number == number {
			return &c.Parcels[i]
		}
	}
	return nil
}
