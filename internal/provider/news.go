package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
)

// News is one thing that a service tells by itself, in whatever way it comes: a delivery of its system's
// ([Receiver]), the find of a [Runner] that asks for news, or what a system of ours has done.
type News struct {
	// ID is the same whenever the same news is told again, and of no other news of this provider: a number that the
	// system gave the event, or what identifies it, such as shipment and status. The command's ID follows from it, so
	// news that comes twice, in whatever way, has one effect.
	ID string

	About   Subject
	Service fulfillment.ID // who tells it: the service in whose name the command is given

	// Sequence is the place of the news among all that is told about the same request, where the system counts: what
	// has a lower one is older, whenever it comes. 0: it does not count.
	Sequence int64

	// WithAnswer is Packhorse's to fill in: the news came with the answer to the request that it is about. What it
	// ships is shipped as long as that request stands and nobody has asked to stop it.
	WithAnswer bool

	// Command is what the news asks for or reports. Its Meta is Packhorse's to fill in. Where it is about a shipment,
	// FulfillmentID is found by About.
	Command fulfillment.Command

	// Notice takes the place of a Command where there is nothing to ask for, but something that a person must see.
	Notice *Notice

	// What is what the news tells of, where no command does yet, such as "ReturnReceived". Then there is no Command,
	// and the news is kept, for people to see: Data is what it says, as JSON and without personal data.
	What string
	Data json.RawMessage
}

// Notice is what a person must see: an alert of the news.
type Notice struct {
	Kind    NoticeKind `json:"kind"`
	Message string     `json:"message"` // for people; without personal data
}

// NoticeKind says what a [Notice] is about.
type NoticeKind string

// RefundRefused is that a label was paid for which nobody uses: it was given back, and the carrier refuses the refund.
const RefundRefused NoticeKind = "REFUND_REFUSED"

// Subject says what news is about, in as many ways as the system tells; at least one. Without FulfillmentOrderID the
// fulfillment order, and for news of a parcel the shipment, have to be found by the others before [Tell].
type Subject struct {
	FulfillmentOrderID fulfillment.ID
	RequestKey         string // of the Request
	Reference          string // the system's own name for the request

	// Shipment is the system's own name for a shipment: news that ships names it, so that later news of that shipment
	// finds it again.
	Shipment       string
	TrackingNumber string // of a parcel
	Carrier        string // whose number it is, by whatever name; empty: the system does not say
}

// longestCommandID is what a fulfillment order takes.
const longestCommandID = 255

// CommandID is the ID of the command that news of this provider becomes: "simulated/7" for news 7 of the provider
// simulated. An ID that no command can have, such as a very long one, is given by its SHA-256.
func CommandID(providerID, newsID string) string {
	id := providerID + "/" + newsID
	if len(id) <= longestCommandID && utf8.ValidString(id) && !strings.ContainsRune(id, 0) {
		return id
	}
	sum := sha256.Sum256([]byte(newsID))
	return providerID + "/sha256:" + hex.EncodeToString(sum[:])
}

// Tell sends the command of the news to the fulfillment order that it is about, in the name of the service. What
// was told before is answered as it was then. A decision about a request with a key is refused once there is another
// request. The error is the reporter's, or a refusal when nobody
// knows which fulfillment order it is.
func Tell(ctx context.Context, reporter Reporter, providerID string, news News) (fulfillment.Result, error) {
	if news.About.FulfillmentOrderID == 0 {
		return fulfillment.Result{}, &fulfillment.Error{Code: fulfillment.CodeNotFound,
			Message: fmt.Sprintf("The news %q is about no known fulfillment order.", news.ID)}
	}
	if news.Command == nil {
		return fulfillment.Result{}, &fulfillment.Error{Code: fulfillment.CodeInvalid,
			Message: fmt.Sprintf("The news %q asks for nothing.", news.ID)}
	}
	meta := fulfillment.Meta{
		CommandID: CommandID(providerID, news.ID),
		Actor:     fulfillment.Actor{Role: fulfillment.RoleService, App: providerID, ServiceID: news.Service},
	}
	verb := news.Command.Verb()
	if endsRequest(verb) || news.WithAnswer && verb == fulfillment.VerbCreateFulfillment {
		meta.ForRequest = news.About.RequestKey
	}
	*news.Command.Envelope() = meta
	return reporter.Send(ctx, news.About.FulfillmentOrderID, news.Command)
}

