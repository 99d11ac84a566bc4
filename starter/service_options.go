package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"packhorse/internal/config"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/catalogue"
)

// readOptions reads a provider's options for a service; none are "".
func readOptions(text string) (options map[string]any, err error) {
	if text == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(text), &options)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, &usageError{fmt.Errorf(
			"--options is no JSON: %w (at byte %d of %d); it must be an object such as %s", err, syntax.Offset,
			len(text), anObject,
		)}
	case err != nil || options == nil:
		return nil, &usageError{fmt.Errorf("--options is no JSON object: it must be one such as %s", anObject)}
	}
	return options, nil
}

const anObject = `'{"url": "https://warehouse.example.com/packhorse", "secretName": "NORTH"}'`

// checkProvider makes sure that there is the service's provider, and that it takes the service's options. Secrets that
// they name and that this process doesn't find are no mistake: the workers' may be others.
func checkProvider(ctx context.Context, s fulfillment.Service) (missing []string, err error) {
	entry, err := catalogue.New().Find(s.Provider)
	if err != nil {
		return nil, &usageError{fmt.Errorf("--provider: %w", err)}
	}
	var callbacks config.CallbackConfig
	var secrets config.ProviderSecrets
	if err := config.Load(&callbacks, &secrets); err != nil {
		return nil, err
	}
	err = entry.Offline.ValidateOption(ctx, s.Options)
	if err == nil {
		err = entry.CheckAddresses(s.Options, callbacks.Rules())
	}
	if err != nil {
		return nil, &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{"options"}, Message: err.Error()}
	}
	return entry.MissingSecrets(s.Options, provider.NamedSecrets(secrets.Folder)), nil
}

// savedService is a service that was added or changed, as it is answered to programs.
type savedService struct {
	fulfillment.Service
	Warnings []string `json:"warnings,omitempty"`
}

// writeSaved shows a service that was added or changed, and what somebody should look at.
func (a *app) writeSaved(s fulfillment.Service, warnings []string) error {
	if a.json() {
		return writeJSON(a.out, savedService{s, warnings})
	}
	if err := a.serviceTable([]fulfillment.Service{s}); err != nil {
		return err
	}
	for _, warning := range warnings {
		fmt.Fprintln(a.errOut, "warning:", warning)
	}
	return nil
}
