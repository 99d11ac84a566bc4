package access

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"time"
)

const (
	// SecretPrefix begins every secret of an app, so that programs which look for leaked secrets recognise one.
	SecretPrefix = "phss_"
	secretBytes  = 32
)

// Grace is how long the secret before the current one stays good after a rotation.
const Grace = 24 * time.Hour

// Secret is what an app's webhooks are signed with: it proves to the app that they come from here, as a token proves
// the app to us. An HMAC's key is all of the text, prefix included.
type Secret struct {
	Current string    `json:"current"`
	MadeAt  time.Time `json:"madeAt"` // the current one
	// Previous is the one before it, as long as receivers may still check with it; "" when there is none.
	Previous      string     `json:"previous,omitempty"`
	PreviousUntil *time.Time `json:"previousUntil,omitempty"`
}

// NewSecret makes a secret of 256 random bits: SecretPrefix and 64 hexadecimal digits.
func NewSecret() string {
	var secret [secretBytes]byte
	_, _ = rand.Read(secret[:]) // crypto/rand.Read never fails since Go 1.24.
	return SecretPrefix + hex.EncodeToString(secret[:])
}

// StandardSecret is a secret as receivers of Standard Webhooks take it: they read whsec_ and the key in base64. The key
// is the same.
func StandardSecret(secret string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(secret))
}
