package callback

import (
	"time"

	"packhorse/internal/fulfillment"
)

// MaxAge is how old shipments are at most whose tracking numbers are asked for.
const MaxAge = 7 * 24 * time.Hour

// MaxNames is how many shipments one question for tracking numbers names at most.
const MaxNames = 50

// Untracked is a shipment without a tracking number.
type Untracked struct {
	ID, FulfillmentOrderID fulfillment.ID
	Name                   string
	Company, URL           string // of the carrier, as far as that was said without a number
	UpdatedAt              time.Time
}
