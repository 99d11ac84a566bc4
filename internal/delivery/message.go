package delivery

import (
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// Message is one event for one subscription, in one attempt.
type Message struct {
	Subscription webhook.Subscription
	// Position of the event in the feed; 0: it is not in the feed, as that of a trial, and CommandID tells it from
	// others.
	Position int64
	Sequence int64          // of the transition
	Place    int            // of the event among those of its transition, from 0
	OrderID  fulfillment.ID // 0: it is about no order
	// CommandID is what caused the event; all that one command did to an order shares an ID on the wire.
	CommandID   string
	TriggeredAt time.Time // when it happened, which is the same in each attempt
	Topic       string    // as events spell it, such as "fulfillment_orders/moved"
	Body        []byte    // JSON, never empty: receivers refuse an empty body before they look at a signature
	Attempt     int       // from 1
	Replay      bool      // it was asked for again
	// Skipped are the positions of earlier events of the same order that were given up.
	Skipped []int64
	Test    bool // nothing has happened: somebody tries the receiver
}

// maxSkipped is how many positions a request names at most, the newest ones: servers bound the length of headers.
const maxSkipped = 50

// triggered is the form of times in Shopify's requests, in UTC and always with nine digits.
const triggered = "2006-01-02T15:04:05.000000000Z"

// Header is what the request says beside its body. All but Packhorse-Attempt, Packhorse-Replay, Packhorse-Skipped and
// the time and signature of Standard Webhooks is the same in each attempt, as long as the subscription and the secrets
// are. Names are spelled as Shopify and Standard Webhooks spell them, because some receivers care; Header.Get therefore
// does not find X-Shopify-API-Version and webhook-*. There is never a header that begins with shopify-: receivers take
// such a request for one of another kind, and refuse it.
func (m Message) Header(s Signer, now time.Time) http.Header {
	id, agent := m.WebhookID(), s.UserAgent
	if agent == "" {
		agent = UserAgent()
	}
	h := http.Header{
		"Content-Type":           {"application/json"},
		"User-Agent":             {agent},
		"X-Shopify-Topic":        {m.Topic},
		"X-Shopify-Hmac-Sha256":  {s.shopify(m.Body)},
		"X-Shopify-Shop-Domain":  {s.ShopDomain},
		"X-Shopify-API-Version":  {m.Subscription.APIVersion},
		"X-Shopify-Webhook-Id":   {id},
		"X-Shopify-Event-Id":     {m.EventID()},
		"X-Shopify-Triggered-At": {m.TriggeredAt.UTC().Format(triggered)},
		"webhook-id":             {id},
		"webhook-timestamp":      {strconv.FormatInt(now.Unix(), 10)},
		"webhook-signature":      {s.standard(id, now, m.Body)},
		"Packhorse-Position":     {strconv.FormatInt(m.Position, 10)},
		"Packhorse-Sequence":     {strconv.FormatInt(m.Sequence, 10) + "." + strconv.Itoa(m.Place)},
		"Packhorse-Attempt":      {strconv.Itoa(m.Attempt)},
	}
	if name := m.Subscription.Name; name != nil && *name != "" {
		h["X-Shopify-Name"] = []string{*name}
	}
	ofOrder := strings.HasPrefix(m.Topic, "orders/")
	if ofOrder && m.OrderID != 0 {
		h["X-Shopify-Order-Id"] = []string{m.OrderID.String()}
	}
	if ofOrder || m.Test {
		h["X-Shopify-Test"] = []string{strconv.FormatBool(m.Test)}
	}
	if m.Replay {
		h["Packhorse-Replay"] = []string{"1"}
	}
	if len(m.Skipped) > 0 {
		h["Packhorse-Skipped"] = []string{skipped(m.Skipped)}
	}
	return h
}

func skipped(positions []int64) string {
	positions = slices.Sorted(slices.Values(positions))
	texts := make([]string, 0, maxSkipped)
	for _, position := range positions[max(0, len(positions)-maxSkipped):] {
		texts = append(texts, strconv.FormatInt(position, 10))
	}
	return strings.Join(texts, ", ")
}

// ids is the namespace of the IDs below (RFC 9562, version 5). Receivers keep the IDs to know what they had already, so
// neither it nor the names may ever change.
var ids = uuid.MustParse("e7a37776-3daf-5719-960f-37f7e7ad1958")

// WebhookID names an event for a subscription: receivers know by it what they had already.
func (m Message) WebhookID() string {
	return id("subscription", m.Subscription.ID, m.event())
}

// EventID names what a command did to an order: whoever has several subscriptions knows by it what belongs together.
func (m Message) EventID() string {
	if m.CommandID != "" {
		return id("order", m.OrderID, "command/"+m.CommandID)
	}
	return id("order", m.OrderID, m.event())
}

// event tells the event from all others.
func (m Message) event() string {
	if m.Position != 0 {
		return "position/" + strconv.FormatInt(m.Position, 10)
	}
	return "command/" + m.CommandID
}

func id(of string, number fulfillment.ID, rest string) string {
	return uuid.NewSHA1(ids, []byte(of+"/"+number.String()+"/"+rest)).String()
}

// UserAgent is what requests name as their sender where nothing else is set: Packhorse-Webhooks and the version.
var UserAgent = sync.OnceValue(func() string {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = strings.Trim(info.Main.Version, "()") // Parentheses are comments there.
	}
	return "Packhorse-Webhooks/" + version
})
