package config

import (
	"log/slog"
	"regexp"
	"time"
	_ "time/tzdata" // Names of time zones are checked, and a container may have no list of them.

	"packhorse/internal/fulfillment"
)

// Gateway is what packhorse serve can be told beside its Database and Temporal.
type Gateway struct {
	Address        string `envconfig:"PACKHORSE_API_ADDRESS" default:"127.0.0.1:8080" required:"true" desc:"host:port of the Admin API; port 0: any"`
	MetricsAddress string `envconfig:"PACKHORSE_METRICS_ADDRESS" default:"127.0.0.1:9090" required:"true" desc:"host:port of /metrics, /livez and /readyz; port 0: any"`
	TLSCert        string `envconfig:"PACKHORSE_TLS_CERT" desc:"file of the API's certificate with its chain (PEM), for HTTPS; read again when it changes; unset: plain HTTP"`
	TLSKey         string `envconfig:"PACKHORSE_TLS_KEY" desc:"file of the certificate's private key (PEM)"`
	GraphiQL       bool   `envconfig:"PACKHORSE_GRAPHIQL" default:"false" desc:"serve a page to try the API at /graphiql"`
	GIDNamespace   string `envconfig:"PACKHORSE_GID_NAMESPACE" default:"shopify" required:"true" desc:"namespace of global IDs: gid://NAMESPACE/Type/ID"`

	ShopName     string `envconfig:"PACKHORSE_SHOP_NAME" default:"Packhorse" desc:"name of the shop, as apps see it"`
	ShopCurrency string `envconfig:"PACKHORSE_SHOP_CURRENCY" default:"USD" desc:"currency of amounts that name none (ISO 4217)"`
	ShopTimeZone string `envconfig:"PACKHORSE_SHOP_TIME_ZONE" default:"UTC" desc:"time zone of the shop, as apps see it (IANA name)"`
	ShopDomain   string `envconfig:"PACKHORSE_SHOP_DOMAIN" default:"packhorse.example" required:"true" desc:"domain of the shop, as apps see it (myshopifyDomain)"`
	ShopEmail    string `envconfig:"PACKHORSE_SHOP_EMAIL" desc:"e-mail address of the shop's owner, as apps see it"`

	RequestTimeout time.Duration `envconfig:"PACKHORSE_REQUEST_TIMEOUT" default:"30s" min:"1s" max:"10m" desc:"how long a request may take; what it commanded may still be carried out"`
	IdleTimeout    time.Duration `envconfig:"PACKHORSE_IDLE_TIMEOUT" default:"2m" min:"1s" max:"1h" desc:"how long an idle connection is kept"`
	StopTimeout    time.Duration `envconfig:"PACKHORSE_STOP_TIMEOUT" default:"25s" min:"1s" max:"1h" desc:"how long running requests may go on after SIGTERM; keep it below the grace of what stops the process"`
	MaxBodyBytes   int           `envconfig:"PACKHORSE_MAX_BODY_BYTES" default:"1048576" min:"1024" max:"104857600" desc:"largest body of a request; it has a value for each 16 bytes at the most"`
	MaxAnswerBytes int           `envconfig:"PACKHORSE_MAX_ANSWER_BYTES" default:"8388608" min:"1048576" max:"1073741824" desc:"largest answer; it has a value for each 128 bytes at the most"`

	CostLimit       int     `envconfig:"PACKHORSE_COST_LIMIT" default:"1000" min:"1" max:"1000000" desc:"most points that one request may cost"`
	CostBucket      int     `envconfig:"PACKHORSE_COST_BUCKET" default:"2000" min:"1" max:"1000000000" desc:"points that a token may spend at once"`
	CostRestoreRate float64 `envconfig:"PACKHORSE_COST_RESTORE_RATE" default:"100" min:"0.1" max:"1000000000" desc:"points per second that a token gets back"`

	LogLevel  slog.Level `envconfig:"PACKHORSE_LOG_LEVEL" default:"info" allowed:"debug,info,warn,error" desc:"least severe messages to log; info has a line for each request"`
	LogFormat string     `envconfig:"PACKHORSE_LOG_FORMAT" default:"text" allowed:"text,json" desc:"how log lines are written"`
}

var (
	shopDomain   = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)
	gidNamespace = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

func (g Gateway) problems() []string {
	var problems []string
	if g.CostLimit > g.CostBucket {
		problems = append(
			problems, "PACKHORSE_COST_LIMIT is above PACKHORSE_COST_BUCKET: such a request could never be made",
		)
	}
	return append(problems, shopProblems(g.ShopDomain, g.ShopCurrency, g.ShopTimeZone, g.GIDNamespace)...)
}

// shopProblems is what is wrong with the settings of the shop, which all that speak for it have.
func shopProblems(domain, currency, zone, namespace string) []string {
	var problems []string
	if problem := fulfillment.CurrencyProblem(currency); problem != "" {
		problems = append(problems, "PACKHORSE_SHOP_CURRENCY "+problem)
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		problems = append(problems, "PACKHORSE_SHOP_TIME_ZONE is no time zone: a name such as Europe/Berlin is needed")
	}
	if domain != "" && !shopDomain.MatchString(domain) {
		problems = append(problems, "PACKHORSE_SHOP_DOMAIN is no domain: a name such as shop.example is needed")
	}
	if !gidNamespace.MatchString(namespace) {
		problems = append(problems, "PACKHORSE_GID_NAMESPACE takes letters, digits, - and _ only")
	}
	return problems
}
