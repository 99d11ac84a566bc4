package news

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// Silent is a shipment of a service that is under way, and of which nothing was heard for a while.
type Silent struct {
	FulfillmentID      fulfillment.ID
	FulfillmentOrderID fulfillment.ID
	Provider           string
	ServiceID          fulfillment.ID
	Name               string // of the shipment, such as "#1001-F1"
	Number             string // the first tracking number
	DisplayStatus      fulfillment.DisplayStatus
	HeardAt            time.Time // when something was heard last
}

// Item is the news that people are told: one for each silence.
func (s Silent) Item(now time.Time) Item {
	what := s.Name
	if s.Number != "" {
		what += " (parcel " + s.Number + ")"
	}
	days := int(now.Sub(s.HeardAt).Hours() / 24)
	notice := provider.Notice{Kind: provider.NoticeKind(NothingHeard), Message: fmt.Sprintf(
		"Nothing was heard of %s for %d days; it is %s. Ask the carrier where it is.", what, days, s.DisplayStatus,
	)}
	payload, _ := json.Marshal(notice) // It can't fail.
	return Item{
		Provider: s.Provider, ServiceID: s.ServiceID, Source: FromWatch,
		Key:   silence(s.FulfillmentID, strconv.FormatInt(s.HeardAt.UnixMicro(), 10)),
		About: Subject{FulfillmentOrderID: s.FulfillmentOrderID}, Payload: payload, ReceivedAt: now,
	}
}

// silence is the key of a silence: another one has another beginning.
func silence(shipment fulfillment.ID, since string) string {
	return "silence/" + shipment.String() + "/" + since
}

// StillSilent tells whether the alert is that nothing was heard of this shipment, and nothing was heard since.
func (i Item) StillSilent(f *fulfillment.Fulfillment) bool {
	return i.Alert == NothingHeard && strings.HasPrefix(i.Key, silence(f.ID, "")) && !f.UpdatedAt.After(i.ReceivedAt)
}
