package operation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"packhorse/internal/fulfillment"
)

// MaxKey is the most bytes that an idempotency key may have.
const MaxKey = 255

// Key is the idempotency key under which an app asks for one operation. Command IDs are derived from it, so that the
// same request, sent or executed again, commands the very same.
type Key struct {
	App   fulfillment.ID
	Name  string // what the app sent, see [CheckKey]
	Field string // which operation of the request: in GraphQL, the response name of the mutation field
}

// longestCommandID is what a workflow takes for a command ID.
const longestCommandID = 255

// separated keeps names with a slash apart from a name and a field.
var separated = strings.NewReplacer("%", "%25", "/", "%2F")

// CommandID is the ID of a command that belongs to this work: `<app>/<name>/<field>/<part>`, or a digest of it where
// that would be too long for a command ID. part tells the commands of one field apart, and is empty for the only one;
// it must come from the input, such as the ID of the fulfillment order that the command goes to, not from what is
// stored.
func (k Key) CommandID(part string) string {
	id := k.App.String() + "/" + separated.Replace(k.Name) + "/" + k.Field
	if part != "" {
		id += "/" + part
	}
	if len(id) <= longestCommandID {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return k.App.String() + "/" + hex.EncodeToString(sum[:])
}

// ID is a stable ID for something new that this work makes, such as an order: made again, it is the same one.
func (k Key) ID(kind string) fulfillment.ID {
	return fulfillment.DerivedID(kind, k.CommandID(""))
}

type keyOf struct{}

// WithKey is a context for an operation under a key.
func WithKey(ctx context.Context, key Key) context.Context {
	return context.WithValue(ctx, keyOf{}, key)
}

// KeyFrom is the key of the operation that the context is for; false if the app sent none.
func KeyFrom(ctx context.Context) (Key, bool) {
	key, ok := ctx.Value(keyOf{}).(Key)
	return key, ok
}

// CommandID is [Key.CommandID] of the context's key; empty without one, so that the sender of the command makes one up.
func CommandID(ctx context.Context, part string) string {
	key, ok := KeyFrom(ctx)
	if !ok {
		return ""
	}
	return key.CommandID(part)
}

type keyFaultOf struct{}

// WithKeyFault is a context for an operation that is not to be carried out, because of its idempotency key: the error
// says why. It is for operations whose own answer says so; see [Locations.Activate].
func WithKeyFault(ctx context.Context, fault error) context.Context {
	return context.WithValue(ctx, keyFaultOf{}, fault)
}

// keyFault is what is wrong with the operation's idempotency key; nil: nothing is.
func keyFault(ctx context.Context) error {
	fault, _ := ctx.Value(keyFaultOf{}).(error)
	return fault
}

// CheckKey says what is wrong with a key that an app sent: it has 1 to [MaxKey] printable ASCII characters. The error
// is for the app's developers.
func CheckKey(name string) error {
	if name == "" {
		return fmt.Errorf("an idempotency key must not be empty")
	}
	if len(name) > MaxKey {
		return fmt.Errorf("an idempotency key has %d characters at the most; this one has %d", MaxKey, len(name))
	}
	for _, c := range []byte(name) {
		if c < ' ' || c > '~' {
			return fmt.Errorf("an idempotency key has printable ASCII characters only")
		}
	}
	return nil
}
