package news

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
)

// reused is after how long carriers give a number again, at the earliest.
const reused = 120 * 24 * time.Hour

// Parcel is a shipment that has the number of a parcel, or one that is spelt otherwise.
type Parcel struct {
	FulfillmentID      fulfillment.ID
	FulfillmentOrderID fulfillment.ID
	OrderID            fulfillment.ID
	Number, Company    string // of its tracking, as they were given
	CreatedAt          time.Time
	Cancelled          bool
	DeliveredAt        *time.Time // when it was delivered, as the carrier says it; nil: it is not
}

// Match says which of the shipments that have a parcel's number are meant by news of it: all of one order, because a
// parcel may carry several shipments, or none. Numbers are given again, so of several orders only what is on its way
// counts. why says what stands in the way when a person has to decide; at is when it happened.
func Match(about Subject, at time.Time, parcels []Parcel) (meant []Parcel, why string) {
	same := func(p Parcel) bool { return strings.EqualFold(strings.TrimSpace(about.TrackingNumber), p.Number) }
	carrier := CarrierClass(about.Carrier)
	meant = preferred(parcels, same)
	meant = preferred(meant, func(p Parcel) bool { return carrier != "" && CarrierClass(p.Company) == carrier })
	if len(orders(meant)) > 1 {
		meant = slices.DeleteFunc(slices.Clone(meant), func(p Parcel) bool {
			return p.Cancelled || p.DeliveredAt != nil || p.CreatedAt.Before(at.Add(-reused))
		})
		if n := len(orders(meant)); n != 1 {
			return nil, fmt.Sprintf("%d orders have shipments with this number, and %d of them are on their way. Say "+
				"which one is meant: packhorse news replay ID --fulfillment FULFILLMENT.", len(orders(parcels)), n)
		}
	}
	return preferred(meant, func(p Parcel) bool { return !p.Cancelled }), ""
}

// preferred is those that are so; if none is, all.
func preferred(parcels []Parcel, so func(Parcel) bool) []Parcel {
	some := slices.DeleteFunc(slices.Clone(parcels), func(p Parcel) bool { return !so(p) })
	if len(some) == 0 {
		return parcels
	}
	return some
}

func orders(parcels []Parcel) map[fulfillment.ID]bool {
	ids := map[fulfillment.ID]bool{}
	for _, p := range parcels {
		ids[p.OrderID] = true
	}
	return ids
}

// carriers are how the names of carriers begin, without blanks and in small letters, longer ones first where one begins
// like another.
var carriers = []string{
	"usps", "ups", "fedex", "dhl", "dpd", "gls", "canadapost", "royalmail", "australiapost", "auspost", "ontrac",
	"lasership", "purolator", "evri", "hermes", "postnl", "colissimo", "laposte", "chronopost", "amazon", "inpost",
	"mondialrelay", "correos", "yodel", "swisspost", "deutschepost",
}

// sameCarrier are names under which a carrier of another one goes.
var sameCarrier = map[string]string{"auspost": "australiapost", "hermes": "evri", "colissimo": "laposte"}

// CarrierClass is what carriers are compared by: systems name them "UPS", "UPSDAP" and "UPS®", which is "ups".
// Empty: it is not known.
func CarrierClass(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
	for _, carrier := range carriers {
		if strings.HasPrefix(plain, carrier) {
			if same, ok := sameCarrier[carrier]; ok {
				return same
			}
			return carrier
		}
	}
	return ""
}
