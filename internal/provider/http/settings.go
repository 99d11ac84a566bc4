package http

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// The time-outs.
const (
	DefaultConnect = 3 * time.Second
	DefaultTimeout = 15 * time.Second
	shortest       = 100 * time.Millisecond
	longest        = 25 * time.Second // Packhorse itself gives a call up after 30 s.
)

// Settings are the options of a service with this provider.
type Settings struct {
	// URL is where the warehouse serves the contract, such as https://warehouse.example.com/packhorse.
	URL string `json:"url"`
	// SecretName is the name of the secret that signs what is sent to the warehouse, CallbackSecretName of that which
	// signs what comes from it; default: the same. A secret that is rotated has two lines, the new one first.
	SecretName         string `json:"secretName"`
	CallbackSecretName string `json:"callbackSecretName"`
	// Option is which of the warehouse's options requests are to be shipped with; empty: it chooses.
	Option string `json:"option"`
	// ConnectTimeout is for the connection, Timeout for a whole call.
	ConnectTimeout fulfillment.Duration `json:"connectTimeout"`
	Timeout        fulfillment.Duration `json:"timeout"`
}

var settingNames = []string{"url", "secretName", "callbackSecretName", "option", "connectTimeout", "timeout"}

const longestOption = 200

// merge is the settings with those of a service's options. "id" names the option that was chosen, and is none of the
// settings. An error is permanent, and names what is wrong.
func (s Settings) merge(options map[string]any) (Settings, error) {
	chosen, err := chosenOption(options)
	if err != nil {
		return Settings{}, err
	}
	options = maps.Clone(options)
	delete(options, "id")
	for name := range options {
		if !slices.Contains(settingNames, name) {
			return Settings{}, refuse("the http provider has no option %q: there are %s", name,
				strings.Join(settingNames, ", "))
		}
	}
	body, err := json.Marshal(options)
	if err != nil {
		return Settings{}, refuse("options of the http provider: %s", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&s); err != nil {
		return Settings{}, refuse("options of the http provider: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if chosen != "" {
		s.Option = chosen
	}
	if s.ConnectTimeout == 0 {
		s.ConnectTimeout = fulfillment.Duration(DefaultConnect)
	}
	if s.Timeout == 0 {
		s.Timeout = fulfillment.Duration(DefaultTimeout)
	}
	if s.CallbackSecretName == "" {
		s.CallbackSecretName = s.SecretName
	}
	return s, s.check()
}

// chosenOption is which of the warehouse's options "id" names; empty: none, so that the service's own one counts, as it
// does with the provider's options.
func chosenOption(options map[string]any) (string, error) {
	id, given := options["id"]
	if !given {
		return "", nil
	}
	chosen, isText := id.(string)
	switch {
	case !isText || chosen == "" || len(chosen) > longestOption || strings.ContainsRune(chosen, 0):
		return "", refuse("the id of an option is text of 1 to %d bytes without the character NUL: %s, or one that "+
			"the warehouse lists", longestOption, Option)
	case chosen == Option || chosen == ReturnOption:
		return "", nil
	}
	return chosen, nil
}

// check finds all values that mean nothing. Whether the address may be called is for the rules to say.
func (s Settings) check() error {
	var problems []string
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if s.URL == "" {
		problem("option url is missing: where the warehouse serves the contract, " +
			"such as https://warehouse.example.com/packhorse")
	} else if err := provider.CheckAddress("url", s.URL, callback.Rules{AllowPrivate: true}); err != nil {
		problem("%s", err)
	} else if strings.ContainsAny(s.URL, "?#") {
		problem("option url: it has a %q; the paths of the contract are put behind it", "? or #")
	}
	for _, secret := range []struct{ option, name string }{
		{"secretName", s.SecretName}, {"callbackSecretName", s.CallbackSecretName},
	} {
		switch {
		case secret.name == "" && secret.option == "secretName":
			problem("option secretName is missing: the name of the secret that requests are signed with, " +
				"such as NORTH_WAREHOUSE")
		case secret.name != "":
			if err := provider.CheckSecretName(secret.name); err != nil {
				problem("option %s: %s", secret.option, err)
			}
		}
	}
	if len(s.Option) > longestOption || strings.ContainsRune(s.Option, 0) {
		problem("option option has more than %d bytes, or the character NUL", longestOption)
	}
	timeout := time.Duration(s.Timeout)
	if timeout < shortest || timeout > longest {
		problem("option timeout is %s: it may be %s to %s", timeout, shortest, longest)
	}
	if connect := time.Duration(s.ConnectTimeout); connect < shortest || connect > max(timeout, shortest) {
		problem("option connectTimeout is %s: it may be %s to the timeout, %s", connect, shortest, timeout)
	}
	if len(problems) > 0 {
		return refuse("%s", strings.Join(problems, "; "))
	}
	return nil
}

func refuse(format string, args ...any) error {
	return &provider.Error{Class: provider.Permanent, Message: fmt.Sprintf(format, args...)}
}
