package config

import (
	"encoding"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// A DatabaseURL prints without its password, and without all that could be a
// part of one. string(u) is the whole of it.
type DatabaseURL string

var (
	_ fmt.Stringer           = DatabaseURL("")
	_ fmt.GoStringer         = DatabaseURL("")
	_ slog.LogValuer         = DatabaseURL("")
	_ encoding.TextMarshaler = DatabaseURL("")
	_ validator              = DatabaseURL("")
)

// mask stands where a password, or a value that could hide one, was given.
const mask = "xxxxx"

// publicSettings are the connection settings whose values may be shown.
var publicSettings = []string{"host", "port", "dbname", "database", "user", "sslmode", "connect_timeout"}

var (
	// plainURL is a URL that can be read in one way only: it has at most one @, and no / before it. Passwords
	// whose special characters were not escaped make other URLs, and readers differ on where those end.
	plainURL = regexp.MustCompile(`^(postgres(?:ql)?://)(?:([\w.~-]*)(:[^@/]*)?@)?` + // user and password
		`((?:` + plainHost + `)(?:,(?:` + plainHost + `))*(?:/[\w.~-]*)?)` + // hosts and database
		`(?:\?([^@]*))?$`) // settings

	// keywordValue is the first pair of a keyword/value string, with what the driver takes for space and quotes. A
	// value without quotes may be empty at the end only: before it, space after the = doesn't count.
	keywordValue = regexp.MustCompile(
		`(?s)^` + space + `([\w.]+)` + space + `=` + space + `('(?:[^'\\]|\\.)*'|(?:[^ \t\n\v\f\r'\\]|\\.)+|$)` + space,
	)

	plainValue = regexp.MustCompile(`^[\w.,/~-]*$`)
)

const (
	plainHost = `(?:[\w.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?`
	space     = `[ \t\n\v\f\r]*`
)

// String is the URL as far as it is surely no secret: what can't be understood
// for certain could have a password anywhere, so nothing of it is shown.
func (u DatabaseURL) String() string {
	text := string(u)
	switch {
	case text == "":
		return ""
	// The driver looks at the same prefixes, in this case only.
	case strings.HasPrefix(text, "postgres://"), strings.HasPrefix(text, "postgresql://"):
		return maskURL(text)
	}
	return maskKeywords(text)
}

func maskURL(text string) string {
	parts := plainURL.FindStringSubmatch(text)
	if parts == nil {
		return redacted
	}
	scheme, user, password, place, settings := parts[1], parts[2], parts[3], parts[4], parts[5]
	if password != "" {
		password = ":" + mask
	}
	if user+password != "" {
		password += "@"
	}
	shown := scheme + user + password + place
	if settings == "" {
		return shown
	}
	var list []string
	for setting := range strings.SplitSeq(settings, "&") {
		name, value, _ := strings.Cut(setting, "=")
		list = append(list, maskSetting(name, value))
	}
	return shown + "?" + strings.Join(list, "&")
}

func maskKeywords(text string) string {
	var list []string
	for text != "" {
		pair := keywordValue.FindStringSubmatch(text)
		if pair == nil {
			return redacted
		}
		list = append(list, maskSetting(pair[1], pair[2]))
		text = text[len(pair[0]):]
	}
	return strings.Join(list, " ")
}

// maskSetting is a connection setting as it is shown. Not even the name is, if
// it is none of those known: it could be a part of a password that has an &, a
// space or a = that was not escaped.
func maskSetting(name, value string) string {
	switch {
	case name == "password", name == "sslpassword":
		return name + "=" + mask
	case !slices.Contains(publicSettings, name):
		return redacted
	case !plainValue.MatchString(value):
		return name + "=" + mask
	}
	return name + "=" + value
}

// GoString is String, for %#v.
func (u DatabaseURL) GoString() string { return fmt.Sprintf("%q", u.String()) }

// LogValue is String, for slog.
func (u DatabaseURL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// MarshalText is String, for JSON.
func (u DatabaseURL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// validate doesn't pass the parser's error on: it quotes the string.
func (u DatabaseURL) validate() string {
	if _, err := pgconn.ParseConfig(string(u)); err != nil {
		return "is not a usable PostgreSQL URL such as postgres://user:password@host:5432/name?sslmode=disable " +
			"(special characters in the password are written as %XX, and files it names must exist)"
	}
	return ""
}
