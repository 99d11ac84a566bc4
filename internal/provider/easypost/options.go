package easypost

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
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

// ruleOf is the rule that an option stands for.
var ruleOf = map[string]Rule{OptionCheapest: Cheapest, OptionFastest: Fastest}

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

	From *fulfillment.Address `json:"from,omitempty" options:"empty"` // where the location's address says nothing

	DefaultGrams      int    `json:"defaultGrams,omitempty"`   // of a unit whose line has no weight; 0: it is refused
	PackagingGrams    int    `json:"packagingGrams,omitempty"` // added to each parcel
	MaxParcelGrams    int    `json:"maxParcelGrams,omitempty"` // heavier orders go in several parcels; 0: in one
	Parcel            *Box   `json:"parcel,omitempty"`
	PredefinedPackage string `json:"predefinedPackage,omitempty"` // a carrier's, such as "FlatRateEnvelope"

	LabelFormat string   `json:"labelFormat"`         // PNG, PDF, ZPL or EPL2
	LabelSize   string   `json:"labelSize,omitempty"` // in inches, such as "4x6"; empty: the carrier's
	Forms       []string `json:"forms,omitempty"`     // made for each parcel, such as "commercial_invoice"

	Customs Customs    `json:"customs"`
	Ship    ShipPolicy `json:"ship"`

	PollEvery fulfillment.Duration `json:"pollEvery"` // see provider.Entry.PollEvery
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
	EELPFC              string `json:"eelPfc" options:"empty"`        // of exports from the USA
	NonDelivery         string `json:"nonDelivery"`                   // return or abandon
	RestrictionType     string `json:"restrictionType"`
}

// DefaultOptions buy the cheapest rate, and ship at once.
func DefaultOptions() Options {
	return Options{
		APIKey: apiKeySecret, WebhookSecret: webhookSecret, Rule: Cheapest, LabelFormat: "PNG",
		Customs: Customs{
			ContentsType: "merchandise", EELPFC: "NOEEI 30.37(a)", NonDelivery: "return", RestrictionType: "none",
		},
		Ship: ShipAtOnce, PollEvery: fulfillment.Duration(pollEvery),
	}
}

// The names of secrets, by default.
const (
	apiKeySecret  = "EASYPOST_API_KEY"
	webhookSecret = "EASYPOST_WEBHOOK_SECRET"
)

// pollEvery is how often EasyPost is looked at. A parcel is asked for once in LookEvery; this is how soon after it.
const pollEvery = 10 * time.Minute

