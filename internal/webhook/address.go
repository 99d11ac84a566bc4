package webhook

import (
	"net/url"
	"regexp"
	"strings"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
)

// MaxURI is how many bytes an address may have.
const MaxURI = 65535

// shopifyDomain is where no webhook goes: what is there is not for an app to receive.
const shopifyDomain = "myshopify.com"

var (
	protocol       = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*)://`)
	pubSubProject  = regexp.MustCompile(`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`)
	pubSubTopic    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._~+%-]{2,254}$`)
	eventBridgeARN = regexp.MustCompile(
		`^arn:aws:events:[a-z0-9-]+::event-source/aws\.partner/shopify\.com(?:\.test)?/([0-9]+)/([A-Za-z0-9._/-]+)$`,
	)
)

const (
	pubSubScheme = "pubsub://"
	arnScheme    = "arn:"
)

// IsHTTP tells whether an address is one that a request can be sent to.
func IsHTTP(uri string) bool {
	return !strings.HasPrefix(uri, pubSubScheme) && !strings.HasPrefix(uri, arnScheme)
}

// PubSubURI is the address of a topic of Google Cloud Pub/Sub. What is no name of one is refused as
// [fulfillment.Refusals], with the texts of Shopify's API.
func PubSubURI(project, topic string) (string, error) {
	var refusals fulfillment.Refusals
	if !pubSubProject.MatchString(project) {
		refusals = append(
			refusals, invalid(fieldOf("pubSubProject"), "Google Cloud Pub/Sub project ID is not valid"),
		)
	}
	if !isPubSubTopic(topic) {
		refusals = append(refusals, invalid(fieldOf("pubSubTopic"), "Google Cloud Pub/Sub topic ID is not valid"))
	}
	if refusals != nil {
		return "", refusals
	}
	return pubSubScheme + project + ":" + topic, nil
}

// ParsePubSub takes the address of a topic of Google Cloud Pub/Sub apart; false when it is none.
func ParsePubSub(uri string) (project, topic string, ok bool) {
	rest, is := strings.CutPrefix(uri, pubSubScheme)
	if !is {
		return "", "", false
	}
	return strings.Cut(rest, ":")
}

// ParseEventBridge is the ARN if an address is one of Amazon EventBridge; false when it is none.
func ParseEventBridge(uri string) (arn string, ok bool) {
	return uri, strings.HasPrefix(uri, arnScheme)
}

// isPubSubTopic tells whether Google would take the name: those that start with goog are its own.
func isPubSubTopic(topic string) bool {
	return pubSubTopic.MatchString(topic) && !strings.HasPrefix(topic, "goog")
}

// addressProblems are the texts of what is wrong with an address.
func (r Rules) addressProblems(s Subscription) []string {
	switch {
	case s.URI == "":
		return []string{"Address can't be blank"}
	case len(s.URI) > MaxURI:
		return []string{"Address is too big (maximum is 64 KB)"}
	case strings.HasPrefix(s.URI, pubSubScheme):
		return pubSubProblems(s)
	case strings.HasPrefix(s.URI, arnScheme):
		return eventBridgeProblems(s)
	}
	if found := protocol.FindStringSubmatch(s.URI); found != nil {
		switch name := strings.ToLower(found[1]); {
		case name == "kafka":
			return []string{"Address protocol kafka:// is not supported", "Address is not a valid kafka topic"}
		case name != "https" && !(name == "http" && r.Callbacks.AllowPrivate):
			return []string{"Address protocol " + name + ":// is not supported"}
		}
	}
	const elsewhere = "Address cannot be a Shopify or an internal domain"
	switch u, fault := r.Callbacks.Judge(s.URI); {
	case fault == callback.Malformed, fault == callback.OtherProtocol: // localhost:3000 has a host for a scheme.
		return []string{"Address is invalid"}
	case fault == callback.HasUser:
		return []string{"Address cannot have a user name or a password"}
	case fault == callback.Private, r.isShop(u):
		return []string{elsewhere}
	case fault == callback.Unlisted:
		return []string{"Address is not on a host that webhooks may go to here"}
	}
	return nil
}

// InDevelopment tells whether the subscription would be fine if addresses could be private.
func (r Rules) InDevelopment(s Subscription) bool {
	if r.Callbacks.AllowPrivate {
		return false
	}
	r.Callbacks.AllowPrivate = true
	return r.Check(s.Tidy()) == nil
}

// isShop tells whether a URL is the shop's own, or another shop's.
func (r Rules) isShop(u *url.URL) bool {
	host := callback.Host(u)
	return host == shopifyDomain || strings.HasSuffix(host, "."+shopifyDomain) ||
		r.ShopDomain != "" && host == strings.ToLower(r.ShopDomain)
}

func pubSubProblems(s Subscription) []string {
	project, topic, _ := ParsePubSub(s.URI)
	switch {
	case project == "" || topic == "":
		return []string{
			"Address protocol pubsub:// is not supported",
			"Address is not a valid GCP pub/sub format. Format should be pubsub://project:topic",
		}
	case !pubSubProject.MatchString(project):
		return []string{"Address is invalid", "Address is not a valid GCP project id."}
	case !isPubSubTopic(topic):
		return []string{"Address is invalid", "Address is not a valid GCP topic id."}
	case s.Topic.IsRaised():
		return []string{"Address protocol pubsub:// is not supported"}
	}
	return nil
}

func eventBridgeProblems(s Subscription) []string {
	found := eventBridgeARN.FindStringSubmatch(s.URI)
	switch {
	case found == nil:
		return []string{"Address is invalid", "Address is not a valid AWS ARN"}
	case found[1] != s.AppID.String():
		return []string{
			"Address is invalid", "Address is an AWS ARN and includes api_client_id '" + found[1] + "' instead of '" +
				s.AppID.String() + "'",
		}
	case s.Topic.IsRaised():
		return []string{"Address is an AWS ARN, which is not supported"}
	}
	return nil
}
