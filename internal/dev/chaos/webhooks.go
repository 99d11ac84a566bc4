package chaos

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/audit"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/returns"
)

// What is promised to those who are told of what happens.
const (
	promiseTold    = "every event that a webhook subscription asks for arrives; only what is never taken is given up"
	promiseInTurn  = "webhooks of an order, and of a fulfillment order, are taken in its order"
	promiseBytes   = "a webhook that comes again has the same bytes"
	promiseSigned  = "every webhook is signed with a secret of its app"
	promiseHearing = "no app is sent what its scopes forbid, or what it did not ask for"
)

// told is what the feed has, and what became of it.
type told struct {
	subscriptions []*subscription
	events        []heard               // in the order of the feed
	gaps          []fulfillment.FeedGap // what was lost by setting the database back
	arrivals      []arrival             // in their order
	dead          map[*subscription][]int64
}

// heard is an event with its position.
type heard struct {
	*fulfillment.Event
	at int64
}

// sequence is the event's place in the life of what it is about, as requests say it.
func (h heard) sequence() string { return fmt.Sprintf("%d.%d", h.Sequence, h.Position) }

// checkWebhooks holds what arrived at receivers against the feed.
func (r *run) checkWebhooks(ctx context.Context) error {
	t, err := r.post.told(ctx)
	if err != nil {
		return err
	}
	all := t.check()
	all[0].Checked += r.post.waits.Checked
	all[0].Violations = append(r.post.waits.Violations, all[0].Violations...)
	called, err := r.post.desk.called(ctx)
	if err != nil {
		return err
	}
	all = append(all, called.check()...)
	r.result.Assertions = append(append(r.result.Assertions, all...), r.cursors.Assertion)
	return nil
}

// told reads the feed and the dead letters.
func (p *post) told(ctx context.Context) (*told, error) {
	t := &told{subscriptions: p.list, arrivals: p.arrived(), dead: map[*subscription][]int64{}}
	for after, more := int64(0), true; more; {
		page, err := p.store.Feed(ctx, postgres.FeedQuery{After: after})
		if err != nil {
			return nil, err
		}
		for _, stored := range page.Entries {
			if err := t.hear(stored); err != nil {
				return nil, err
			}
		}
		after, more = page.Next, page.Next < page.Newest
	}
	for _, s := range p.list {
		rows, err := p.sources.Database.Query(ctx, `
SELECT position FROM webhook_deliveries WHERE subscription_id = $1 AND state = 'DEAD' ORDER BY position`, s.id)
		if err == nil {
			t.dead[s], err = pgx.CollectRows(rows, pgx.RowTo[int64])
		}
		if err != nil {
			return nil, fmt.Errorf("read what was given up: %w", err)
		}
	}
	return t, nil
}

func (t *told) hear(stored postgres.FeedEntry) error {
	event, err := returns.ReadEvent(stored.Event)
	switch {
	case err != nil:
		return err
	case event.Kind == fulfillment.FeedSetBackKind:
		var what struct{ Details fulfillment.FeedGap }
		if err := json.Unmarshal(stored.Event, &what); err != nil {
			return fmt.Errorf("read what the feed has lost: %w", err)
		}
		t.gaps = append(t.gaps, what.Details)
	default:
		t.events = append(t.events, heard{event, stored.Position})
	}
	return nil
}

// check gives the assertions, [promiseTold] first.
func (t *told) check() []audit.Assertion {
	var all []audit.Assertion
	for _, one := range []struct {
		name  string
		check func(*verdict)
	}{
		{promiseTold, t.checkTold}, {promiseInTurn, t.checkInTurn}, {promiseBytes, t.checkBytes},
		{promiseSigned, t.checkSigned}, {promiseHearing, t.checkHearing},
	} {
		v := &verdict{audit.Assertion{Name: one.name}}
		one.check(v)
		all = append(all, v.Assertion)
	}
	return all
}

// verdict is one of the assertions.
type verdict struct{ audit.Assertion }

func (v *verdict) violated(s *subscription, h heard, format string, args ...any) {
	what, found := fmt.Sprintf(format, args...), audit.Violation{What: s.name + ": "}
	if h.Event != nil {
		found.OrderID, found.FulfillmentOrderID = h.OrderID, h.FulfillmentOrderID
		found.What += fmt.Sprintf("event %s at position %d: ", h.sequence(), h.at)
	}
	found.What += what
	v.Violations = append(v.Violations, found)
}

