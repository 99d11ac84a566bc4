package config

import (
	"fmt"

	"packhorse/internal/callback"
)

// CallbackConfig is which callback URLs fulfillment services, and which addresses webhooks may have.
type CallbackConfig struct {
	Hosts        Hosts `envconfig:"PACKHORSE_CALLBACK_HOSTS" desc:"hosts that callback URLs of fulfillment services may name, with commas; *.example.com: any below it; unset: any public host"`
	WebhookHosts Hosts `envconfig:"PACKHORSE_WEBHOOK_HOSTS" desc:"hosts that webhooks may go to, written likewise; unset: any public host"`
	AllowPrivate bool  `envconfig:"PACKHORSE_CALLBACK_ALLOW_PRIVATE" default:"false" desc:"allow callback URLs and webhooks to hosts that are not on the public Internet, and webhooks without TLS; for development"`
}

// Rules is the settings as what judges URLs.
func (c CallbackConfig) Rules() callback.Rules {
	return callback.Rules{Hosts: c.Hosts, AllowPrivate: c.AllowPrivate}
}

// WebhookRules is the settings as what judges addresses of webhooks.
func (c CallbackConfig) WebhookRules() callback.Rules {
	return callback.Rules{Hosts: c.WebhookHosts, AllowPrivate: c.AllowPrivate}
}

// Hosts are different host patterns as [callback.CheckPattern] takes them.
type Hosts []string

// Decode reads patterns with commas between them. Space around one doesn't count.
func (h *Hosts) Decode(value string) error {
	var names Names
	if err := names.Decode(value); err != nil {
		return err
	}
	for _, name := range names {
		if problem := callback.CheckPattern(name); problem != "" {
			return fmt.Errorf("%q %s", name, problem)
		}
	}
	*h = Hosts(names)
	return nil
}

// String is the patterns with commas, as Decode reads them.
func (h Hosts) String() string { return Names(h).String() }
