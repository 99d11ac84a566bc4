package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

const (
	// FeedLimit is how many events a page of the feed has at most.
	FeedLimit = 1000
	// FeedBytes is where a page of the feed ends, in bytes of its events; it has at least one.
	FeedBytes = 4 << 20
	// feedSpan is how many positions one page looks through for events that may be few.
	feedSpan = 20_000
)

// FeedQuery chooses events of the feed.
type FeedQuery struct {
	After   int64          // position after which to begin; 0: with the oldest that is kept
	OrderID fulfillment.ID // 0: of all orders
	Topics  []string       // such as "fulfillment_orders/moved"; none: all events, those without a topic, too
	Limit   int            // of events; 0, or more than [FeedLimit]: that
	Bytes   int            // of events, where the page ends; 0, or more than [FeedBytes]: that
	// Sight is what the reader may see: the rest is left out. Nil: all of it.
	Sight *access.FeedSight
}

// FeedEntry is an event with its place in the feed.
type FeedEntry struct {
	Position    int64 // from 1, dense
	CommittedAt time.Time
	OrderID     fulfillment.ID // 0: it is about the feed itself, see [fulfillment.FeedSetBackKind]
	// FulfillmentOrderID is 0 for an event of the order itself.
	FulfillmentOrderID fulfillment.ID
	Sequence           int64 // of the transition
	Place              int   // among the events of the transition, from 0
	Topic              string
	Event              json.RawMessage // a [fulfillment.Event], as it was committed
}

// Told is what a request says of the event. Whoever has decoded it hands that over; nil: nobody has.
func (e FeedEntry) Told(decoded *fulfillment.Event) webhook.Event {
	told := webhook.Event{
		Position: e.Position, OrderID: e.OrderID, Sequence: e.Sequence, Place: e.Place, Topic: e.Topic,
	}
	if decoded != nil {
		told.Services, told.CommandID, told.At = webhook.ServicesAt(decoded), decoded.CommandID, decoded.At
		return told
	}
	type at struct {
		ServiceID fulfillment.ID `json:"serviceId"`
	}
	var says struct {
		At        time.Time `json:"at"`
		CommandID string    `json:"commandId"`
		Details   struct {
			at
			From, To *at
		} `json:"details"`
	}
	_ = json.Unmarshal(e.Event, &says) // It was written by this program; without it only these two are missing.
	told.CommandID, told.At = says.CommandID, says.At
	told.Services = []fulfillment.ID{says.Details.ServiceID}
	for _, location := range []*at{says.Details.From, says.Details.To} {
		if location != nil {
			told.Services = append(told.Services, location.ServiceID)
		}
	}
	return told
}

// FeedPage is a part of the feed.
type FeedPage struct {
	Entries []FeedEntry
	// Next is the position after which the next page begins. It may be beyond the last entry, and be reached without
	// any: what lies between was not asked for.
	Next           int64
	Oldest, Newest int64 // positions that there are; Newest is 0 as long as there are none
}

// FeedGoneError says that a page can't begin where it should.
type FeedGoneError struct {
	After, Oldest, Newest int64
}

// Error says what there is instead, and what to do.
func (e *FeedGoneError) Error() string {
	if e.After > e.Newest {
		return fmt.Sprintf("Position %d was never reached: the newest event has %d.", e.After, e.Newest)
	}
	return fmt.Sprintf("The events after position %d are not kept any more: the oldest has %d. Read what there is of "+
		"your orders, and go on after %d.", e.After, e.Oldest, e.Oldest-1)
}

// What is about the feed itself concerns every reader.
const selectFeed = `
SELECT c.position, c.oldest, c.begin, f.position, f.committed_at, f.order_id, coalesce(f.fulfillment_order_id, 0),
	f.sequence, f.place, f.topic, f.payload
FROM (SELECT position, oldest, greatest(least($1::bigint, position), oldest - 1) AS begin
	FROM feed_cursor) c LEFT JOIN LATERAL (
	SELECT * FROM feed e WHERE position > c.begin AND position <= least(c.position, c.begin + $2::bigint)
		AND ($3::bigint = 0 OR order_id = ANY (ARRAY[$3::bigint, 0]))
		AND (cardinality($4::text[]) = 0 OR topic = ANY ($4::text[]) OR order_id = 0)%s
	ORDER BY position LIMIT $5
) f ON true ORDER BY f.position`

