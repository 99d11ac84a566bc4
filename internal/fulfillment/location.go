package fulfillment

import "time"

// ManualProvider is the provider of services without a system of their own: people read the request and answer it.
const ManualProvider = "manual"

// AcceptPolicy says what happens when a service has not answered a request in time.
type AcceptPolicy string

// The accept policies.
const (
	AcceptRemind  AcceptPolicy = "REMIND"  // a reminder event, and again after the same time
	AcceptReroute AcceptPolicy = "REROUTE" // take it back and send it to the next location
	AcceptHold    AcceptPolicy = "HOLD"    // take it back and put it on hold for a person
)

// AcceptPolicies lists every AcceptPolicy.
var AcceptPolicies = []AcceptPolicy{AcceptRemind, AcceptReroute, AcceptHold}

// AssignedLocation is where a fulfillment order is to be fulfilled, as it was when it was assigned. While the
// fulfillment order is OPEN, SCHEDULED or ON_HOLD, Shopify's API shows the name and address that the [Location] has by
// now instead, if it is still there; from then on it shows these.
type AssignedLocation struct {
	LocationID  ID     `json:"locationId"`
	Name        string `json:"name"`
	CountryCode string `json:"countryCode,omitempty"` // ISO 3166-1 alpha-2

	ProvinceCode string `json:"provinceCode,omitempty"`
	City         string `json:"city,omitempty"`
	Address1     string `json:"address1,omitempty"`
	Address2     string `json:"address2,omitempty"`
	Zip          string `json:"zip,omitempty"`
	Phone        string `json:"phone,omitempty"`

	ServiceID   ID     `json:"serviceId,omitempty"` // zero: the merchant's own location
	ServiceName string `json:"serviceName,omitempty"`
	Provider    string `json:"provider,omitempty"` // ID of the provider plug-in that talks to the service

	AcceptWithin Duration     `json:"acceptWithin,omitempty"` // how long the service has to answer; 0: no limit
	AcceptPolicy AcceptPolicy `json:"acceptPolicy,omitempty"` // default REMIND
	Why          string       `json:"why,omitempty"`          // why this location, in words
}

// AtService tells whether a fulfillment service runs the location.
func (l AssignedLocation) AtService() bool { return l.ServiceID != 0 }

// Automated tells whether the service has a system that Packhorse calls.
func (l AssignedLocation) Automated() bool {
	return l.AtService() && l.Provider != "" && l.Provider != ManualProvider
}

// Duration is a time.Duration whose JSON is text such as "36h0m0s".
type Duration time.Duration

// MarshalText is the duration in Go's notation.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads Go's notation, such as "90m".
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return refusal(CodeInvalid, nil, "%q is not a duration: write it like \"90m\" or \"36h\".", text)
	}
	*d = Duration(v)
	return nil
}
