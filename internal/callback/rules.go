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
// callbackUrl; nil: it is fine. It resolves no names: see [Rules.Dialer].
//
// Refused are all schemes but http and https, user names and passwords, hosts outside [Rules.Hosts], and, unless
// AllowPrivate says otherwise, addresses that are not public in any notation that a resolver understands, and names
// that only a private network resolves. A name with other letters than ASCII is to be given in its ASCII form (xn--).
func (r Rules) Check(raw string) *fulfillment.Error {
	if len(raw) > MaxLength {
		return refused("Callback url is too long (maximum is " + strconv.Itoa(MaxLength) + " characters)")
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || !utf8.ValidString(raw) || strings.ContainsFunc(raw, unicode.IsControl) {
		return refused("Callback url is invalid")
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return refused("Callback url protocol " + u.Scheme + ":// is not supported")
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if host == "" || !validPort(u.Port()) {
		return refused("Callback url is invalid")
	}
	if u.User != nil || !r.listed(host) || !r.AllowPrivate && !publicHost(host) {
		return refused("Callback url is not allowed")
	}
	return nil
}

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
