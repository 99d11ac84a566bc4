package shipbob

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

const (
	// A service that was never asked tells the news of so long a time.
	firstLook = 7 * 24 * time.Hour
	pageSize  = 100
	// A page that has fewer is the last one: ShipBob may give less than was asked for.
	fullFrom = 20
	// mostPages is how many pages of a list are read at the most, if ShipBob should give the same one for ever.
	mostPages = 1000
	// mostHeld is how many shipments on hold are remembered. More are not told.
	mostHeld = 2000
	// ShipBob tells the tracking of so many shipments in a call.
	mostTracked = 25
)

// cursor is where a service's news stands. It remembers the shipments on hold, because only who remembers them can say
// that they are released.
type cursor struct {
	Since time.Time               `json:"since"`          // what has changed from then on is asked for
	Began time.Time               `json:"began,omitzero"` // when the first page of these was asked for
	List  string                  `json:"list,omitempty"` // which list is being read: "" or listTracked
	Page  int                     `json:"page,omitempty"` // of the list, from 1
	Held  map[string]heldShipment `json:"held,omitempty"` // by the shipment's ID
}

const listTracked = "tracked"

type heldShipment struct {
	Handle string `json:"handle"`
	At     int64  `json:"at"` // Unix seconds: tells one hold of the shipment from the next
}

// Changes reads a page of the orders that have changed, or whose parcels have moved, since the cursor.
func (p *Provider) Changes(
	ctx context.Context, of provider.Polled, from string,
) (news []provider.News, next string, more bool, err error) {
	a, err := p.open(of.ServiceOptions)
	if err != nil {
		return nil, from, false, err
	}
	now := p.config.Now()
	c := cursor{Since: now.Add(-firstLook)}
	if from != "" {
		if err := json.Unmarshal([]byte(from), &c); err != nil {
			return nil, from, false, refuse("the cursor of ShipBob's news can't be read: %s", err)
		}
	}
	if c.Page == 0 {
		c.Page, c.List, c.Began = 1, "", now
	}
	firstPage := c.Page == 1 && c.List == ""
	channel := text("")
	if a.Channel != 0 {
		channel = text(strconv.Itoa(a.Channel))
	}
	changed := "LastUpdateStartDate"
	if c.List == listTracked {
		changed = "LastTrackingUpdateStartDate"
	}
	var orders list[order]
	look := call{
		what: "list what has changed", method: http.MethodGet, path: "/order", channel: channel, background: true,
		query: url.Values{
			changed: {since(c.Since)}, "Page": {strconv.Itoa(c.Page)}, "Limit": {strconv.Itoa(pageSize)},
			"SortOrder": {"Oldest"}, // So that new ones don't move the others to the next page.
		},
	}
	err = a.do(ctx, look, &orders)
	if refusedWith(err, http.StatusBadRequest, http.StatusUnprocessableEntity) != nil {
		look.query.Del("SortOrder") // Its words for it are not published.
		err = a.do(ctx, look, &orders)
	}
	if err != nil {
		return nil, from, false, err
	}
	if firstPage && !a.date.IsZero() && a.date.Before(c.Began) {
		c.Began = a.date // Our clock is ahead of ShipBob's: what has changed meanwhile would be left out.
	}
	news, err = p.newsOf(ctx, a, of.ServiceID, orders)
	if err != nil {
		return nil, from, false, err
	}
	news = append(news, p.holds(&c, of.ServiceID, orders)...)
	more = true
	switch {
	case len(orders) >= fullFrom && c.Page < mostPages:
		c.Page++
	case c.List == "":
		c.List, c.Page = listTracked, 1
	default:
		// Each look goes back before the one before it: ShipBob's list may lag behind.
		c = cursor{Since: c.Began.Add(-2 * a.settle), Held: c.Held}
		more = false
	}
	encoded, err := json.Marshal(c)
	return news, string(encoded), more, err
}