// checkTold looks for events that did not arrive, and for those that were given up.
func (t *told) checkTold(v *verdict) {
	for _, s := range t.subscriptions {
		came := map[int64][]arrival{} // what was taken, by position
		for _, a := range t.arrivals {
			if a.to == s && a.taken {
				came[a.position()] = append(came[a.position()], a)
			}
		}
		never := int64(0)
		if poison, any := s.receiver.poisoned(); any {
			never = poison.position()
		}
		givenUp := map[fulfillment.ID]int64{} // by the order of which the next one is to say so
		for _, h := range t.events {
			if h.at <= s.since || !s.wants(h.Event) {
				continue
			}
			v.Checked++
			dead := slices.Contains(t.dead[s], h.at)
			switch {
			case h.at == never && !dead:
				v.violated(s, h, "it is never taken, and was not given up")
			case h.at == never:
				givenUp[h.OrderID] = h.at
			case dead:
				v.violated(s, h, "it was given up, and would be taken")
			case len(came[h.at]) == 0:
				v.violated(s, h, "it never arrived")
			case givenUp[h.OrderID] != 0:
				v.Checked++
				if !skips(came[h.at], givenUp[h.OrderID]) {
					v.violated(s, h, "it does not say that position %d was given up", givenUp[h.OrderID])
				}
				delete(givenUp, h.OrderID)
			}
		}
	}
}

// skips tells whether all of the requests name a position that was given up.
func skips(came []arrival, position int64) bool {
	for _, a := range came {
		skipped := strings.Split(a.header.Get("Packhorse-Skipped"), ", ")
		if !slices.Contains(skipped, strconv.FormatInt(position, 10)) {
			return false
		}
	}
	return true
}

// checkInTurn compares the order in which events were taken first with that of the feed.
func (t *told) checkInTurn(v *verdict) {
	events := t.byPosition()
	type life struct {
		of                        *subscription
		order, fulfillmentOrderID fulfillment.ID
	}
	last, known := map[life]heard{}, map[string]bool{}
	for _, a := range t.arrivals {
		h, there := events[a.position()]
		if !there { // Lost, or a matter of another assertion.
			continue
		}
		v.Checked++
		if says := a.header.Get("Packhorse-Sequence"); says != h.sequence() {
			v.violated(a.to, h, "the request says that it is %s", says)
			continue
		}
		if !a.taken || known[a.webhookID()] {
			continue
		}
		known[a.webhookID()] = true
		order, own := life{a.to, h.OrderID, 0}, life{a.to, h.OrderID, h.FulfillmentOrderID}
		if before := last[order]; before.at > h.at {
			v.violated(a.to, h, "it was taken after position %d of the order", before.at)
		}
		if before := last[own]; own != order && before.Event != nil && (before.Sequence > h.Sequence ||
			before.Sequence == h.Sequence && before.Position >= h.Position) {
			v.violated(a.to, h, "it was taken after %s of the fulfillment order", before.sequence())
		}
		last[order], last[own] = h, h
	}
}

func (t *told) byPosition() map[int64]heard {
	events := make(map[int64]heard, len(t.events))
	for _, h := range t.events {
		events[h.at] = h
	}
	return events
}

// checkBytes compares requests with one ID.
func (t *told) checkBytes(v *verdict) {
	type id struct {
		of      *subscription
		webhook string
	}
	first := map[id]arrival{}
	for _, a := range t.arrivals {
		before, again := first[id{a.to, a.webhookID()}]
		if !again {
			first[id{a.to, a.webhookID()}] = a
			continue
		}
		v.Checked++
		if a.body != before.body || a.position() != before.position() {
			v.violated(a.to, heard{}, "%s was %q at position %d, and then %q at position %d", a.webhookID(),
				before.body, before.position(), a.body, a.position())
		}
	}
}

// checkSigned computes signatures with every secret that the app ever had, in both forms.
func (t *told) checkSigned(v *verdict) {
	for _, a := range t.arrivals {
		v.Checked++
		text := a.header.Get("Webhook-Id") + "." + a.header.Get("Webhook-Timestamp") + "." + a.body
		standard := strings.Fields(a.header.Get("Webhook-Signature"))
		var shopify, other bool
		for _, secret := range a.to.by.secrets {
			shopify = shopify || a.header.Get("X-Shopify-Hmac-Sha256") == signature(secret, a.body)
			other = other || slices.Contains(standard, "v1,"+signature(secret, text))
		}
		if !shopify || !other {
			v.violated(a.to, heard{}, "%s is signed %q and %q", a.webhookID(),
				a.header.Get("X-Shopify-Hmac-Sha256"), standard)
		}
	}
}

func signature(secret, text string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// checkHearing looks for what should not have been sent. Of what was lost, nobody knows.
func (t *told) checkHearing(v *verdict) {
	events := t.byPosition()
	for _, a := range t.arrivals {
		v.Checked++
		h, there := events[a.position()]
		lost := slices.ContainsFunc(t.gaps, func(g fulfillment.FeedGap) bool {
			return a.position() > g.After && a.position() < g.To
		})
		switch topic := a.header.Get("X-Shopify-Topic"); {
		case topic != a.to.topic:
			v.violated(a.to, h, "it was sent %s", topic)
		case !there && !lost:
			v.violated(a.to, h, "it was sent position %d, which the feed does not have", a.position())
		case !there:
		case h.at <= a.to.since:
			v.violated(a.to, h, "the subscription begins after position %d", a.to.since)
		case !a.to.by.mayHear(h.Event):
			v.violated(a.to, h, "the scopes of %s forbid it", a.to.by.name)
		case !a.to.wants(h.Event):
			v.violated(a.to, h, "the filter does not let it through")
		}
	}
}
