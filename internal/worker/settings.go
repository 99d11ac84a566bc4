package worker

import (
	"errors"
	"fmt"
	"io"

	"packhorse/internal/config"
	"packhorse/internal/provider/catalogue"
)

// Settings is everything a worker can be told.
type Settings struct {
	Database  config.Database
	Temporal  config.Temporal
	Worker    config.Worker
	Secrets   config.Secrets
	Webhooks  config.Webhooks
	Callbacks config.CallbackConfig
	Named     config.ProviderSecrets
	Providers catalogue.Catalogue // what Worker.Providers chooses from, each with its own settings
}

// Load reads the settings from the environment, and those of the providers that are to be served. The error is a
// *config.Error with everything that is wrong.
func Load() (Settings, error) {
	s := Settings{Providers: catalogue.New()}
	var names config.Worker
	_ = config.Load(&names) // Only what is served needs its settings. What is wrong here is wrong below as well.
	selected, unknown := Settings{Worker: names, Providers: s.Providers}.served()
	own := []any{&s.Database, &s.Temporal, &s.Worker, &s.Secrets, &s.Webhooks, &s.Callbacks, &s.Named}
	err := config.Load(append(own, specs(selected)...)...)
	if unknown == nil {
		return s, err
	}
	wrong := new(config.Error)
	_ = errors.As(err, &wrong)
	wrong.Problems = append(wrong.Problems, unknown.Error())
	return s, wrong
}

// Usage writes the table of all settings, those of all providers included.
func Usage(w io.Writer) error {
	own := []any{
		new(config.Database), new(config.Temporal), new(config.Worker), new(config.Secrets), new(config.Webhooks),
		new(config.CallbackConfig), new(config.ProviderSecrets),
	}
	return config.Usage(w, append(own, specs(catalogue.New())...)...)
}

// served is the providers that the settings name.
func (s Settings) served() (catalogue.Catalogue, error) {
	selected, err := s.Providers.Select(s.Worker.Providers)
	if err != nil {
		return nil, fmt.Errorf("PACKHORSE_PROVIDERS: %w", err)
	}
	return selected, nil
}

func specs(c catalogue.Catalogue) []any {
	var list []any
	for _, group := range c.Settings() {
		list = append(list, group.Settings)
	}
	return list
}
