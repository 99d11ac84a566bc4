package config

import (
	"log/slog"

	"packhorse/internal/seal"
)

// Secrets is how secrets are kept that must be read again, such as those that webhooks are signed with.
type Secrets struct {
	Keys SealKeys `envconfig:"PACKHORSE_SECRETS_KEYS" desc:"keys that the secrets of apps are sealed with in the database, with commas: each 32 random bytes in base64 (openssl rand -base64 32); the first one seals, all of them open; unset: apps have no secrets, and can't subscribe to webhooks"`
}

// SealKeys are keys as [seal.ParseKeys] reads them. They never print; string(k) is the whole of them.
type SealKeys string

// Ring is the keys, checked before; none when there is no text.
func (k SealKeys) Ring() seal.Keys {
	keys, _ := seal.ParseKeys(string(k)) // It was checked when it was loaded; of no text there are none.
	return keys
}

// String is as of [Secret].
func (k SealKeys) String() string { return Secret(k).String() }

// GoString is as of [Secret].
func (k SealKeys) GoString() string { return Secret(k).GoString() }

// LogValue is as of [Secret].
func (k SealKeys) LogValue() slog.Value { return Secret(k).LogValue() }

// MarshalText is as of [Secret].
func (k SealKeys) MarshalText() ([]byte, error) { return Secret(k).MarshalText() }

func (k SealKeys) validate() string {
	if _, err := seal.ParseKeys(string(k)); err != nil {
		return "can't be used: " + err.Error()
	}
	return ""
}
