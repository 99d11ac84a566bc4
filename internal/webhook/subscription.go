package webhook

import (
	"crypto/sha256"
	"time"

	"packhorse/internal/fulfillment"
)

// Subscription says that an app is to be told of a topic at an address. Its JSON is what programs get from the command
// line.
type Subscription struct {
	ID    fulfillment.ID `json:"id"`
	AppID fulfillment.ID `json:"appId"`
	Topic Topic          `json:"topic"`
	// URI is an https URL (http too where private addresses are allowed), without space around it. For a topic that is
	// never raised it may be what [ParsePubSub] or [ParseEventBridge] reads.
	URI    string `json:"uri"`
	Format Format `json:"format"`
	// Filter is a search query over the keys of the body, see [CompileFilter]. Nil and "" let everything through; they
	// are told apart when it is read back.
	Filter *string `json:"filter"`
	// IncludeFields are paths with dots; only these are sent, see [Trim]. Empty: all.
	IncludeFields       []string    `json:"includeFields"`
	MetafieldNamespaces []string    `json:"metafieldNamespaces"`
	Metafields          []Metafield `json:"metafields"`
	Name                *string     `json:"name"` // of one of the app's subscriptions, in any case; nil: none
	// APIVersion is that of the request which made or last updated it: bodies have the form of this version.
	APIVersion string    `json:"apiVersion"`
	CreatedAt  time.Time `json:"createdAt"`
	UpdatedAt  time.Time `json:"updatedAt"` // when what is said above was changed

	// ByOperator says that an operator made it for the app. The app neither sees it nor changes it: programs delete
	// every subscription of theirs that they did not ask for.
	ByOperator  bool      `json:"byOperator"`
	State       State     `json:"state"`
	StateReason string    `json:"stateReason,omitempty"` // why it is in this state, for people
	StateSince  time.Time `json:"stateSince"`

	// TimeoutMS is how many milliseconds a whole exchange with the receiver may take, and Concurrency how many orders
	// are told at the same time: operators set them. 0: as the worker's settings say.
	TimeoutMS   int `json:"timeoutMs,omitempty"`
	Concurrency int `json:"concurrency,omitempty"`
}

// Format is how bodies are written.
type Format string

// The formats. Packhorse writes JSON.
const (
	FormatJSON Format = "JSON"
	FormatXML  Format = "XML"
)

// State says whether a subscription is delivered to.
type State string

// The states.
const (
	Enabled  State = "ENABLED"
	Paused   State = "PAUSED"   // nothing is sent; it goes on where it stopped when it is resumed
	Disabled State = "DISABLED" // the receiver said that it is gone; only a person, or another address, ends that
)

// States lists all of them.
var States = []State{Enabled, Paused, Disabled}

// Metafield names a metafield that is to be sent along. Packhorse has none to send.
type Metafield struct {
	Namespace string `json:"namespace"`
	Key       string `json:"key"`
}

// Address is the SHA-256 of what no two subscriptions of an app have in common: the topic, the URI, the format and the
// filter.
func (s Subscription) Address() [sha256.Size]byte {
	filter := ""
	if s.Filter != nil {
		filter = *s.Filter
	}
	// None of the parts but the last can have a line break.
	return sha256.Sum256([]byte(string(s.Topic) + "\n" + s.URI + "\n" + string(s.Format) + "\n" + filter))
}

// Change is what of a subscription is to be different; nil leaves it as it is.
type Change struct {
	URI                 *string
	Format              *Format
	Filter              **string // pointer to nil: without a filter
	IncludeFields       []string
	MetafieldNamespaces []string
	Metafields          []Metafield
	Name                **string // pointer to nil: without a name
	APIVersion          string   // "": it stays
	TimeoutMS           *int     // pointer to 0: as the worker's settings say
	Concurrency         *int     // likewise
}

// Apply is the subscription with the change.
func (c Change) Apply(s Subscription) Subscription {
	if c.URI != nil {
		s.URI = *c.URI
	}
	if c.Format != nil {
		s.Format = *c.Format
	}
	if c.Filter != nil {
		s.Filter = *c.Filter
	}
	if c.IncludeFields != nil {
		s.IncludeFields = c.IncludeFields
	}
	if c.MetafieldNamespaces != nil {
		s.MetafieldNamespaces = c.MetafieldNamespaces
	}
	if c.Metafields != nil {
		s.Metafields = c.Metafields
	}
	if c.Name != nil {
		s.Name = *c.Name
	}
	if c.APIVersion != "" {
		s.APIVersion = c.APIVersion
	}
	if c.TimeoutMS != nil {
		s.TimeoutMS = *c.TimeoutMS
	}
	if c.Concurrency != nil {
		s.Concurrency = *c.Concurrency
	}
	return s
}
