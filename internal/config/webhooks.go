package config

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Webhooks is how webhooks are delivered.
type Webhooks struct {
	ShopDomain     string        `envconfig:"PACKHORSE_SHOP_DOMAIN" default:"packhorse.example" required:"true" desc:"domain of the shop, as for packhorse serve: every webhook names it"`
	ShopCurrency   string        `envconfig:"PACKHORSE_SHOP_CURRENCY" default:"USD" desc:"currency of amounts that name none, as for packhorse serve"`
	ShopTimeZone   string        `envconfig:"PACKHORSE_SHOP_TIME_ZONE" default:"UTC" desc:"time zone of the times in webhooks, as for packhorse serve"`
	GIDNamespace   string        `envconfig:"PACKHORSE_GID_NAMESPACE" default:"shopify" required:"true" desc:"namespace of global IDs in webhooks, as for packhorse serve"`
	WebhookTimeout time.Duration `envconfig:"PACKHORSE_WEBHOOK_TIMEOUT" default:"5s" min:"1s" max:"30s" desc:"how long a receiver of webhooks, or a fulfillment service that is called, may take to answer"`
	WebhookAtOnce  int           `envconfig:"PACKHORSE_WEBHOOK_CONCURRENCY" default:"8" min:"1" max:"64" desc:"orders whose webhooks are sent to one subscription at the same time"`
	WebhookRetries Pauses        `envconfig:"PACKHORSE_WEBHOOK_RETRIES" default:"10s,30s,2m,7m,20m,45m,70m,95m" desc:"pauses after attempts that failed, of webhooks and of calls of fulfillment services, with commas, each 10ms to 24h and 100 at the most; after one more attempt the event is given up"`
	WebhookProbe   time.Duration `envconfig:"PACKHORSE_WEBHOOK_PROBE" default:"1m" min:"1s" max:"1h" desc:"how often a receiver of webhooks that fails throughout is tried; the rest waits meanwhile"`
	PingInterval   time.Duration `envconfig:"PACKHORSE_CALLBACK_INTERVAL" default:"1m" min:"100ms" max:"1h" desc:"how often a fulfillment service is told at most that there are requests, and how soon it is told again while it has not answered them; that pause doubles, up to 30 times"`
	FetchInterval  time.Duration `envconfig:"PACKHORSE_CALLBACK_FETCH_INTERVAL" default:"1h" min:"100ms" max:"24h" desc:"how often a fulfillment service is asked for tracking numbers and for its stock"`
	Subscriptions  int           `envconfig:"PACKHORSE_WEBHOOK_SUBSCRIPTIONS" default:"1000" min:"0" max:"100000" desc:"subscriptions that this worker delivers to, and fulfillment services that it calls, at the same time; 0: others do"`
}

func (w Webhooks) problems() []string {
	return shopProblems(w.ShopDomain, w.ShopCurrency, w.ShopTimeZone, w.GIDNamespace)
}

const (
	minPause, maxPause = 10 * time.Millisecond, 24 * time.Hour
	maxPauses          = 100
)

// Pauses are how long to wait after the first failure, the second, and so on.
type Pauses []time.Duration

// Decode reads durations with commas between them. Space around one doesn't count.
func (p *Pauses) Decode(value string) error {
	var pauses Pauses
	for text := range strings.SplitSeq(value, ",") {
		pause, err := time.ParseDuration(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 500ms, 25s or 1m30s", text)
		}
		if pause < minPause || pause > maxPause {
			return fmt.Errorf("%s is not between %s and %s", pause, minPause, maxPause)
		}
		pauses = append(pauses, pause)
	}
	if len(pauses) > maxPauses {
		return errors.New("there are too many")
	}
	*p = pauses
	return nil
}