// whenSeen asks for the events that a reader may see. Fulfillment orders are looked up one by one, as the events come:
// there may be many more of them than of these.
func whenSeen(c *conditions, sight *access.FeedSight) {
	if sight == nil || sight.Everything() {
		return
	}
	c.sql += " AND (e.order_id = 0"
	if sight.Orders {
		c.args = append(c.args, access.TopicsOfReturnsWithOrders())
		c.sql += fmt.Sprintf(" OR e.fulfillment_order_id IS NULL AND (NOT e.payload ? 'returnId' OR "+
			"e.topic = ANY ($%d::text[]))", len(c.args))
	}
	if sight.Returns {
		c.sql += " OR e.fulfillment_order_id IS NULL AND e.payload ? 'returnId'"
	}
	c.sql += " OR (SELECT true FROM fulfillment_orders f WHERE f.id = e.fulfillment_order_id"
	c.each = "-" // Several services are asked for by one condition, not one after the other.
	whenVisible(c, sight.FulfillmentOrders)
	c.sql += "))"
}

// errPageFull ends the reading of a page.
var errPageFull = errors.New("the page is full")

// Feed reads events in the order of their positions. The error is a [*FeedGoneError] when the query begins with what is
// not kept any more, or does not exist yet.
func (s *Store) Feed(ctx context.Context, q FeedQuery) (FeedPage, error) {
	limit, span, room := q.Limit, int64(feedSpan), FeedBytes
	if limit <= 0 || limit > FeedLimit {
		limit = FeedLimit
	}
	if q.Bytes > 0 {
		room = min(room, q.Bytes)
	}
	if hidden := q.Sight != nil && !q.Sight.Everything(); q.OrderID != 0 || len(q.Topics) == 0 && !hidden {
		// An index finds them.
		span = 1 << 62
	}
	c := conditions{args: []any{q.After, span, q.OrderID, append([]string{}, q.Topics...), limit}}
	whenSeen(&c, q.Sight)
	rows, err := s.pool.Query(ctx, fmt.Sprintf(selectFeed, c.sql), c.args...)
	if err != nil {
		return FeedPage{}, fmt.Errorf("read the feed: %w", translate(err))
	}
	var page FeedPage
	var begin int64
	var e struct { // NULL in the only row of a page without entries
		position, sequence *int64
		at                 *time.Time
		order, of          *fulfillment.ID
		place              *int
		topic              *string
		event              []byte
	}
	_, err = pgx.ForEachRow(rows, []any{
		&page.Newest, &page.Oldest, &begin, &e.position, &e.at, &e.order, &e.of, &e.sequence, &e.place, &e.topic,
		&e.event,
	}, func() error {
		if e.position == nil {
			return nil
		}
		page.Entries = append(page.Entries, FeedEntry{
			*e.position, *e.at, *e.order, *e.of, *e.sequence, *e.place, *e.topic, json.RawMessage(e.event),
		})
		if room -= len(e.event); room <= 0 {
			return errPageFull
		}
		return nil
	})
	full := errors.Is(err, errPageFull)
	switch {
	case err != nil && !full:
		return FeedPage{}, fmt.Errorf("read the feed: %w", translate(err))
	case q.After > page.Newest || q.After > 0 && q.After < begin:
		return FeedPage{}, &FeedGoneError{q.After, page.Oldest, page.Newest}
	case full || len(page.Entries) == limit:
		page.Next = page.Entries[len(page.Entries)-1].Position
	default:
		page.Next = min(begin+span, page.Newest)
	}
	return page, nil
}
