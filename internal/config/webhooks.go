package config

import "time"

// Webhooks is how webhooks are delivered.
type Webhooks struct {
	ShopDomain     string        `envconfig:"PACKHORSE_SHOP_DOMAIN" default:"packhorse.example" required:"true" desc:"domain of the shop, as for packhorse serve: every webhook names it"`
	ShopCurrency   string        `envconfig:"PACKHORSE_SHOP_CURRENCY" default:"USD" desc:"currency of amounts that name none, as for packhorse serve"`
	ShopTimeZone   string        `envconfig:"PACKHORSE_SHOP_TIME_ZONE" default:"UTC" desc:"time zone of the times in webhooks, as for packhorse serve"`
	GIDNamespace   string        `envconfig:"PACKHORSE_GID_NAMESPACE" default:"shopify" required:"true" desc:"namespace of global IDs in webhooks, as for packhorse serve"`
	WebhookTimeout time.Duration `envconfig:"PACKHORSE_WEBHOOK_TIMEOUT" default:"5s" min:"1s" max:"30s" desc:"how long a receiver of webhooks may take to answer"`
	WebhookAtOnce  int           `envconfig:"PACKHORSE_WEBHOOK_CONCURRENCY" default:"8" min:"1" max:"64" desc:"orders whose webhooks are sent to one subscription at the same time"`
	Subscriptions  int           `envconfig:"PACKHORSE_WEBHOOK_SUBSCRIPTIONS" default:"1000" min:"0" max:"100000" desc:"subscriptions that this worker delivers to at the same time; 0: others do"`
}
