package shipbobtest

import (
	"maps"
	"slices"
	"time"
)

// The methods of this file are what the line of a fulfillment center does with orders, whatever Packhorse asks for at
// the same time: each is done as a whole, or not at all because the order is somewhere else by now.

// All are copies of all orders, in the order in which they were made.
func (s *Server) All() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Order, 0, len(s.orders))
	for _, o := range s.orders {
		c := *o
		c.Shipments = nil
		for _, sh := range o.Shipments {
			one := *sh
			one.Scans, one.Units = slices.Clone(sh.Scans), maps.Clone(sh.Units)
			c.Shipments = append(c.Shipments, &one)
		}
		list = append(list, c)
	}
	return list
}

// Pack prints the labels of an order that nobody has stopped: a parcel for each number, which may be empty as long as
// it is not known. The first has all units but one of each SKU for each further one, as far as there are so many.
// False: it is not waiting to be packed any more.
func (s *Server) Pack(reference string, numbers ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.order(reference)
	if o.Status != "Processing" || len(o.Shipments) != 1 || o.Shipments[0].Status != "Processing" {
		return false
	}
	first := o.Shipments[0]
	for _, number := range numbers[1:] {
		units := map[string]int{}
		for sku, n := range first.Units {
			if n > 1 {
				first.Units[sku]--
				units[sku] = 1
			}
		}
		if len(units) > 0 {
			o.Shipments = append(o.Shipments, &Shipment{ID: s.nextID(), Units: units, Tracking: number})
		}
	}
	first.Tracking = numbers[0]
	for _, sh := range o.Shipments {
		sh.Status, sh.Details = "LabeledCreated", []Detail{{"Labeled", ""}}
		sh.changed, sh.left = s.now(), s.now()
		if sh.Tracking != "" {
			sh.Carrier = "UPS"
		}
	}
	o.changed = s.now()
	return true
}

// Leave hands a packed shipment to its carrier, with this number if it has none. False: it is not packed, or has left.
func (s *Server) Leave(reference string, n int, number string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.order(reference)
	sh := o.Shipments[n]
	if sh.Status != "LabeledCreated" {
		return false
	}
	if sh.Tracking == "" {
		sh.Tracking, sh.Carrier = number, "UPS"
	}
	sh.Status, sh.Details = "Completed", []Detail{{"AwaitingCarrierScan", ""}}
	sh.changed, o.changed = s.now(), s.now()
	return true
}

// GiveUp has ShipBob cancel an order that is not packed, although nobody asked for it. False: it is packed or stopped.
func (s *Server) GiveUp(reference string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.order(reference)
	if o.Status != "Processing" || slices.ContainsFunc(o.Shipments, func(sh *Shipment) bool {
		return sh.Status != "Processing"
	}) {
		return false
	}
	o.Status, o.changed = "Cancelled", s.now()
	for _, sh := range o.Shipments {
		sh.Status, sh.changed = "Cancelled", s.now()
	}
	return true
}

// Age is how long ago the order was made, and its n-th shipment was scanned or changed last, by the server's clock.
func (s *Server) Age(reference string, n int) (order, shipment time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, now := s.order(reference), s.now()
	last := o.Shipments[n].changed
	if tracked := o.Shipments[n].tracked; tracked.After(last) {
		last = tracked
	}
	return now.Sub(o.made), now.Sub(last)
}
