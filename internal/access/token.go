package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
)

const (
	// TokenPrefix begins every token, so that programs which look for leaked secrets recognise one.
	TokenPrefix = "phat_"
	tokenBytes  = 32
	tokenLength = len(TokenPrefix) + 2*tokenBytes
)

// ErrUnknownToken says that there is no such token, or that it is revoked.
var ErrUnknownToken = errors.New("unknown or revoked token")

// Token is what is known of a token once it has been given out: everything but itself.
type Token struct {
	ID         fulfillment.ID `json:"id"`
	AppID      fulfillment.ID `json:"appId"`
	LastFour   string         `json:"lastFour"` // its last characters, to tell it from others
	CreatedAt  time.Time      `json:"createdAt"`
	LastUsedAt *time.Time     `json:"lastUsedAt,omitempty"` // to the minute or so, see [Authenticator.Run]; nil: never
	RevokedAt  *time.Time     `json:"revokedAt,omitempty"`  // nil: it is good
}

// Hash is the SHA-256 of a token: what is stored in its place. A token has 256 random bits, so nobody guesses it from
// its hash, and no salt or slow hash is needed.
type Hash [sha256.Size]byte

// NewToken makes a token of 256 random bits: TokenPrefix and 64 hexadecimal digits.
func NewToken() string {
	var secret [tokenBytes]byte
	_, _ = rand.Read(secret[:]) // crypto/rand.Read never fails since Go 1.24.
	return TokenPrefix + hex.EncodeToString(secret[:])
}

// HashToken is the hash of a token; false for text that is no token, which needs no look into the database.
func HashToken(token string) (Hash, bool) {
	digits, found := strings.CutPrefix(token, TokenPrefix)
	if !found || len(token) != tokenLength || strings.Trim(digits, "0123456789abcdef") != "" {
		return Hash{}, false
	}
	return sha256.Sum256([]byte(token)), true
}

// Equal compares in constant time.
func (h Hash) Equal(other Hash) bool { return subtle.ConstantTimeCompare(h[:], other[:]) == 1 }
