package paper

import (
	"strings"
	"time"

	"packhorse/internal/carrier"
	"packhorse/internal/fulfillment"
)

// Document is something to print, without its content. It belongs to a fulfillment order, and a label with a tracking
// number to the shipment that has the number.
type Document struct {
	ID                 fulfillment.ID           `json:"id"`
	OrderID            fulfillment.ID           `json:"orderId"`
	FulfillmentOrderID fulfillment.ID           `json:"fulfillmentOrderId"`
	ServiceID          fulfillment.ID           `json:"-"` // whose the fulfillment order is now; 0: the merchant's own
	Provider           string                   `json:"provider"`
	BroughtBy          fulfillment.ID           `json:"-"` // the service whose system brought it
	ServiceOptions     map[string]any           `json:"-"` // fulfillment.Service.Options of it, when it is to be fetched
	RequestKey         string                   `json:"-"` // of the effect whose answer brought it
	Reference          string                   `json:"-"` // what the provider calls the request
	Kind               fulfillment.DocumentKind `json:"kind"`
	Name               string                   `json:"name"` // file name; the extension may be missing
	Part               int                      `json:"-"`    // tells those apart that have the same name
	TrackingNumber     string                   `json:"trackingNumber,omitempty"`
	SourceURL          string                   `json:"-"` // whoever has it may read the document; empty: ask the provider

	SHA256    string     `json:"sha256,omitempty"` // hexadecimal; empty: there is no content yet
	MediaType string     `json:"mediaType,omitempty"`
	Size      int        `json:"size,omitempty"` // bytes
	Problem   string     `json:"problem,omitempty"`
	Attempts  int        `json:"attempts,omitempty"`
	NextAt    *time.Time `json:"nextAt,omitempty"` // when it is fetched again
	CreatedAt time.Time  `json:"createdAt"`
	VoidedAt  *time.Time `json:"voidedAt,omitempty"` // when the service stopped what it is for
	Printed   int        `json:"printed"`            // how often it was handed out
}

// FileName is the name of the file that it is handed out as: no path, and with the extension of what it is.
func (d *Document) FileName() string {
	name := strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || strings.ContainsRune(`/\":<>|?*`, c) {
			return '_'
		}
		return c
	}, d.Name)
	if end := Extension(d.MediaType); !strings.HasSuffix(strings.ToLower(name), end) {
		name += end
	}
	return name
}

// How long after it was bought a carrier takes a label back that was not used.
const (
	voidUSPS = 28 * 24 * time.Hour // strictly 30 days; some resellers give two less
	voidUPS  = 90 * 24 * time.Hour
)

// VoidableUntil is how long the carrier gives the money back for a label that was not used. nil: it is not known, or
// there is nothing to give back. Company is the carrier as the shipment names it; empty: it is told from the number.
func (d *Document) VoidableUntil(company string) *time.Time {
	if d.Kind != fulfillment.DocumentLabel || d.VoidedAt != nil {
		return nil
	}
	if company == "" {
		company = carrier.Propose(d.TrackingNumber)
	}
	switch strings.ToUpper(strings.TrimSpace(company)) {
	case "USPS":
		return new(d.CreatedAt.Add(voidUSPS))
	case "UPS":
		return new(d.CreatedAt.Add(voidUPS))
	}
	return nil
}

// OfShipment tells whether the document belongs to a shipment of its fulfillment order: labels of other parcels don't.
// With the carrier that the shipment names.
func (d *Document) OfShipment(f *fulfillment.Fulfillment) (company string, ok bool) {
	numbers := 0
	for _, t := range f.Tracking {
		if t.Number == "" {
			continue
		}
		numbers++
		if SameNumber(t.Number, d.TrackingNumber) {
			return t.Company, true
		}
	}
	return "", d.TrackingNumber == "" || numbers == 0
}

// SameNumber tells whether two texts are the same tracking number, however it is written.
func SameNumber(a, b string) bool {
	x, ok := carrier.Normalise(a)
	y, also := carrier.Normalise(b)
	return a == b || ok && also && x == y
}

// Access is that somebody was handed a document out.
type Access struct {
	At  time.Time `json:"at"`
	Who string    `json:"who"` // an app's handle, or an operator
}

// Path is where the content of a document is, on the server of the API.
func Path(id fulfillment.ID) string { return "/documents/" + id.String() }