// newsOf is the news of all orders that are ours, with the histories of their parcels.
func (p *Provider) newsOf(
	ctx context.Context, a *account, service fulfillment.ID, orders []order,
) ([]provider.News, error) {
	var mine []order
	for _, o := range orders {
		if _, ok := o.mine(service); ok {
			mine = append(mine, o)
		}
	}
	scans, err := a.scans(ctx, mine)
	if err != nil {
		return nil, err
	}
	references := make([]string, len(mine))
	for i, o := range mine {
		references[i] = string(o.ReferenceID)
	}
	// After the orders were read: a cancellation of ours is marked before it is sent.
	marked, err := p.marks.of(ctx, references)
	if err != nil {
		return nil, err
	}
	var news []provider.News
	for i, o := range mine {
		told, unknown := newsOf(service, o, scans, marked[references[i]])
		news = append(news, told...)
		if len(unknown) > 0 {
			p.config.Logger.WarnContext(ctx, "ShipBob has shipped, and does not say which lines: record it by hand",
				"order", string(o.ID), "shipments", fmt.Sprint(unknown), "reference", string(o.ReferenceID))
		}
	}
	return news, nil
}

// scans is the histories of all parcels that are on their way. An account whose ShipBob has no such call has none: then
// the shipments themselves say less.
func (a *account) scans(ctx context.Context, orders []order) (map[text][]scan, error) {
	var ids []string
	for _, o := range orders {
		for _, s := range o.Shipments {
			if s.left() && s.ID.digits() && s.Tracking.is.Number != "" {
				ids = append(ids, string(s.ID))
			}
		}
	}
	slices.Sort(ids)
	scans := make(map[text][]scan)
	for batch := range slices.Chunk(slices.Compact(ids), mostTracked) {
		var parcels list[struct {
			ShipmentID text       `json:"shipment_id"`
			History    list[scan] `json:"history"`
		}]
		err := a.do(ctx, call{
			what: "read the tracking of shipments", method: http.MethodGet, path: "/shipments-tracking",
			query: url.Values{"ShipmentIds": {strings.Join(batch, ",")}}, background: true,
		}, &parcels)
		switch {
		case provider.Classify(err) == provider.Permanent: // It has no such call, or may not be asked.
			return nil, nil
		case err != nil:
			return nil, err
		}
		for _, parcel := range parcels {
			scans[parcel.ShipmentID] = append(scans[parcel.ShipmentID], parcel.History...)
		}
	}
	return scans, nil
}

// holds compares the shipments on hold with those that were before.
func (p *Provider) holds(c *cursor, service fulfillment.ID, orders []order) []provider.News {
	held := maps.Clone(c.Held)
	if held == nil {
		held = make(map[string]heldShipment)
	}
	var news []provider.News
	for _, o := range orders {
		t, mine := o.mine(service)
		if !mine {
			continue
		}
		for _, s := range o.sorted() {
			handle, reason, notes, isHeld := s.held()
			was, wasHeld := held[string(s.ID)]
			if wasHeld && (!isHeld || was.Handle != handle) {
				t.tell(s, fmt.Sprintf("released/%s/%d", was.Handle, was.At), &fulfillment.ReleaseHold{
					OwnOnly: true, Handles: []string{was.Handle},
				})
				delete(held, string(s.ID))
				wasHeld = false
			}
			if isHeld && !wasHeld && len(held) < mostHeld {
				at := first(s.LastUpdateAt, moment{c.Began})
				held[string(s.ID)] = heldShipment{Handle: handle, At: at.Unix()}
				t.tell(s, fmt.Sprintf("held/%s/%d", handle, at.Unix()), &fulfillment.PlaceHold{
					Reason: reason, ReasonNotes: notes, Handle: handle, ExternalID: string(s.ID), NotifyMerchant: true,
				})
			}
		}
		news = append(news, t.news...)
	}
	c.Held = held
	return news
}
