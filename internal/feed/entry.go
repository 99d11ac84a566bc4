package feed

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// Entry is an event as readers of the feed are given it.
type Entry struct {
	Position int64 `json:"position"` // in the feed: 1, 2, 3 …
	// ID is a UUID that the event has whenever it is read, and no other event has
	ID          string    `json:"id"`
	CommittedAt time.Time `json:"committedAt"` // when it was written, UTC
	// OrderID is missing of an event that is about the feed itself
	OrderID fulfillment.ID `json:"orderId,omitempty"`
	// FulfillmentOrderID is missing of an event that is about the order itself, or a return
	FulfillmentOrderID fulfillment.ID `json:"fulfillmentOrderId,omitempty"`
	ReturnID           fulfillment.ID `json:"returnId,omitempty"` // missing: it is not about a return
	Sequence           int64          `json:"sequence"`           // the transition's, in the life of what it is about
	Place              int            `json:"place"`              // among the events of the transition, from 0
	// Topic is the webhook topic, such as "fulfillment_orders/moved"; missing: the transition raises none
	Topic string `json:"topic,omitempty"`
	// Kind is that of the transition: a Kind; of the order itself, an OrderKind; of a return, a ReturnKind
	Kind string `json:"kind"`

	At      time.Time        `json:"at"`                // when it was decided, UTC
	Command fulfillment.Verb `json:"command,omitempty"` // what caused it, if it was a fulfillment order's command
	// CommandID is the idempotency key of what caused it; missing: no command did
	CommandID string            `json:"commandId,omitempty"`
	Actor     fulfillment.Actor `json:"actor"`
	Reason    string            `json:"reason,omitempty"` // why, in words for people

	// Before is a State; of the order itself, OrderStatuses; of a return, a ReturnState. Missing: it was just made
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"` // likewise
	// Details are Details; of the order itself, OrderDetails; of a return, ReturnDetails
	Details json.RawMessage `json:"details,omitempty"`
	Version int             `json:"version"` // EventVersion, of what is in before, after and details
}

// entrySpace is where the names of events are made UUIDs.
var entrySpace = uuid.MustParse("6c2f5dd9-0b5b-4a05-9d39-8c1f0d1b8a55")

// Read is the entry of what is stored.
func Read(stored postgres.FeedEntry) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(stored.Event, &e); err != nil {
		return Entry{}, fmt.Errorf("read the event with position %d: %w", stored.Position, err)
	}
	e.Position, e.Place, e.CommittedAt = stored.Position, stored.Place, stored.CommittedAt.UTC()
	e.OrderID, e.FulfillmentOrderID = stored.OrderID, stored.FulfillmentOrderID
	e.Sequence, e.Topic = stored.Sequence, stored.Topic
	// A database that is set back may come to the same sequence again, at another time.
	name := fmt.Sprintf(
		"%d/%d/%d/%d/%s", e.OrderID, e.FulfillmentOrderID, e.Sequence, e.Place, e.At.UTC().Format(time.RFC3339Nano),
	)
	if e.ReturnID != 0 {
		name += "/return/" + e.ReturnID.String()
	}
	e.ID = uuid.NewSHA1(entrySpace, []byte(name)).String()
	return e, nil
}
