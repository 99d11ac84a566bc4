package shipbob

import (
	"slices"
	"strconv"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// line is a line of the fulfillment order, as the order at ShipBob has it.
type line struct {
	id       fulfillment.ID // 0: the order does not say
	product  product
	quantity int
	left     int // units that are in no shipment yet
}

// lines are the order's, by the places that we gave them.
func (o order) lines() []*line {
	ids := make(map[text]fulfillment.ID)
	for _, t := range o.Tags {
		if place, ok := strings.CutPrefix(string(t.Name), lineTag); ok {
			if id, err := fulfillment.ParseID(string(t.Value)); err == nil {
				ids[text(place)] = id
			}
		}
	}
	list := make([]*line, 0, len(o.Products))
	for i, p := range o.Products {
		place := p.ExternalLineID
		if place == "" {
			place = text(strconv.Itoa(i))
		}
		n := p.Quantity.whole()
		list = append(list, &line{id: ids[place], product: p, quantity: n, left: n})
	}
	return list
}

// is tells whether a product in a shipment is the line's: by ShipBob's ID, else by SKU.
func (l *line) is(p shippedProduct) bool {
	if l.product.ID.digits() && l.product.ID != "0" && p.ID.digits() && p.ID != "0" {
		return l.product.ID == p.ID
	}
	for _, sku := range []text{p.ReferenceID, p.SKU} {
		if sku != "" && (sku == l.product.ReferenceID || sku == l.product.SKU) {
			return true
		}
	}
	return false
}

// units says of each shipment that is not cancelled how many units of which lines are in it. A shipment of which that
// can't be told is not there; nil of a shipment means everything that is left.
// lines are the order's, with what is in no shipment.
func (o order) units() (units map[text][]fulfillment.Quantity, lines []*line) {
	lines = o.lines()
	var going []shipment
	for _, s := range o.sorted() {
		if s.Status.key() != statusCancelled {
			going = append(going, s)
		}
	}
	units = make(map[text][]fulfillment.Quantity, len(going))
	for _, s := range going {
		list, ok := s.units(lines, going)
		switch {
		case ok:
			units[s.ID] = list
		case len(going) == 1:
			units[s.ID] = nil
			for _, l := range lines {
				l.left = 0
			}
		}
	}
	return units, lines
}

// stoppedUnits are the units that were in shipments which are cancelled, and are in no other one; false: nobody can
// tell, or some are in no shipment at all yet.
func (o order) stoppedUnits() ([]provider.Part, bool) {
	units, lines := o.units()
	var gone []shipment
	for _, s := range o.sorted() {
		switch list := units[s.ID]; {
		case s.Status.key() == statusCancelled:
			gone = append(gone, s)
		case len(list) == 0: // It is not known, or said to be all that is left.
			return nil, false
		}
	}
	before := o.lines()
	for _, s := range gone {
		if _, ok := s.units(before, gone); !ok && len(gone) == 1 {
			return nil, false
		}
	}
	var stopped []provider.Part
	for i, l := range lines {
		if l.left > before[i].quantity-before[i].left || l.id == 0 {
			return nil, false
		}
		if l.left > 0 {
			stopped = append(stopped, provider.Part{LineID: l.id, Quantity: l.left})
		}
	}
	return stopped, len(stopped) > 0
}

// units takes the shipment's units from the lines, in their order.
func (s shipment) units(lines []*line, going []shipment) ([]fulfillment.Quantity, bool) {
	taken := make(map[fulfillment.ID]int)
	for _, p := range s.Products {
		var mine []*line
		ordered := 0
		for _, l := range lines {
			if l.is(p) {
				mine = append(mine, l)
				ordered += l.quantity
			}
		}
		n, ok := p.quantity(ordered, going)
		if !ok || len(mine) == 0 {
			return nil, false
		}
		for _, l := range mine {
			if l.id == 0 {
				return nil, false
			}
			take := min(n, l.left)
			l.left -= take
			n -= take
			taken[l.id] += take
		}
		// More than was ordered is the warehouse's, such as a gift.
	}
	var list []fulfillment.Quantity
	for _, l := range lines {
		if n := taken[l.id]; n > 0 {
			list = append(list, fulfillment.Quantity{ID: l.id, Quantity: n})
			delete(taken, l.id)
		}
	}
	return list, len(list) > 0
}

// quantity is how many units of the product are in the shipment. One inventory item, in whatever lots, is one unit for
// each; a bundle has several, so many of each in one unit, and its share of all shipments' says how many it is.
func (p shippedProduct) quantity(ordered int, going []shipment) (int, bool) {
	sum, ids := p.items()
	if sum == 0 {
		return ordered, p.alone(going)
	}
	if ids == 1 && sum <= ordered {
		return sum, true
	}
	all := 0
	for _, s := range going {
		for _, other := range s.Products {
			if other.same(p) {
				n, _ := other.items()
				all += n
			}
		}
	}
	if share := ordered * sum; all > 0 && share%all == 0 {
		return share / all, true
	}
	return 0, false
}

// items counts pieces and the different inventory items that they are.
func (p shippedProduct) items() (pieces, different int) {
	var ids []text
	for _, item := range p.InventoryItems {
		if n := item.Quantity.whole(); n > 0 {
			pieces += n
			if !slices.Contains(ids, item.ID) {
				ids = append(ids, item.ID)
			}
		}
	}
	return pieces, len(ids)
}

func (p shippedProduct) same(q shippedProduct) bool {
	if p.ID != "" || q.ID != "" {
		return p.ID == q.ID
	}
	return p.ReferenceID == q.ReferenceID && p.SKU == q.SKU
}

// alone tells whether one shipment only has the product.
func (p shippedProduct) alone(going []shipment) bool {
	n := 0
	for _, s := range going {
		for _, other := range s.Products {
			if other.same(p) {
				n++
			}
		}
	}
	return n == 1
}
