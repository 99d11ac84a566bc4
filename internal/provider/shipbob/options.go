package shipbob

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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

	PollEvery string `json:"pollEvery"` // Packhorse's own: how often the service is asked what is new; "": [pollEvery]
}

// DefaultSettings are of a service that leaves to ShipBob what can be left to it.
func DefaultSettings() Settings {
	return Settings{
		TokenSecret: "SHIPBOB_TOKEN", WebhookSecret: "SHIPBOB_WEBHOOK_SECRET", ShippingMethod: "Standard",
		ReturnAction: "Default",
	}
}

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
	if id, ok := options["id"]; ok {
		if id != Option && id != ReturnOption {
			return s, refuse("the provider shipbob has no option %q: it has %s and %s", fmt.Sprint(id), Option,
				ReturnOption)
		}
		rest := make(map[string]any, len(options))
		for name, value := range options {
			if name != "id" {
				rest[name] = value
			}
		}
		options = rest
	}
	body, err := json.Marshal(options)
	if err != nil {
		return s, refuse("settings of the provider shipbob: %s", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return s, refuse("settings of the provider shipbob: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return s, s.check()
}

// check finds all values that mean nothing.
func (s Settings) check() error {
	var problems []string
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for name, value := range map[string]string{"tokenSecretName": s.TokenSecret, "webhookSecretName": s.WebhookSecret} {
		if !fulfillment.IsSecretName(value) {
			// It may be the secret itself, so it is not repeated.
			problem("%s is to be the name of a secret, in capitals such as %s, and never the secret itself",
				name, DefaultSettings().TokenSecret)
		}
	}
	for name, value := range map[string]int{
		"channel": s.Channel, "location": s.Location, "returnLocation": s.ReturnLocation,
	} {
		if value < 0 {
			problem("%s is %d: it is to be an ID of ShipBob, or 0", name, value)
		}
	}
	method := s.ShippingMethod
	if strings.TrimSpace(method) != method || method == "" || len(method) > longestMethod ||
		!utf8.ValidString(method) || strings.ContainsRune(method, 0) {
		problem("shippingMethod is %.50q: it is to be the name of a shipping method, of at most %d bytes",
			method, longestMethod)
	}
	if !slices.Contains(returnActions, s.ReturnAction) {
		problem("returnAction is %.50q: it must be one of %s", s.ReturnAction, strings.Join(returnActions, ", "))
	}
	if s.PollEvery != "" {
		if every, err := time.ParseDuration(s.PollEvery); err != nil || every < shortestPoll {
			problem("pollEvery is %.50q: it is to be a duration such as 2m, of at least %s", s.PollEvery, shortestPoll)
		}
	}
	if len(problems) > 0 {
		slices.Sort(problems)
		return refuse("settings of the provider shipbob: %s", strings.Join(problems, "; "))
	}
	return nil
}

func refuse(format string, args ...any) error {
	return &provider.Error{Class: provider.Permanent, Message: fmt.Sprintf(format, args...)}
}
