package webhook

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
)

// maxName is how many characters a name may have.
const maxName = 50

// maxList is how many bytes the texts of a list may have together: they are held for as long as there is the
// subscription, and a page of subscriptions has 250 of them.
const maxList = 16 << 10

// MaxTogether is how many bytes the texts of all subscriptions may have that an app made, and of all that were made for
// it: lists of them are read as a whole, many times in one request.
const MaxTogether = 512 << 10

// Rules are what the addresses of subscriptions are allowed.
type Rules struct {
	// Callbacks says which hosts may be called. With private ones allowed, http is, too.
	Callbacks callback.Rules
	// ShopDomain is the shop's own domain, where no webhook goes.
	ShopDomain string
}

// Tidy is a subscription as it is kept: without space around its address, with a format, and with the app's own
// namespace of metafields, $app, spelled out.
func (s Subscription) Tidy() Subscription {
	s.URI = strings.TrimSpace(s.URI)
	s.Format = cmp.Or(s.Format, FormatJSON)
	s.IncludeFields = append([]string{}, s.IncludeFields...)
	s.MetafieldNamespaces = append([]string{}, s.MetafieldNamespaces...)
	for i, namespace := range s.MetafieldNamespaces {
		s.MetafieldNamespaces[i] = s.namespace(namespace)
	}
	s.Metafields = append([]Metafield{}, s.Metafields...)
	for i, metafield := range s.Metafields {
		s.Metafields[i].Namespace = s.namespace(cmp.Or(metafield.Namespace, "$app"))
	}
	return s
}

// namespace is a namespace of metafields as it is kept.
func (s Subscription) namespace(text string) string {
	own := "app--" + s.AppID.String()
	if rest, ok := strings.CutPrefix(text, "$app:"); ok {
		return own + "--" + rest
	}
	if text == "$app" {
		return own
	}
	return text
}

// Check refuses a tidy subscription that there can't be, with the texts of Shopify's API; nil: there can. Whether
// another one has its address or its name, only the store knows.
func (r Rules) Check(s Subscription) error {
	var refusals fulfillment.Refusals
	for _, message := range r.addressProblems(s) {
		refusals = append(refusals, invalid(fieldOf("callbackUrl"), message))
	}
	if message := s.formatProblem(); message != "" {
		refusals = append(refusals, invalid(fieldOf("format"), message))
	}
	for _, message := range s.nameProblems() {
		refusals = append(refusals, invalid(fieldOf("name"), message))
	}
	refusals = append(refusals, s.listProblems()...)
	refusals = append(refusals, s.limitProblems()...)
	if s.Filter != nil {
		if _, err := CompileFilter(*s.Filter); err != nil {
			refusals = append(refusals, invalid([]string{input}, err.Error()))
		}
	}
	if refusals == nil {
		return nil
	}
	return refusals
}

func (s Subscription) formatProblem() string {
	switch {
	case s.Format == FormatJSON:
		return ""
	case s.Format != FormatXML:
		return "Format must be JSON or XML"
	case strings.HasPrefix(string(s.Topic), "RETURNS_"), strings.HasPrefix(string(s.Topic), "REVERSE_"):
		return "Format 'xml' is invalid for this webhook topic. Allowed formats: json"
	case s.Topic.IsRaised():
		return "Format 'xml' is not supported for this webhook topic. Allowed formats: json"
	case !IsHTTP(s.URI):
		return "Format can only be used with format: 'json'"
	}
	return ""
}

var nameCharacters = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func (s Subscription) nameProblems() []string {
	if s.Name == nil {
		return nil
	}
	var problems []string
	if *s.Name == "" {
		problems = append(problems, "Name is too short (minimum is 1 character)")
	}
	if len(*s.Name) > maxName {
		problems = append(problems, "Name is too long (maximum is 50 characters)")
	}
	if !nameCharacters.MatchString(*s.Name) {
		problems = append(
			problems, "Name name field can only contain alphanumeric characters, underscores, and hyphens",
		)
	}
	return problems
}

// listProblems refuses lists that are too big. Shopify's own limit is not known.
func (s Subscription) listProblems() (refusals fulfillment.Refusals) {
	var metafields []string
	for _, metafield := range s.Metafields {
		metafields = append(metafields, metafield.Namespace, metafield.Key)
	}
	for _, list := range []struct {
		field, name string
		texts       []string
	}{
		{"includeFields", "Include fields", s.IncludeFields},
		{"metafieldNamespaces", "Metafield namespaces", s.MetafieldNamespaces},
		{"metafields", "Metafields", metafields},
	} {
		if len(strings.Join(list.texts, "")) > maxList {
			refusals = append(refusals, invalid(
				fieldOf(list.field), list.name+" are too big (maximum is 16 KB together)",
			))
		}
	}
	return refusals
}

// AddressTaken refuses a subscription of an app that has the same: topic, address, format and filter.
func AddressTaken() *fulfillment.Error {
	return invalid(fieldOf("callbackUrl"), "Address for this topic has already been taken")
}

// MaxSubscriptions is how many subscriptions an app may make; operators may make as many more for it.
const MaxSubscriptions = 1000

// TooMany refuses one more subscription than that.
func TooMany() *fulfillment.Error {
	return invalid([]string{"webhookSubscription"}, fmt.Sprintf(
		"An app has at most %d webhook subscriptions: update one, or delete those that are not needed.",
		MaxSubscriptions))
}

// NameTaken refuses a name that another subscription of the app has, in any case.
func NameTaken() *fulfillment.Error {
	return invalid(fieldOf("name"), "Name already exists, no duplicate allowed")
}

// TooMuch refuses what would let the subscriptions of an app grow beyond [MaxTogether].
func TooMuch() *fulfillment.Error {
	return invalid([]string{input}, "The webhook subscriptions of the app are too big together (maximum is 512 KB of "+
		"addresses, filters, fields and metafields)")
}

// NotThere refuses what is asked of a subscription that there is not.
func NotThere() *fulfillment.Error {
	return invalid([]string{"id"}, "Webhook subscription does not exist")
}

// TopicDenied refuses a topic that the app has none of the scopes for.
func TopicDenied() *fulfillment.Error {
	return invalid([]string{"topic"}, "You do not have access to this webhook topic")
}

// input is the argument that says what a subscription is to be.
const input = "webhookSubscription"

func fieldOf(name string) []string { return []string{input, name} }

func invalid(field []string, message string) *fulfillment.Error {
	return &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: field, Message: message}
}
