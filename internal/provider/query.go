package provider

import (
	"fmt"
	"regexp"
	"strings"

	"packhorse/internal/fulfillment"
)

// Query is what a [Finder] is asked for: the call that one idempotency key belongs to, with what a system may know it
// by that keeps no keys, or keeps them for requests and not for cancellations.
type Query struct {
	Key  string // the idempotency key of the call
	Kind fulfillment.EffectKind

	// RequestKey is the key of the Request that a cancellation or a return is about; of a REQUEST it is Key.
	RequestKey string
	// Reference is what the system called that request; empty: it never said, or nobody remembers.
	Reference string

	FulfillmentOrderID fulfillment.ID // zero: not known any more
	ServiceID          fulfillment.ID
	ServiceOptions     map[string]any // fulfillment.Service.Options
}

// fulfillmentOrderKey is that of [fulfillment.EffectKey], with what may follow it.
var fulfillmentOrderKey = regexp.MustCompile(`^fulfillment-order/([1-9][0-9]*)#([1-9][0-9]*)(/[a-z]+)?$`)

// PathKey spells an idempotency key for systems that take no other characters than letters, digits, '.', '_', '~' and
// '-', such as one that has it in a URL or in a list with commas: "fulfillment-order/7#12" is "fo-7-12". It is one to
// one: [ParsePathKey] gives the key again. The empty key has no such spelling.
func PathKey(key string) string {
	if m := fulfillmentOrderKey.FindStringSubmatch(key); m != nil {
		return "fo-" + m[1] + "-" + m[2] + strings.Replace(m[3], "/", "-", 1)
	}
	var b strings.Builder
	b.WriteString("k-")
	for _, c := range []byte(key) {
		if plainKeyByte(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "~%02x", c)
		}
	}
	return b.String()
}

func plainKeyByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-'
}

var (
	plainPathKey   = regexp.MustCompile(`^fo-([1-9][0-9]*)-([1-9][0-9]*)(?:-([a-z]+))?$`)
	escapedPathKey = regexp.MustCompile(`~[0-9a-f]{2}`)
)

// ParsePathKey is the key that [PathKey] has spelled so; false: there is none.
func ParsePathKey(path string) (key string, ok bool) {
	if m := plainPathKey.FindStringSubmatch(path); m != nil {
		key = "fulfillment-order/" + m[1] + "#" + m[2]
		if m[3] != "" {
			key += "/" + m[3]
		}
		_, _, ok := fulfillment.ParseEffectKey("fulfillment-order/" + m[1] + "#" + m[2])
		return key, ok // Numbers that are too large are nobody's.
	}
	rest, ok := strings.CutPrefix(path, "k-")
	if !ok {
		return "", false
	}
	key = escapedPathKey.ReplaceAllStringFunc(rest, func(escaped string) string {
		var c byte
		_, _ = fmt.Sscanf(escaped, "~%02x", &c) // The pattern is that of a byte.
		return string([]byte{c})
	})
	return key, key != "" && PathKey(key) == path
}