var (
	labelFormats = []string{"PNG", "PDF", "ZPL", "EPL2"}
	formTypes    = []string{"commercial_invoice", "cn22", "high_value_report", "label_qr_code", "rma_qr_code",
		"return_packing_slip", "order_summary", "cod_return_label", "nafta_certificate_of_origin"}
	// labelSizes are those that some carrier has. Which ones a carrier has in which format it says itself.
	labelSizes       = []string{"4x4", "4x5", "4x6", "4x7", "4x8", "6x4", "7x3", "8.5x11"}
	restrictionTypes = []string{"none", "other", "quarantine", "sanitary_phytosanitary_inspection"}
	currencyCode     = regexp.MustCompile(`^[A-Z]{3}$`)
	countryCode      = regexp.MustCompile(`^[A-Z]{2}$`)
	accountID        = regexp.MustCompile(`^ca_[0-9A-Za-z_]{1,100}$`)
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
	o = o.clone() // The reader writes into what is there.
	id, _ := data["id"].(string)
	o.Rule = cmp.Or(ruleOf[id], o.Rule)
	err := provider.ReadOptions(ID, data, &o, func() provider.OptionProblems { return o.problems() })
	if err != nil {
		return Options{}, err
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
func (o Options) problems() provider.OptionProblems {
	var p provider.OptionProblems
	if o.ID != "" {
		p.OneOf("id", o.ID, OptionCheapest, OptionFastest, OptionReturn)
	}
	if rule := ruleOf[o.ID]; rule != "" && rule != o.Rule {
		p.Add("rule is %.50q, but id is %s: leave one of them out", o.Rule, o.ID)
	}
	p.Secret("apiKeySecretName", o.APIKey)
	p.Secret("webhookSecretName", o.WebhookSecret)
	p.Lasts("pollEvery", o.PollEvery, provider.ShortestPoll, provider.LongestPoll)
	p.OneOf("ship", string(o.Ship), string(ShipAtOnce), string(ShipOnFirstScan))
	o.rateProblems(&p)
	o.parcelProblems(&p)
	o.labelProblems(&p)
	o.customsProblems(&p)
	return p
}

func (o Options) rateProblems(p *provider.OptionProblems) {
	p.OneOf("rule", string(o.Rule), string(Cheapest), string(Fastest), string(Named))
	if o.Rule == Named && (o.Carrier == "" || o.Service == "") {
		p.Add("rule named needs carrier and service, such as USPS and GroundAdvantage")
	}
	if o.Rule != Named && o.Service != "" {
		p.Add("service is given, but rule is %.50s: set rule to named", o.Rule)
	}
	p.Between("withinDays", o.WithinDays, 0, maxDays, "days")
	if o.Currency != "" && !currencyCode.MatchString(o.Currency) {
		p.Add("currency is %.50q: it must be an ISO 4217 code such as USD", o.Currency)
	}
	p.Text("carrier", o.Carrier, maxText)
	p.Text("service", o.Service, maxText)
	if len(o.CarrierAccounts) > maxItems {
		p.Add("carrierAccounts has %d: EasyPost takes at most %d", len(o.CarrierAccounts), maxItems)
	}
	for i, account := range o.CarrierAccounts {
		if !accountID.MatchString(account) {
			p.Add("carrierAccounts[%d] is %.50q: it must be the ID of a carrier account, which begins with ca_", i,
				account)
		}
	}
}

func (o Options) parcelProblems(p *provider.OptionProblems) {
	p.Between("defaultGrams", o.DefaultGrams, 0, maxGrams, "grams")
	p.Between("packagingGrams", o.PackagingGrams, 0, maxGrams, "grams")
	p.Between("maxParcelGrams", o.MaxParcelGrams, 0, maxGrams, "grams")
	if o.MaxParcelGrams > 0 && o.MaxParcelGrams <= o.PackagingGrams {
		p.Add("maxParcelGrams leaves nothing beside packagingGrams")
	}
	if box := o.Parcel; box != nil {
		for _, side := range []struct {
			name   string
			inches float64
		}{{"length", box.Length}, {"width", box.Width}, {"height", box.Height}} {
			if !(side.inches > 0 && side.inches <= maxBox) {
				p.Add("parcel.%s is %v: it must be more than 0 and at most %d inches", side.name, side.inches, maxBox)
			}
		}
	}
	if o.Parcel != nil && o.PredefinedPackage != "" {
		p.Add("parcel and predefinedPackage are both given: a parcel has one size")
	}
	p.Text("predefinedPackage", o.PredefinedPackage, maxText)
	if o.From != nil && (o.From.Address1 == "" || o.From.City == "" || !countryCode.MatchString(o.From.CountryCode)) {
		p.Add("from needs address1, city and countryCode, such as US")
	}
}

func (o Options) labelProblems(p *provider.OptionProblems) {
	p.OneOf("labelFormat", o.LabelFormat, labelFormats...)
	if o.LabelSize != "" {
		p.OneOf("labelSize", o.LabelSize, labelSizes...)
	}
	for i, form := range o.Forms {
		p.OneOf(fmt.Sprintf("forms[%d]", i), form, formTypes...)
		if slices.Contains(o.Forms[:i], form) {
			p.Add("forms[%d] is %.50q, which is there already", i, form)
		}
	}
}

func (o Options) customsProblems(p *provider.OptionProblems) {
	c := o.Customs
	p.OneOf("customs.nonDelivery", c.NonDelivery, "return", "abandon")
	p.OneOf("customs.restrictionType", c.RestrictionType, restrictionTypes...)
	if c.ContentsType == "other" && c.ContentsExplanation == "" {
		p.Add("customs.contentsType other needs customs.contentsExplanation")
	}
	p.Text("customs.signer", c.Signer, maxText)
	p.Text("customs.contentsType", c.ContentsType, maxText)
	p.Text("customs.contentsExplanation", c.ContentsExplanation, maxText)
	p.Text("customs.eelPfc", c.EELPFC, maxText)
}

// stored is the options as the ledger keeps them, where a call is found without its service.
func (o Options) stored() (json.RawMessage, error) { return json.Marshal(o) }
