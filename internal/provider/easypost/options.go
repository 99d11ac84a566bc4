package easypost

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
)

// The options of the provider.
const (
	OptionCheapest = "easypost-cheapest"
	OptionFastest  = "easypost-fastest"
	OptionReturn   = "easypost-return"
)

// Rule says which of the carriers' rates is bought.
type Rule string

// The rules. With [Options].WithinDays, only rates that promise delivery within so many days count.
const (
	Cheapest Rule = "cheapest" // of the same price, the faster
	Fastest  Rule = "fastest"  // of the same time, the cheaper
	Named    Rule = "named"    // that of [Options].Carrier and [Options].Service
)

// ShipPolicy says when the goods count as shipped.
type ShipPolicy string

// The policies.
const (
	ShipAtOnce      ShipPolicy = "at_once"    // with the label: the fulfillment is created with its tracking
	ShipOnFirstScan ShipPolicy = "first_scan" // when a carrier has seen the parcel
)

// Options are how a service uses EasyPost: the JSON of a fulfillment service's options. All of them may be left out,
// but a parcel needs weights and an address to ship from, from the order and the location or from here.
type Options struct {
	ID string `json:"id,omitempty"` // one of the provider's options

	APIKey        string `json:"apiKeySecretName"`  // name of the secret: the account's key, of production or test
	WebhookSecret string `json:"webhookSecretName"` // name of the secret that webhooks are signed with

	Rule            Rule     `json:"rule"`
	WithinDays      int      `json:"withinDays,omitempty"`
	Carrier         string   `json:"carrier,omitempty"`         // only this one's rates, such as "USPS"
	Service         string   `json:"service,omitempty"`         // such as "GroundAdvantage"; rule named
	Currency        string   `json:"currency,omitempty"`        // only rates in this one
	CarrierAccounts []string `json:"carrierAccounts,omitempty"` // ca_…; empty: all of the account

	From *fulfillment.Address `json:"from,omitempty"` // where the location's address says nothing

	DefaultGrams      int    `json:"defaultGrams,omitempty"`   // of a unit whose line has no weight; 0: it is refused
	PackagingGrams    int    `json:"packagingGrams,omitempty"` // added to each parcel
	MaxParcelGrams    int    `json:"maxParcelGrams,omitempty"` // heavier orders go in several parcels; 0: in one
	Parcel            *Box   `json:"parcel,omitempty"`
	PredefinedPackage string `json:"predefinedPackage,omitempty"` // a carrier's, such as "FlatRateEnvelope"

	LabelFormat string   `json:"labelFormat"`         // PNG, PDF, ZPL or EPL2
	LabelSize   string   `json:"labelSize,omitempty"` // such as "4x6"
	Forms       []string `json:"forms,omitempty"`     // made for each parcel, such as "commercial_invoice"

	Customs Customs    `json:"customs"`
	Ship    ShipPolicy `json:"ship"`

	PollEvery fulfillment.Duration `json:"pollEvery,omitzero"` // see provider.Entry.PollEvery
}

