package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// MaxBody is how many bytes a body has at most: receivers that read a limited part would refuse a larger one for ever.
// One that would be larger has fewer line items than there are, and "truncated": true.
const MaxBody = 256 << 10

// Shop is what bodies take from the settings of the installation.
type Shop struct {
	Namespace    string         // of global IDs: gid://<namespace>/<Type>/<number>
	TimeZone     *time.Location // in which times are written; nil: UTC
	CurrencyCode string         // of amounts of orders that name none (ISO 4217)
}

// Entry is an event of the feed.
type Entry struct {
	Event       *fulfillment.Event // as [returns.ReadEvent] reads it
	CommittedAt time.Time          // zero: when it was decided
}

// Facts are what a body says beside its event: what never changes, and histories from which it takes no more than what
// was so at the moment of the event. [Needs] tells which events need which.
type Facts struct {
	Apps     map[string]fulfillment.ID // numbers of apps, by handle
	Services map[fulfillment.ID]string // handles of fulfillment services
	// Order is the order as it is now, with its whole history and the values of its updates.
	Order *fulfillment.OrderRecord
	// Shipped are the order's shipments as of the event of an order, without lines.
	Shipped []fulfillment.Fulfillment
	Made    map[fulfillment.ID]Made // by shipment
}

// Made is what never changes of a shipment.
type Made struct {
	Lines       []fulfillment.Quantity // units by order line, of all parts of the shipment
	CommittedAt time.Time
	// DecidedAt and OrderSequence are when the shipment was decided, and the order's last transition before; a shipment
	// that was made before that was noted has the sequence 0.
	DecidedAt     time.Time
	OrderSequence int64
	// DestinationBefore is the number of the order's update before which its address was where the shipment goes; 0: it
	// goes where the order went when it was made.
	DestinationBefore int
}

// Needs tells what a body of the event needs of the order: everything, with its shipments, or what its shipment needs.
func Needs(e *fulfillment.Event) (order, shipment bool) {
	b, known := bodies[e.Topic]
	return known && b.needsOrder, known && b.needsShipment
}

// Handles are those of the apps whose numbers a body of the event needs.
func Handles(e *fulfillment.Event) []string {
	handles := []string{}
	if e.Actor.App != "" {
		handles = append(handles, e.Actor.App)
	}
	if d, ok := e.Details.(*fulfillment.Details); ok {
		if d.Hold != nil {
			handles = append(handles, d.Hold.HeldBy.App)
		}
		for _, h := range d.Holds {
			handles = append(handles, h.HeldBy.App)
		}
	}
	return handles
}

// HasBody tells whether there are bodies of the topic, in the spelling of events.
func HasBody(topic string) bool {
	_, known := bodies[topic]
	return known
}

// Body is what the app is sent of an event: JSON, the same bytes each time. It shows the order as it was at the moment
// of the event, never later. An error says that there is no body: of the topic, or of what the facts lack.
func (s Shop) Body(entry Entry, facts Facts, to access.App) ([]byte, error) {
	e := entry.Event
	b, known := bodies[e.Topic]
	if !known {
		return nil, fmt.Errorf("there is no body of the topic %q", e.Topic)
	}
	w := &writer{Shop: s, Facts: facts, event: e, at: entry.CommittedAt, to: to}
	if w.at.IsZero() {
		w.at = e.At
	}
	if err := w.read(b); err != nil {
		return nil, fmt.Errorf("write the body of %s, event %d.%d: %w", e.Topic, e.Sequence, e.Position, err)
	}
	body, err := limited(b.write(w))
	if err != nil {
		return nil, fmt.Errorf("write the body of %s, event %d.%d: %w", e.Topic, e.Sequence, e.Position, err)
	}
	return body, nil
}

// writer writes one body.
type writer struct {
	Shop
	Facts
	event *fulfillment.Event
	at    time.Time // of the commit
	to    access.App

	before, after fulfillment.State    // of a fulfillment order; the zero before: it was just made
	details       *fulfillment.Details // of a fulfillment order's event; not nil
	orderDetails  *fulfillment.OrderDetails

	returned      returns.State    // the state of a return after its event
	returnDetails *returns.Details // of a return's event; not nil
}

