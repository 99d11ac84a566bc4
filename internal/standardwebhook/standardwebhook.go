// Package standardwebhook signs and verifies requests as Standard Webhooks says (https://www.standardwebhooks.com),
// with several secrets at once while they are rotated.
package standardwebhook

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// The headers.
const (
	ID        = standardwebhooks.HeaderWebhookID
	Timestamp = standardwebhooks.HeaderWebhookTimestamp
	Signature = standardwebhooks.HeaderWebhookSignature
)

// Tolerance is how far a signature's time may be from the present, either way.
const Tolerance = 5 * time.Minute

// A key has so many bytes.
const minKey, maxKey = 24, 64

const prefix = "whsec_"

// Secrets are one or several secrets. They never print.
type Secrets struct{ list []*standardwebhooks.Webhook }

// ParseSecrets reads secrets, the newest first, one a line: whsec_ and 24 to 64 bytes in base64. Empty lines and space
// around one don't count. The error does not quote them.
func ParseSecrets(text string) (Secrets, error) {
	var s Secrets
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		encoded, ok := strings.CutPrefix(line, prefix)
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(key) < minKey || len(key) > maxKey {
			return Secrets{}, fmt.Errorf("secret %d is not %s and %d to %d bytes in base64", len(s.list)+1, prefix,
				minKey, maxKey)
		}
		webhook, err := standardwebhooks.NewWebhookRaw(key)
		if err != nil {
			return Secrets{}, fmt.Errorf("use secret %d: %w", len(s.list)+1, err)
		}
		s.list = append(s.list, webhook)
	}
	if len(s.list) == 0 {
		return Secrets{}, errors.New("there is no secret in it")
	}
	return s, nil
}

// String does not tell them.
func (s Secrets) String() string { return strconv.Itoa(len(s.list)) + " secrets" }

// GoString is String, for %#v.
func (s Secrets) GoString() string { return s.String() }

// Sign sets the headers of a message: signed with each secret. The ID is to be one that [Verify] takes.
func (s Secrets) Sign(header http.Header, id string, now time.Time, body []byte) error {
	signatures := make([]string, len(s.list))
	for i, webhook := range s.list {
		var err error
		if signatures[i], err = webhook.Sign(id, now, body); err != nil {
			return fmt.Errorf("sign a message: %w", err)
		}
	}
	header.Set(ID, id)
	header.Set(Timestamp, strconv.FormatInt(now.Unix(), 10))
	header.Set(Signature, strings.Join(signatures, " "))
	return nil
}

var (
	validID        = regexp.MustCompile(`^[^.\s]{1,200}$`)
	validTimestamp = regexp.MustCompile(`^[0-9]{1,12}$`)
)

// Verify tells the ID of a message that one of the secrets has signed, at a time that is not far from now. The error
// says what is wrong, and nothing of the secrets.
func (s Secrets) Verify(header http.Header, body []byte, now time.Time) (id string, err error) {
	id = header.Get(ID)
	stamp := header.Get(Timestamp)
	switch {
	case !validID.MatchString(id):
		return "", fmt.Errorf("the header %s is missing, or has a dot, space, or more than 200 characters", ID)
	case !validTimestamp.MatchString(stamp):
		return "", fmt.Errorf("the header %s is missing, or is no time in seconds since 1970", Timestamp)
	case header.Get(Signature) == "":
		return "", fmt.Errorf("the header %s is missing", Signature)
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return "", fmt.Errorf("read the header %s: %w", Timestamp, err)
	}
	if off := now.Sub(time.Unix(seconds, 0)).Truncate(time.Second).Abs(); off > Tolerance {
		return "", fmt.Errorf("it was signed %s away from the present; %s are allowed", off, Tolerance)
	}
	for _, webhook := range s.list {
		// Its own clock knows nothing of when the message came.
		if webhook.VerifyIgnoringTimestamp(body, header) == nil {
			return id, nil
		}
	}
	return "", errors.New("no signature in it is that of a secret that is set")
}

// NewSecret is a secret with this key.
func NewSecret(key [32]byte) string { return prefix + base64.StdEncoding.EncodeToString(key[:]) }
