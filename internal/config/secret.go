package config

import "log/slog"

// redacted stands for every secret in everything that is printed.
const redacted = "[redacted]"

// A Secret never prints: not with fmt, not in logs, not as JSON. Reveal is the
// only way to its text.
type Secret string

// Reveal is the secret's text.
func (s Secret) Reveal() string { return string(s) }

// String is "" for an empty secret and "[redacted]" for any other.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString is String, for %#v.
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// LogValue is String, for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String, for JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