// read takes apart what the event holds, and checks that all is there that a body is made of.
func (w *writer) read(b body) error {
	w.details, w.orderDetails, w.returnDetails = &fulfillment.Details{}, &fulfillment.OrderDetails{}, &returns.Details{}
	if d, ok := w.event.Details.(*fulfillment.Details); ok && d != nil {
		w.details = d
	}
	if d, ok := w.event.Details.(*fulfillment.OrderDetails); ok && d != nil {
		w.orderDetails = d
	}
	if d, ok := w.event.Details.(*returns.Details); ok && d != nil {
		w.returnDetails = d
	}
	w.before, _ = w.event.Before.(fulfillment.State)
	after, ok := w.event.After.(fulfillment.State)
	w.after = after
	if ok != (w.event.FulfillmentOrderID != 0) {
		return fmt.Errorf("its state is a %T", w.event.After)
	}
	if w.returned, ok = w.event.After.(returns.State); ok != (w.event.ReturnID != 0) {
		return fmt.Errorf("its state is a %T", w.event.After)
	}
	if (b.needsOrder || b.needsShipment) && w.Order == nil {
		return fmt.Errorf("order %d is not there", w.event.OrderID)
	}
	if what := lacksOfReturn(w.event.Topic, w.returnDetails); what != "" {
		return fmt.Errorf("the event has no %s", what)
	}
	return lacks(w.event.Topic, w.details, b)
}

// lacks says what the details of an event don't have that its body can't be without.
func lacks(topic string, d *fulfillment.Details, b body) error {
	what := ""
	switch topic {
	case fulfillment.TopicHoldAdded, fulfillment.TopicHoldEnded, fulfillment.TopicPlacedOnHold:
		if d.Hold == nil {
			what = "hold"
		}
	case fulfillment.TopicEventCreated:
		if d.Event == nil || d.Fulfillment == nil {
			what = "news of a shipment"
		}
	case fulfillment.TopicMoved:
		if d.From == nil || d.To == nil {
			what = "locations"
		}
	}
	if b.needsShipment && d.Fulfillment == nil {
		what = "shipment"
	}
	if what == "" {
		return nil
	}
	return fmt.Errorf("the event has no %s", what)
}

// A cutter is a body with lists of line items. Cut leaves at most so many in each, and says so in the body; of those
// that are given, it shares nothing that it changes. Negative: the least that it can be.
type cutter interface {
	cut(lines int) any
}

// limited is the body as JSON, with as many line items as there is room for.
func limited(v any) ([]byte, error) {
	text, err := encode(v)
	c, cuts := v.(cutter)
	if err != nil || len(text) <= MaxBody || !cuts {
		return text, err
	}
	fits := func(lines int) bool {
		text, err = encode(c.cut(lines))
		return err == nil && len(text) <= MaxBody
	}
	tooMany := sort.Search(fulfillment.MaxLines+1, func(lines int) bool { return !fits(lines) })
	if fits(tooMany - 1) { // With -1 it is the least that it can be.
		return text, nil
	}
	if err == nil {
		err = fmt.Errorf("it has %d bytes at least; %d are allowed", len(text), MaxBody)
	}
	return nil, err
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// gid is a global ID.
func (s Shop) gid(typeName string, id fulfillment.ID) string {
	return "gid://" + s.Namespace + "/" + typeName + "/" + id.String()
}

// time is a time as bodies have it: in the shop's zone, to the second.
func (s Shop) time(t time.Time) string {
	zone := s.TimeZone
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format("2006-01-02T15:04:05-07:00")
}

func (s Shop) optionalTime(t *time.Time) *string {
	if t == nil || t.IsZero() {
		return nil
	}
	return new(s.time(*t))
}

// digits are an ID in the world of numbers, whole.
type digits fulfillment.ID

// MarshalJSON writes all digits.
func (n digits) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(n), 10), nil }

// optionalNumber is nil for no ID.
func optionalNumber(id fulfillment.ID) *digits {
	if id == 0 {
		return nil
	}
	return new(digits(id))
}

// word is a value of an enum as bodies have it.
func word[T ~string](value T) string { return strings.ToLower(string(value)) }

// optional is nil for what says nothing.
func optional[T comparable](value T) *T {
	var none T
	if value == none {
		return nil
	}
	return &value
}

// firstOf is at most so many of a list; an empty one is a list, too.
func firstOf[T any](list []T, most int) []T {
	return append([]T{}, list[:min(max(most, 0), len(list))]...)
}
