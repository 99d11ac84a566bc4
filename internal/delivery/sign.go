package delivery

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"strconv"
	"time"
)

// Signer is what all requests to an app have in common. Its secrets never print.
type Signer struct {
	ShopDomain string // of the installation
	UserAgent  string // "": that of [UserAgent]
	// Current is the app's secret, as the app has it. It is never empty. Previous is the one before it, until it is
	// revoked or has expired; "": there is none.
	Current, Previous string
	// Own is the secret that the subscription has of its own for the signatures of Standard Webhooks, and OwnPrevious
	// the one before it, likewise; "": it has none, and the app's are used.
	Own, OwnPrevious string
}

// shopify is the value of X-Shopify-Hmac-Sha256. A request has room for one only, so a rotation leaves it to the old
// secret until that is revoked: receivers take both meanwhile.
func (s Signer) shopify(body []byte) string {
	if s.Previous != "" {
		return mac(s.Previous, body)
	}
	return mac(s.Current, body)
}

// standard is the value of webhook-signature (Standard Webhooks, version 1): one signature for each secret, the newest
// first. Keys are all bytes of a secret, see [packhorse/internal/access.StandardSecret].
func (s Signer) standard(id string, now time.Time, body []byte) string {
	signed := make([]byte, 0, len(id)+len(body)+16)
	signed = append(append(signed, id...), '.')
	signed = append(strconv.AppendInt(signed, now.Unix(), 10), '.')
	signed = append(signed, body...)
	current, previous := s.Current, s.Previous
	if s.Own != "" {
		current, previous = s.Own, s.OwnPrevious
	}
	signature := "v1," + mac(current, signed)
	if previous != "" {
		signature += " v1," + mac(previous, signed)
	}
	return signature
}

// mac is an HMAC-SHA256 in base64.
func mac(secret string, data []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write(data)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// String is the signer without its secrets.
func (s Signer) String() string { return "signer of " + s.ShopDomain }

// GoString is String, for %#v.
func (s Signer) GoString() string { return s.String() }

// LogValue is String, for slog.
func (s Signer) LogValue() slog.Value { return slog.StringValue(s.String()) }
