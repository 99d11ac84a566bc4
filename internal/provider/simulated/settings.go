package simulated

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// Settings say how a simulated service behaves. A service's options are the JSON of those that differ from the
// provider's defaults; durations are text such as "1m30s", rates are between 0 (never) and 1 (always).
type Settings struct {
	Latency Range `json:"latency"` // how long a call takes, half of it before its effect

	Answer      AnswerMode           `json:"answer"`
	AcceptAfter fulfillment.Duration `json:"acceptAfter"` // answer "pending": how long until the answer

	RejectionRate     float64                       `json:"rejectionRate"`
	RejectionReasons  []fulfillment.RejectionReason `json:"rejectionReasons"` // one is drawn; none: OTHER
	RejectAlways      fulfillment.RejectionReason   `json:"rejectAlways"`     // rejects every request, with this reason
	CancelRefusalRate float64                       `json:"cancelRefusalRate"`
	PartialRate       float64                       `json:"partialRate"` // accepts half of the units, rounded down

	LostAnswerRate      float64 `json:"lostAnswerRate"`      // the effect happens, the call gets no answer
	DuplicateAnswerRate float64 `json:"duplicateAnswerRate"` // a command of the service answers once more
	// the call gets no answer in time; the answer comes as a command
	LateAnswerRate  float64              `json:"lateAnswerRate"`
	LateAnswerAfter fulfillment.Duration `json:"lateAnswerAfter"` // after the call was made
	// a repeated key has another effect: to prove that checks find it
	IgnoreKeys bool `json:"ignoreKeys"`

	Ship                bool                 `json:"ship"`      // ships by itself what it accepted
	ShipAfter           fulfillment.Duration `json:"shipAfter"` // after it accepted, and between parcels
	PartialShipmentRate float64              `json:"partialShipmentRate"`
	TrackingCompany     string               `json:"trackingCompany" options:"empty"`
	// of the tracking numbers that it makes up
	TrackingPrefix string `json:"trackingPrefix" options:"empty"`

	// tells a carrier's news about what it shipped
	Deliver             bool                 `json:"deliver"`
	InTransitAfter      fulfillment.Duration `json:"inTransitAfter"`      // after shipping
	OutForDeliveryAfter fulfillment.Duration `json:"outForDeliveryAfter"` // after IN_TRANSIT
	DeliveredAfter      fulfillment.Duration `json:"deliveredAfter"`      // after OUT_FOR_DELIVERY
	// each delay varies by up to this part of it, both ways
	Jitter float64 `json:"jitter"`

	Labels bool `json:"labels"` // the answer to a request comes with a label

	Price        string `json:"price"` // of an option, exact decimal text; empty: it doesn't price
	CurrencyCode string `json:"currencyCode"`
}

// Range is a duration that varies.
type Range struct {
	Min fulfillment.Duration `json:"min"`
	Max fulfillment.Duration `json:"max"`
}

// AnswerMode says how the service answers requests and cancellation requests.
type AnswerMode string

// The answer modes.
const (
	AnswerImmediate AnswerMode = "immediate" // in the call
	AnswerPending   AnswerMode = "pending"   // with a command of its own, after AcceptAfter
	AnswerManual    AnswerMode = "manual"    // never by itself
)

// DefaultSettings are of a service that accepts at once and delivers within ten seconds, without any failures.
func DefaultSettings() Settings {
	const second = fulfillment.Duration(time.Second)
	return Settings{
		Answer: AnswerImmediate, AcceptAfter: second,
		RejectionReasons: []fulfillment.RejectionReason{fulfillment.RejectOutOfStock},
		LateAnswerAfter:  2 * second,
		Ship:             true, ShipAfter: 2 * second, TrackingCompany: "Simulated Carrier", TrackingPrefix: "SIM",
		Deliver: true, InTransitAfter: second, OutForDeliveryAfter: 3 * second, DeliveredAfter: 2 * second,
		Jitter: 0.2,
	}
}

// longestDelay stays, varied by its jitter, within what a time.Duration holds.
const longestDelay = fulfillment.Duration(100 * 365 * 24 * time.Hour)