// endsRequest tells whether a command decides about a request. What has left, and where it is, is news whatever was
// asked for since.
func endsRequest(verb fulfillment.Verb) bool {
	switch verb {
	case fulfillment.VerbAcceptFulfillmentRequest, fulfillment.VerbRejectFulfillmentRequest,
		fulfillment.VerbAcceptCancellationRequest, fulfillment.VerbRejectCancellationRequest, fulfillment.VerbClose:
		return true
	}
	return false
}

// Receiver is a Provider whose system sends news by itself, as requests over HTTP. Whoever takes them on verifies a
// delivery, stores it, answers it, and only then reads it; so a delivery may be read later, more than once, and by
// another process than the one that verified it.
type Receiver interface {
	// Verify makes sure that the delivery comes from the system, by its signature over the raw body; where the
	// signature has a time, also that it is no old one which somebody sends again. It returns the delivery's dedupe
	// key, which is the same when the system repeats the delivery and no other delivery's. It has no effect and asks
	// nobody. A delivery that isn't the system's is an error that [errors.Is] [ErrForged]; any other error says that
	// nobody can tell at the moment.
	Verify(ctx context.Context, d Delivery) (key string, err error)

	// Read says what a verified delivery tells, oldest first. What is of no interest is no news and no error; what may
	// be of interest, and is of a kind that is not known yet, is a [*NotUnderstoodError], which people are shown and
	// nothing fails by. A malformed body is a permanent error. Read may ask the system for what the
	// delivery only hints at; when that fails, the error says whether to try again. Of the headers it is given
	// Content-Type and those that begin with X- or Webhook-, without signatures and whatever else looks like a secret.
	Read(ctx context.Context, d Delivery) ([]News, error)
}

// Poller is a Provider whose system has to be asked what is new, because it sends nothing by itself or not everything.
// Who asks, and how often, is Packhorse's business: one worker at a time asks for each service.
type Poller interface {
	// Changes is what has happened at a service since a cursor that an earlier call gave, oldest first, and the cursor
	// for the next one. The empty cursor is that of a service which was never asked. What is told again, or overlaps
	// with what a [Receiver] was sent, is no harm. more tells that there is more to be had at once.
	Changes(ctx context.Context, of Polled, cursor string) (news []News, next string, more bool, err error)
}

// Polled is a service that a [Poller] asks.
type Polled struct {
	ServiceID      fulfillment.ID
	ServiceOptions map[string]any // fulfillment.Service.Options
}

// Delivery is a request that came in, said to be from a provider's system. Nothing of it is to be believed before
// [Receiver].Verify.
type Delivery struct {
	Service        fulfillment.ID // whose system sent it, by the address that it was sent to
	ServiceOptions map[string]any // fulfillment.Service.Options
	Method, Path   string         // some signatures cover them
	Header         http.Header
	Body           []byte    // raw: signatures are over these bytes
	ReceivedAt     time.Time // a signature's time is compared with it
}

// NotUnderstoodError says of a delivery why nothing was made of it, although it may tell something.
type NotUnderstoodError struct {
	Message string
}

func (e *NotUnderstoodError) Error() string { return e.Message }

// NotUnderstood is a [*NotUnderstoodError].
func NotUnderstood(format string, args ...any) error {
	return &NotUnderstoodError{fmt.Sprintf(format, args...)}
}

// ErrForged is a delivery that can't be shown to come from the provider's system.
var ErrForged = errors.New("the delivery is not from the provider's system")

// Forged is the permanent error of a delivery that is refused, with the reason: such as a signature that is missing.
func Forged(format string, args ...any) error {
	return &Error{Class: Permanent, Message: fmt.Sprintf(format, args...), Cause: ErrForged}
}