// Box is a parcel's size in inches.
type Box struct {
	Length float64 `json:"length"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// Customs is what a customs declaration says beside what the lines say.
type Customs struct {
	Signer              string `json:"signer,omitempty"` // who vouches for it; default: the name in From
	ContentsType        string `json:"contentsType"`
	ContentsExplanation string `json:"contentsExplanation,omitempty"` // for contentsType other
	EELPFC              string `json:"eelPfc"`                        // of exports from the USA
	NonDelivery         string `json:"nonDelivery"`                   // return or abandon
	RestrictionType     string `json:"restrictionType"`
}

// DefaultOptions buy the cheapest rate, and ship at once.
func DefaultOptions() Options {
	return Options{
		APIKey: "EASYPOST_API_KEY", WebhookSecret: "EASYPOST_WEBHOOK_SECRET", Rule: Cheapest, LabelFormat: "PNG",
		Customs: Customs{
			ContentsType: "merchandise", EELPFC: "NOEEI 30.37(a)", NonDelivery: "return", RestrictionType: "none",
		},
		Ship: ShipAtOnce,
	}
}

var (
	labelFormats = []string{"PNG", "PDF", "ZPL", "EPL2"}
	formTypes    = []string{"commercial_invoice", "cn22", "high_value_report", "label_qr_code", "rma_qr_code",
		"return_packing_slip", "order_summary", "cod_return_label", "nafta_certificate_of_origin"}
	currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)
	countryCode  = regexp.MustCompile(`^[A-Z]{2}$`)
)

const (
	maxGrams = 1_000_000 // a tonne: no parcel of a carrier's
	maxDays  = 365
	maxBox   = 1000 // inches
	maxText  = 255  // characters
	maxItems = 60   // EasyPost asks at most so many accounts for rates
)

// merge reads a service's options over these. The error is permanent.
func (o Options) merge(data map[string]any) (Options, error) {
	body, err := json.Marshal(data)
	if err != nil {
		return Options{}, refuse("options of EasyPost: %s", err)
	}
	o = o.clone() // The decoder writes into what is there.
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&o); err != nil {
		return Options{}, refuse("options of EasyPost: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if problems := o.problems(); len(problems) > 0 {
		return Options{}, refuse("options of EasyPost: %s", strings.Join(problems, "; "))
	}
	return o, nil
}

// clone shares nothing with the options.
func (o Options) clone() Options {
	o.CarrierAccounts, o.Forms = slices.Clone(o.CarrierAccounts), slices.Clone(o.Forms)
	if o.From != nil {
		from := *o.From
		o.From = &from
	}
	if o.Parcel != nil {
		box := *o.Parcel
		o.Parcel = &box
	}
	return o
}

// problems is everything that means nothing.
func (o Options) problems() []string {
	var problems []string
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	oneOf := func(name, value string, allowed ...string) {
		if !slices.Contains(allowed, value) {
			problem("%s is %q: it must be one of %s", name, clip(value, 50), strings.Join(allowed, ", "))
		}
	}
	if o.ID != "" {
		oneOf("id", o.ID, OptionCheapest, OptionFastest, OptionReturn)
	}
	for name, value := range map[string]string{"apiKeySecretName": o.APIKey, "webhookSecretName": o.WebhookSecret} {
		if !fulfillment.IsSecretName(value) { // It may be the secret itself, and is not repeated.
			problem("%s must be the name of a secret, such as EASYPOST_API_KEY: capital letters, digits and _; "+
				"never the secret itself", name)
		}
	}
	oneOf("rule", string(o.Rule), string(Cheapest), string(Fastest), string(Named))
	if o.Rule == Named && (o.Carrier == "" || o.Service == "") {
		problem("rule named needs carrier and service, such as USPS and GroundAdvantage")
	}
	if o.Rule != Named && o.Service != "" {
		problem("service is given, but rule is %s: set rule to named", o.Rule)
	}
	within := func(name string, value, limit int, unit string) {
		if value < 0 || value > limit {
			problem("%s is %d: it must be between 0 and %d %s", name, value, limit, unit)
		}
	}
	within("withinDays", o.WithinDays, maxDays, "days")
	within("defaultGrams", o.DefaultGrams, maxGrams, "grams")
	within("packagingGrams", o.PackagingGrams, maxGrams, "grams")
	within("maxParcelGrams", o.MaxParcelGrams, maxGrams, "grams")
	if o.MaxParcelGrams > 0 && o.MaxParcelGrams <= o.PackagingGrams {
		problem("maxParcelGrams leaves nothing beside packagingGrams")
	}
	if o.PollEvery < 0 || o.PollEvery > fulfillment.Duration(maxDays*24*time.Hour) {
		problem("pollEvery is %s: it must be between 0s and %d days", time.Duration(o.PollEvery), maxDays)
	}
	if o.Currency != "" && !currencyCode.MatchString(o.Currency) {
		problem("currency is %q: it must be an ISO 4217 code such as USD", clip(o.Currency, 50))
	}
	if box := o.Parcel; box != nil {
		for name, side := range map[string]float64{
			"length": box.Length, "width": box.Width, "height": box.Height,
		} {
			if !(side > 0 && side <= maxBox) {
				problem("parcel.%s is %v: it must be more than 0 and at most %d inches", name, side, maxBox)
			}
		}
	}
	if o.Parcel != nil && o.PredefinedPackage != "" {
		problem("parcel and predefinedPackage are both given: a parcel has one size")
	}
	oneOf("labelFormat", o.LabelFormat, labelFormats...)
	for _, form := range o.Forms {
		oneOf("forms", form, formTypes...)
	}
	if len(o.CarrierAccounts) > maxItems {
		problem("carrierAccounts has %d: EasyPost takes at most %d", len(o.CarrierAccounts), maxItems)
	}
	if o.From != nil && (o.From.Address1 == "" || o.From.City == "" || !countryCode.MatchString(o.From.CountryCode)) {
		problem("from needs address1, city and countryCode, such as US")
	}
	oneOf("customs.nonDelivery", o.Customs.NonDelivery, "return", "abandon")
	if o.Customs.ContentsType == "other" && o.Customs.ContentsExplanation == "" {
		problem("customs.contentsType other needs customs.contentsExplanation")
	}
	oneOf("ship", string(o.Ship), string(ShipAtOnce), string(ShipOnFirstScan))
	for name, value := range map[string]string{
		"carrier": o.Carrier, "service": o.Service, "predefinedPackage": o.PredefinedPackage,
		"labelSize": o.LabelSize, "customs.signer": o.Customs.Signer, "customs.contentsType": o.Customs.ContentsType,
		"customs.contentsExplanation": o.Customs.ContentsExplanation, "customs.eelPfc": o.Customs.EELPFC,
		"customs.restrictionType": o.Customs.RestrictionType,
	} {
		if utf8.RuneCountInString(value) > maxText || strings.ContainsRune(value, 0) {
			problem("%s has the character NUL, or more than %d characters", name, maxText)
		}
	}
	slices.Sort(problems) // Maps have no order.
	return problems
}

// stored is the options as the ledger keeps them, where a call is found without its service.
func (o Options) stored() (json.RawMessage, error) { return json.Marshal(o) }
