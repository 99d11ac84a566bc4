package shipbob

import (
	"fmt"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// Settings say how a service uses ShipBob. A service's options are the JSON of those that differ from the defaults.
// The names of secrets are names, see [provider.Secrets].
type Settings struct {
	TokenSecret   string `json:"tokenSecretName"`   // name of the secret with the personal access token
	WebhookSecret string `json:"webhookSecretName"` // name of the secret with which ShipBob signs its webhooks
	Sandbox       bool   `json:"sandbox"`           // ShipBob's sandbox instead of the real ShipBob

	Channel        int    `json:"channel"`        // ID of the channel that owns the orders; 0: the first that may write
	Location       int    `json:"location"`       // ID of the fulfillment center that ships; 0: ShipBob chooses
	ShippingMethod string `json:"shippingMethod"` // one of the account's, by its name

	ReturnLocation int    `json:"returnLocation"` // ID of the center that takes returns; 0: the one that shipped
	ReturnAction   string `json:"returnAction"`   // what is done with what comes back

	PollEvery fulfillment.Duration `json:"pollEvery"` // Packhorse's own: how often the service is asked what is new
}

// DefaultSettings are of a service that leaves to ShipBob what can be left to it.
func DefaultSettings() Settings {
	return Settings{
		TokenSecret: tokenSecret, WebhookSecret: webhookSecret, ShippingMethod: "Standard",
		ReturnAction: "Default", PollEvery: fulfillment.Duration(pollEvery),
	}
}

// The names of secrets, by default.
const (
	tokenSecret   = "SHIPBOB_TOKEN"
	webhookSecret = "SHIPBOB_WEBHOOK_SECRET"
)

var returnActions = []string{"Default", "Restock", "Quarantine", "Dispose"}

const (
	longestMethod = 200 // bytes of a shipping method's name
	pollEvery     = time.Minute
	shortestPoll  = 15 * time.Second // A look takes two calls or more of the 150 in a minute.
)

// settingsOf reads a service's options. The error is permanent. "id" names an option of the provider and is none of
// the settings.
func settingsOf(options map[string]any) (Settings, error) {
	s := DefaultSettings()
	_, options, err := provider.OptionID(ID, options, Option, ReturnOption)
	if err != nil {
		return s, err
	}
	err = provider.ReadOptions(ID, options, &s, func() provider.OptionProblems { return s.problems() })
	return s, err
}

// problems is all values that mean nothing.
func (s Settings) problems() provider.OptionProblems {
	var p provider.OptionProblems
	p.Secret("tokenSecretName", s.TokenSecret)
	p.Secret("webhookSecretName", s.WebhookSecret)
	for _, of := range []struct {
		option string
		id     int
	}{{"channel", s.Channel}, {"location", s.Location}, {"returnLocation", s.ReturnLocation}} {
		if of.id < 0 {
			p.Add("%s is %d: it must be an ID of ShipBob, or 0", of.option, of.id)
		}
	}
	method := s.ShippingMethod
	if strings.TrimSpace(method) != method || len(method) > longestMethod {
		p.Add("shippingMethod is %.50q: it must be the name of a shipping method, of at most %d bytes, without blanks "+
			"around it", method, longestMethod)
	}
	p.OneOf("returnAction", s.ReturnAction, returnActions...)
	p.Lasts("pollEvery", s.PollEvery, shortestPoll, provider.LongestPoll)
	return p
}

func refuse(format string, args ...any) error {
	return &provider.Error{Class: provider.Permanent, Message: fmt.Sprintf(format, args...)}
}