var (
	decimal  = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,4})?$`)
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
)

// merge reads a service's options over these settings. "id" names an option and is none of the settings. The error
// is permanent.
func (s Settings) merge(data map[string]any) (Settings, error) {
	_, data, err := provider.OptionID(DefaultID, data, Option, ReturnOption)
	if err != nil {
		return Settings{}, err
	}
	s.RejectionReasons = slices.Clone(s.RejectionReasons) // The reader would write into the defaults'.
	err = provider.ReadOptions(DefaultID, data, &s, func() provider.OptionProblems { return s.problems() })
	if err != nil {
		return Settings{}, err
	}
	return s, nil
}

// HasOption tells whether the simulated provider has an option with this ID. A request with another one is rejected
// before it is called.
func HasOption(id string) bool { return id == Option || id == ReturnOption }

// problems is all values that mean nothing.
func (s Settings) problems() provider.OptionProblems {
	var p provider.OptionProblems
	for _, rate := range []struct {
		name  string
		value float64
	}{
		{"rejectionRate", s.RejectionRate}, {"cancelRefusalRate", s.CancelRefusalRate},
		{"partialRate", s.PartialRate},
		{"lostAnswerRate", s.LostAnswerRate},
		{"duplicateAnswerRate", s.DuplicateAnswerRate}, {"lateAnswerRate", s.LateAnswerRate},
		{"partialShipmentRate", s.PartialShipmentRate}, {"jitter", s.Jitter},
	} {
		if !(rate.value >= 0 && rate.value <= 1) {
			p.Add("%s is %v: it must be between 0 and 1", rate.name, rate.value)
		}
	}
	for _, delay := range []struct {
		name  string
		value fulfillment.Duration
	}{
		{"latency.min", s.Latency.Min}, {"latency.max", s.Latency.Max}, {"acceptAfter", s.AcceptAfter},
		{"lateAnswerAfter", s.LateAnswerAfter}, {"shipAfter", s.ShipAfter}, {"inTransitAfter", s.InTransitAfter},
		{"outForDeliveryAfter", s.OutForDeliveryAfter}, {"deliveredAfter", s.DeliveredAfter},
	} {
		p.Lasts(delay.name, delay.value, 0, time.Duration(longestDelay))
	}
	if s.Latency.Max < s.Latency.Min {
		p.Add("latency.max is %s: it must be at least latency.min, %s", time.Duration(s.Latency.Max),
			time.Duration(s.Latency.Min))
	}
	p.OneOf("answer", string(s.Answer), string(AnswerImmediate), string(AnswerPending), string(AnswerManual))
	for i, reason := range s.RejectionReasons {
		p.OneOf(fmt.Sprintf("rejectionReasons[%d]", i), string(reason), reasons()...)
	}
	if s.RejectAlways != "" {
		p.OneOf("rejectAlways", string(s.RejectAlways), reasons()...)
	}
	p.Text("trackingCompany", s.TrackingCompany, 255) // What is longer, no shipment could have.
	p.Text("trackingPrefix", s.TrackingPrefix, 200)
	if s.Price != "" && !decimal.MatchString(s.Price) {
		p.Add("price is %.50q: it must be a decimal such as 4.90", s.Price)
	}
	if s.CurrencyCode != "" && !currency.MatchString(s.CurrencyCode) {
		p.Add("currencyCode is %.50q: it must be an ISO 4217 code such as EUR", s.CurrencyCode)
	}
	if (s.Price == "") != (s.CurrencyCode == "") {
		p.Add("price and currencyCode belong together, such as 4.90 and EUR")
	}
	return p
}

// reasons are the rejection reasons as texts.
func reasons() []string {
	texts := make([]string, len(fulfillment.RejectionReasons))
	for i, reason := range fulfillment.RejectionReasons {
		texts[i] = string(reason)
	}
	return texts
}

func refuse(format string, args ...any) error {
	return &provider.Error{Class: provider.Permanent, Message: fmt.Sprintf(format, args...)}
}
