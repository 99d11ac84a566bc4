package shipbob

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// catalog is what an account has, as it was heard of lately.
type catalog struct {
	mu       sync.Mutex
	asked    time.Time // zero: never
	methods  []shippingMethod
	channels []channel
	centers  []center
}

// fresh is how long a catalog is believed. A method or channel that is missing is asked for again at once.
const fresh = 10 * time.Minute

type shippingMethod struct {
	Name   text `json:"name"`
	Active text `json:"active"`
}

type channel struct {
	ID     text       `json:"id"`
	Name   text       `json:"name"`
	Scopes list[text] `json:"scopes"`
}

// writes tells whether orders can be made in the channel.
func (c channel) writes() bool { return slices.Contains(c.Scopes, "orders_write") }

type center struct {
	ID       text `json:"id"`
	Name     text `json:"name"`
	Active   text `json:"is_active"`
	Shipping text `json:"is_shipping_enabled"`
}

// fit makes sure that the account has what its settings name, and returns the channel that its orders belong to. The
// error is permanent when ShipBob has no such thing. whole asks for everything anew.
func (p *Provider) fit(ctx context.Context, a *account, whole bool) (text, error) {
	p.mu.Lock()
	c := p.catalogs[a.key()]
	if c == nil {
		c = &catalog{}
		p.catalogs[a.key()] = c
	}
	p.mu.Unlock()

	c.mu.Lock()
	defer c.mu.Unlock()
	if !whole && !c.asked.IsZero() && p.config.Now().Sub(c.asked) < fresh {
		if id, err := c.fits(a.Settings, false); err == nil {
			return id, nil
		}
	}
	if err := c.ask(ctx, a); err != nil {
		return "", err
	}
	c.asked = p.config.Now()
	if a.Location != 0 || a.ReturnLocation != 0 {
		c.centers = nil
		if err := a.do(ctx, call{what: "list the locations", method: http.MethodGet, path: "/location"},
			(*list[center])(&c.centers)); err != nil {
			return "", err
		}
	}
	return c.fits(a.Settings, a.Location != 0 || a.ReturnLocation != 0)
}

// ask reads methods and channels.
func (c *catalog) ask(ctx context.Context, a *account) error {
	c.methods, c.channels, c.asked = nil, nil, time.Time{}
	const pageSize, mostPages = 250, 20
	for page := 1; page <= mostPages; page++ {
		var methods list[shippingMethod]
		if err := a.do(ctx, call{
			what: "list the shipping methods", method: http.MethodGet, path: "/shipping-method",
			query: url.Values{"Page": {strconv.Itoa(page)}, "Limit": {strconv.Itoa(pageSize)}},
		}, &methods); err != nil {
			return err
		}
		c.methods = append(c.methods, methods...)
		if len(methods) < pageSize {
			break
		}
	}
	query := url.Values{"RecordsPerPage": {strconv.Itoa(pageSize)}}
	for range mostPages {
		var channels struct {
			Items list[channel] `json:"items"`
			Next  text          `json:"next"`
		}
		if err := a.do(ctx, call{
			what: "list the channels", method: http.MethodGet, path: "/channel", query: query,
		}, &channels); err != nil {
			return err
		}
		c.channels = append(c.channels, channels.Items...)
		next, err := url.Parse(string(channels.Next))
		if err != nil || next.Query().Get("Cursor")+next.Query().Get("cursor") == "" || len(channels.Items) < pageSize {
			break
		}
		query.Set("Cursor", next.Query().Get("Cursor")+next.Query().Get("cursor"))
	}
	return nil
}

// fits is the channel, if everything that is named is there.
func (c *catalog) fits(s Settings, places bool) (text, error) {
	if !slices.ContainsFunc(c.methods, func(m shippingMethod) bool {
		return string(m.Name) == s.ShippingMethod && m.Active != "false"
	}) {
		var names []string
		for _, m := range c.methods {
			if m.Active != "false" {
				names = append(names, strconv.Quote(string(m.Name)))
			}
		}
		return "", refuse("shippingMethod: ShipBob has no active shipping method %q; there are %s", s.ShippingMethod,
			listed(names))
	}
	if places {
		for name, id := range map[string]int{"location": s.Location, "returnLocation": s.ReturnLocation} {
			if err := c.hasCenter(name, id, name == "location"); err != nil {
				return "", err
			}
		}
	}
	var names []string
	for _, channel := range c.channels {
		if !channel.writes() || !channel.ID.digits() {
			continue
		}
		if s.Channel == 0 || string(channel.ID) == strconv.Itoa(s.Channel) {
			return channel.ID, nil
		}
		names = append(names, string(channel.ID)+" ("+string(channel.Name)+")")
	}
	if s.Channel == 0 {
		return "", refuse("channel: the token %s may write orders in no channel of ShipBob", s.TokenSecret)
	}
	return "", refuse("channel: orders can't be written in a channel %d of ShipBob; they can in %s", s.Channel,
		listed(names))
}

func (c *catalog) hasCenter(name string, id int, ships bool) error {
	if id == 0 {
		return nil
	}
	var names []string
	for _, center := range c.centers {
		if center.Active == "false" || ships && center.Shipping == "false" {
			continue
		}
		if string(center.ID) == strconv.Itoa(id) {
			return nil
		}
		names = append(names, string(center.ID)+" ("+string(center.Name)+")")
	}
	return refuse("%s: ShipBob has no location %d that is in use; there are %s", name, id, listed(names))
}

// listed names up to twenty things.
func listed(names []string) string {
	const most = 20
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > most:
		return cut(strings.Join(names[:most], ", "), 2000) + ", …"
	}
	return cut(strings.Join(names, ", "), 2000)
}
