package config

import (
	"encoding"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"

	"github.com/jackc/pgx/v5/pgconn"
)

// Database says where the PostgreSQL database is.
type Database struct {
	// URL is a PostgreSQL URL or keyword/value string; string(URL) has the password.
	URL DatabaseURL `envconfig:"PACKHORSE_DATABASE_URL" required:"true" desc:"PostgreSQL database, as postgres://user:password@host:5432/name"`
	// MaxConns is the size of the connection pool of one process.
	MaxConns int32 `envconfig:"PACKHORSE_DATABASE_MAX_CONNS" default:"10" min:"1" max:"1000" desc:"most database connections of one process"`
}

// A DatabaseURL prints without its password. string(u) is the whole of it.
type DatabaseURL string

var (
	_ fmt.Stringer           = DatabaseURL("")
	_ fmt.GoStringer         = DatabaseURL("")
	_ slog.LogValuer         = DatabaseURL("")
	_ encoding.TextMarshaler = DatabaseURL("")
	_ validator              = DatabaseURL("")
)

// keywordPassword is the password of a keyword/value string, quoted or not.
var keywordPassword = regexp.MustCompile(`(?i)((?:ssl)?password\s*=\s*)('(?:\\.|[^'\\])*'?|(?:\\.|\S)+)`)

// String is the URL with every password replaced. What can't be parsed could
// have a password anywhere, so nothing of it is shown.
func (u DatabaseURL) String() string {
	if u == "" {
		return ""
	}
	parsed, err := url.Parse(string(u))
	if err != nil {
		return redacted
	}
	if parsed.Scheme != "postgres" && parsed.Scheme != "postgresql" {
		if !keywordPassword.MatchString(string(u)) && parsed.User != nil {
			return redacted
		}
		return keywordPassword.ReplaceAllString(string(u), "${1}xxxxx")
	}
	query, err := url.ParseQuery(parsed.RawQuery)
	if err != nil { // The driver reads what is left of it, whatever that is.
		return redacted
	}
	for _, name := range []string{"password", "sslpassword"} {
		if query.Has(name) {
			query.Set(name, "xxxxx")
			parsed.RawQuery = query.Encode()
		}
	}
	return parsed.Redacted()
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
