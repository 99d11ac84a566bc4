package simulated

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
	TrackingCompany     string               `json:"trackingCompany"`
	TrackingPrefix      string               `json:"trackingPrefix"` // of the tracking numbers that it makes up

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

var decimal = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,4})?$`)

// merge reads a service's options over these settings. "id" names an option and is none of the settings. The error
// is permanent.
func (s Settings) merge(data map[string]any) (Settings, error) {
	if id, ok := data["id"]; ok {
		if name, _ := id.(string); !HasOption(name) {
			return Settings{}, refuse(
				"the simulated provider has no option %q: it has %s and %s", fmt.Sprint(id), Option, ReturnOption,
			)
		}
		rest := make(map[string]any, len(data))
		for name, value := range data {
			if name != "id" {
				rest[name] = value
			}
		}
		data = rest
	}
	body, err := json.Marshal(data)
	if err != nil {
		return Settings{}, refuse("settings of the simulated provider: %s", err)
	}
	s.RejectionReasons = slices.Clone(s.RejectionReasons) // The decoder would write into the defaults'.
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return Settings{}, refuse("settings of the simulated provider: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return s, s.check()
}

// HasOption tells whether the simulated provider has an option with this ID. A request with another one is rejected
// before it is called.
func HasOption(id string) bool { return id == Option || id == ReturnOption }

// check finds all values that mean nothing.
func (s Settings) check() error {
	var problems []string
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
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
			problem("%s is %v: it must be between 0 and 1", rate.name, rate.value)
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
		switch {
		case delay.value < 0:
			problem("%s is negative", delay.name)
		case delay.value > longestDelay:
			problem("%s is longer than a hundred years", delay.name)
		}
	}
	if s.Latency.Max < s.Latency.Min {
		problem("latency.max is less than latency.min")
	}
	if !slices.Contains([]AnswerMode{AnswerImmediate, AnswerPending, AnswerManual}, s.Answer) {
		problem("answer is %q: it must be immediate, pending or manual", s.Answer)
	}
	for _, reason := range append(slices.Clone(s.RejectionReasons), s.RejectAlways) {
		if reason != "" && !slices.Contains(fulfillment.RejectionReasons, reason) {
			problem("%q is not a rejection reason", reason)
		}
	}
	for _, text := range []struct {
		name, value string
		longest     int // in characters
	}{
		{"trackingCompany", s.TrackingCompany, 255}, {"trackingPrefix", s.TrackingPrefix, 200},
		{"currencyCode", s.CurrencyCode, 3},
	} {
		if utf8.RuneCountInString(text.value) > text.longest || strings.ContainsRune(text.value, 0) {
			problem(
				"%s has the character NUL, or more than %d characters: no shipment could have it", text.name,
				text.longest,
			)
		}
	}
	if s.Price != "" && (!decimal.MatchString(s.Price) || len(s.CurrencyCode) != 3) {
		problem(
			"price %q %q: a decimal such as 4.90 and a currencyCode such as EUR are needed", s.Price, s.CurrencyCode,
		)
	}
	if len(problems) > 0 {
		return refuse("settings of the simulated provider: %s", strings.Join(problems, "; "))
	}
	return nil
}

func refuse(format string, args ...any) error {
	return &provider.Error{Class: provider.Permanent, Message: fmt.Sprintf(format, args...)}
}
