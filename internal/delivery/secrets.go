package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
)

// secretsAge is how long secrets are believed: so long a new one is not used everywhere.
const secretsAge = 2 * time.Second

// SecretStore is where the secrets of apps are: a *postgres.Store.
type SecretStore interface {
	Secrets(ctx context.Context, appID fulfillment.ID) (current, previous string, err error)
}

// secrets are those of apps, as they were a moment ago. It is safe for concurrent use.
type secrets struct {
	mu    sync.Mutex
	known map[fulfillment.ID]knownSecrets
}

type knownSecrets struct {
	Signer
	at time.Time
}

// signer signs for an app; its domain is still to be set. An [AwayError] says that the secret could not be read.
func (s *secrets) signer(ctx context.Context, store SecretStore, appID fulfillment.ID) (Signer, error) {
	s.mu.Lock()
	known, ok := s.known[appID]
	s.mu.Unlock()
	if ok && time.Since(known.at) < secretsAge {
		return known.Signer, nil
	}
	known = knownSecrets{at: time.Now()}
	var err error
	if known.Current, known.Previous, err = store.Secrets(ctx, appID); err != nil {
		return Signer{}, &AwayError{fmt.Errorf("sign: %w", err)}
	}
	if known.Current == "" {
		return Signer{}, errors.New("the app has no secret to sign with")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[fulfillment.ID]knownSecrets{}
	}
	s.known[appID] = known
	return known.Signer, nil
}
