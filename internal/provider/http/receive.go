package http

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"packhorse/internal/provider"
	"packhorse/internal/standardwebhook"
)

// Verify makes sure that a callback was signed with one of the service's secrets, at about the time when it came.
func (p *Provider) Verify(_ context.Context, d provider.Delivery) (key string, err error) {
	s, err := p.config.Defaults.merge(d.ServiceOptions)
	if err != nil {
		return "", err
	}
	secrets, err := p.secrets(s.CallbackSecretName)
	if err != nil {
		return "", err
	}
	id, err := secrets.Verify(d.Header, d.Body, d.ReceivedAt)
	if err != nil {
		return "", provider.Forged("the signature of %s: %s", standardwebhook.Signature, err)
	}
	// Warehouses don't know each other's IDs.
	return fmt.Sprintf("%d/%s", d.Service, id), nil
}

// callbackBody is a callback of the contract.
type callbackBody struct {
	Type       text            `json:"type"`
	Key        text            `json:"key"`
	Sequence   number          `json:"sequence"`
	OccurredAt text            `json:"occurredAt"`
	Data       json.RawMessage `json:"data"`
}

// Read says what a callback tells. One of a type that is not known yet is not understood, so that one that is misspelt
// is seen.
func (p *Provider) Read(_ context.Context, d provider.Delivery) ([]provider.News, error) {
	if spoken := d.Header.Get(VersionHeader); spoken != "" && spoken != Version {
		return nil, refuse(
			"the callback speaks the version %q of the contract; here it is %s", text(spoken).short(), Version,
		)
	}
	var b callbackBody
	if err := json.Unmarshal(d.Body, &b); err != nil {
		return nil, refuse("the callback is no JSON object")
	}
	key, ok := provider.ParsePathKey(string(b.Key))
	switch {
	case b.Type == "":
		return nil, refuse("the callback has no type")
	case tellers[b.Type] == nil:
		return nil, provider.NotUnderstood("callbacks of the type %q are not known here: there are %s", b.Type.short(),
			strings.Join(knownTypes(), ", "))
	case !ok:
		return nil, refuse("the callback %s is about the key %q, which is none of ours", b.Type, b.Key.short())
	case b.Sequence < 1:
		return nil, refuse("the callback %s has no sequence: a whole number from 1 on", b.Type)
	}
	news, err := tellers[b.Type](key, b)
	if err != nil {
		return nil, err
	}
	for i := range news {
		news[i].Service, news[i].About.RequestKey, news[i].Sequence = d.Service, key, int64(b.Sequence)
	}
	return news, nil
}
