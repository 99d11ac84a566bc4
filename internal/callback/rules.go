package callback

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
)

// MaxLength is how many bytes a callback URL may have.
const MaxLength = 2048

// Rules are what callback URLs are allowed. The zero value allows http and https on any public host.
type Rules struct {
	// Hosts are the allowed hosts, see [CheckPattern]. Empty: any.
	Hosts []string
	// AllowPrivate allows hosts and addresses that are not on the public Internet, such as localhost. Hosts, if there
	// are any, must still name them.
	AllowPrivate bool
}

// Check refuses a URL that is no callback URL or is not allowed, with the texts of Shopify's API on the field
// callbackUrl; nil: it is fine. See [Rules.Judge].
func (r Rules) Check(raw string) *fulfillment.Error {
	if len(raw) > MaxLength {
		return refused("Callback url is too long (maximum is " + strconv.Itoa(MaxLength) + " characters)")
	}
	switch u, fault := r.Judge(raw); fault {
	case None:
		return nil
	case Malformed:
		return refused("Callback url is invalid")
	case OtherProtocol:
		return refused("Callback url protocol " + u.Scheme + ":// is not supported")
	default:
		return refused("Callback url is not allowed")
	}
}

// Fault is what is wrong with a URL.
type Fault int

// The faults, in the order in which they are looked for.
const (
	None          Fault = iota
	Malformed           // it is no URL with a host, or has what no URL has
	OtherProtocol       // it is neither http nor https
	HasUser             // a user name or a password is in it
	Private             // its host is not on the public Internet, in any notation that a resolver understands
	Unlisted            // its host is not among [Rules.Hosts]
)

// Judge reads a URL of any length, and says what is wrong with it; the URL is nil if it is Malformed. It resolves no
// names: see [Rules.Dialer]. A name with other letters than ASCII is to be given in its ASCII form (xn--).
func (r Rules) Judge(raw string) (*url.URL, Fault) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || !utf8.ValidString(raw) || strings.ContainsFunc(raw, unicode.IsControl) {
		return nil, Malformed
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return u, OtherProtocol
	}
	host := Host(u)
	switch {
	case host == "" || !validPort(u.Port()):
		return nil, Malformed
	case u.User != nil:
		return u, HasUser
	case !r.AllowPrivate && !publicHost(host):
		return u, Private
	case !r.listed(host):
		return u, Unlisted
	}
	return u, None
}

// Host is the host of a URL as it is compared: in lower case, without a port or a dot at its end.
func Host(u *url.URL) string { return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".") }

func refused(message string) *fulfillment.Error {
	return &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{"callbackUrl"}, Message: message}
}

func validPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// listed tells whether the host, in lower case, is among the allowed ones.
func (r Rules) listed(host string) bool {
	return len(r.Hosts) == 0 || slices.ContainsFunc(r.Hosts, func(pattern string) bool {
		pattern = strings.ToLower(pattern)
		if suffix, wild := strings.CutPrefix(pattern, "*"); wild {
			return len(host) > len(suffix) && strings.HasSuffix(host, suffix)
		}
		return host == pattern
	})
}

// CheckPattern says what is wrong with a pattern of [Rules.Hosts]; "" when nothing is. A pattern is a host name or an
// IP address, or "*." and a name for all names below it, without the name itself. It has no scheme, port or path.
func CheckPattern(pattern string) string {
	if _, err := netip.ParseAddr(pattern); err == nil {
		return ""
	}
	name := strings.TrimPrefix(pattern, "*.")
	if !validName(strings.ToLower(name)) {
		return "is no host such as example.com or *.example.com"
	}
	return ""
}

// validName tells whether a name in lower case has only what DNS names have.
func validName(name string) bool {
	if len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}
