package config

import (
	"log/slog"
	"time"
)

// CLI is what the packhorse command can be told beside its Database and Temporal.
// Flags of the same name win.
type CLI struct {
	Output  string        `envconfig:"PACKHORSE_OUTPUT" default:"table" allowed:"table,json" desc:"what commands print: tables for people, JSON for programs"`
	Timeout time.Duration `envconfig:"PACKHORSE_TIMEOUT" default:"30s" min:"1s" max:"24h" desc:"how long a command waits for its answer"`

	ShopDomain   string `envconfig:"PACKHORSE_SHOP_DOMAIN" default:"packhorse.example" desc:"domain of the shop, as for packhorse serve: no webhook goes there"`
	ShopCurrency string `envconfig:"PACKHORSE_SHOP_CURRENCY" default:"USD" desc:"currency of amounts in webhooks that try a receiver, as for packhorse serve"`
	ShopTimeZone string `envconfig:"PACKHORSE_SHOP_TIME_ZONE" default:"UTC" desc:"time zone of the times in them, as for packhorse serve"`
	GIDNamespace string `envconfig:"PACKHORSE_GID_NAMESPACE" default:"shopify" desc:"namespace of global IDs in them, as for packhorse serve"`

	LogLevel  slog.Level `envconfig:"PACKHORSE_LOG_LEVEL" default:"warn" allowed:"debug,info,warn,error" desc:"least severe messages to log"`
	LogFormat string     `envconfig:"PACKHORSE_LOG_FORMAT" default:"text" allowed:"text,json" desc:"how log lines are written"`
}

func (c CLI) problems() []string {
	return shopProblems(c.ShopDomain, c.ShopCurrency, c.ShopTimeZone, c.GIDNamespace)
}
