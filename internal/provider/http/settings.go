package http

import (
	"cmp"
	"fmt"
	"maps"
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
	// ConnectTimeout is for the connection, Timeout for a whole call. 0: the default.
	ConnectTimeout fulfillment.Duration `json:"connectTimeout"`
	Timeout        fulfillment.Duration `json:"timeout"`
}

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
	s.Timeout = cmp.Or(s.Timeout, fulfillment.Duration(DefaultTimeout))
	connect := cmp.Or(s.ConnectTimeout, fulfillment.Duration(DefaultConnect))
	err = provider.ReadOptions(ID, options, &s, func() provider.OptionProblems {
		if options["connectTimeout"] == nil {
			s.ConnectTimeout = min(connect, s.Timeout)
		}
		if chosen != "" {
			s.Option = chosen
		}
		if s.CallbackSecretName == "" {
			s.CallbackSecretName = s.SecretName
		}
		return s.problems()
	})
	return s, err
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
		var p provider.OptionProblems
		p.Add("id must be the id of an option, text of 1 to %d bytes without the character NUL: %s, or one that the "+
			"warehouse lists", longestOption, Option)
		return "", p.Of(ID)
	case chosen == Option || chosen == ReturnOption:
		return "", nil
	}
	return chosen, nil
}

// problems is all values that mean nothing. Whether the address may be called is for the rules to say.
func (s Settings) problems() provider.OptionProblems {
	var p provider.OptionProblems
	if s.URL == "" {
		p.Add("url is missing: where the warehouse serves the contract, " +
			"such as https://warehouse.example.com/packhorse")
	} else if err := provider.CheckAddress("url", s.URL, callback.Rules{AllowPrivate: true}); err != nil {
		p.Add("%s", strings.TrimPrefix(err.Error(), "option "))
	} else if strings.ContainsAny(s.URL, "?#") {
		p.Add("url: it has a %q; the paths of the contract are put behind it", "? or #")
	}
	if s.SecretName == "" {
		p.Add("secretName is missing: the name of the secret that requests are signed with, such as NORTH_WAREHOUSE")
	} else {
		p.Secret("secretName", s.SecretName)
	}
	if s.CallbackSecretName != s.SecretName {
		p.Secret("callbackSecretName", s.CallbackSecretName)
	}
	if n := len(s.Option); n > longestOption {
		p.Add("option has %d bytes: it may have at most %d", n, longestOption)
	}
	p.Lasts("timeout", s.Timeout, shortest, longest)
	if timeout := time.Duration(s.Timeout); timeout >= shortest && timeout <= longest {
		p.Lasts("connectTimeout", s.ConnectTimeout, shortest, timeout) // It is a part of the timeout.
	}
	return p
}

func refuse(format string, args ...any) error {
	return &provider.Error{Class: provider.Permanent, Message: fmt.Sprintf(format, args...)}
}
