package news

import "strings"

// The names by which news waits for what it is about, and by which it is found: see [Subject.Names].
const (
	referenceName = "reference:"
	shipmentName  = "shipment:"
	requestName   = "request:"
)

// RequestName is the name of the request that has this key although the key is another fulfillment order's: what that
// had asked for before the database was set back stands for this one.
func RequestName(key string) string { return requestName + clip(key) }

// ReferenceName is the name of a request that the system calls so.
func ReferenceName(reference string) string { return referenceName + clip(reference) }

// ShipmentName is the name of a shipment that the system calls so.
func ShipmentName(shipment string) string { return shipmentName + clip(shipment) }

// Names are what the subject is called, the most certain one first; a tracking number is none of them.
func (s Subject) Names() []string {
	var names []string
	if s.Shipment != "" {
		names = append(names, ShipmentName(s.Shipment))
	}
	if s.RequestKey != "" {
		names = append(names, RequestName(s.RequestKey))
	}
	if s.Reference != "" {
		names = append(names, ReferenceName(s.Reference))
	}
	return names
}

// longestName is what an index takes well, in bytes.
const longestName = 500

func clip(name string) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), "\x00", "\uFFFD")
	if len(name) > longestName {
		name = strings.ToValidUTF8(name[:longestName], "")
	}
	return name
}
