package shipbobtest

import (
	"fmt"
	"slices"
)

// The methods of this file are what people and machines do at ShipBob. They panic at what is not there.

// Orders is how many orders there are with a reference.
func (s *Server) Orders(reference string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, o := range s.orders {
		if o.Reference == reference {
			n++
		}
	}
	return n
}

// Returns is how many returns there are with a reference.
func (s *Server) Returns(reference string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.returns {
		if r.Reference == reference {
			n++
		}
	}
	return n
}

// HasMethod tells whether there is a shipping method, if only because an order had it.
func (s *Server) HasMethod(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.methods, name)
}

// Bundle makes a SKU one of several inventory items: so many pieces of each in a unit.
func (s *Server) Bundle(sku string, pieces ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bundles[sku] = pieces
}

// Put changes the order with this reference.
func (s *Server) Put(reference string, change func(*Order)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.order(reference)
	change(o)
	o.changed = s.now()
}

func (s *Server) order(reference string) *Order {
	i := slices.IndexFunc(s.orders, func(o *Order) bool { return o.Reference == reference })
	if i < 0 {
		panic(fmt.Sprintf("shipbobtest: there is no order with the reference %q", reference))
	}
	return s.orders[i]
}

// Twice makes a second order with the same reference, which ShipBob never should.
func (s *Server) Twice(reference string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := *s.order(reference)
	o.ID = s.nextID()
	s.orders = append(s.orders, &o)
}

// Split has several centers ship an order: each part is units by SKU.
func (s *Server) Split(reference string, parts ...map[string]int) {
	s.Put(reference, func(o *Order) {
		o.Shipments = nil
		for _, units := range parts {
			o.Shipments = append(o.Shipments, &Shipment{
				ID: s.nextID(), Status: "Processing", Units: units, changed: s.now(),
			})
		}
	})
}

// shipment changes the n-th shipment of an order, from 0.
func (s *Server) shipment(reference string, n int, change func(*Shipment)) {
	s.Put(reference, func(o *Order) {
		change(o.Shipments[n])
		o.Shipments[n].changed = s.now()
	})
}

// Label prints the label of a shipment; the tracking number may come later.
func (s *Server) Label(reference string, n int, tracking string) {
	s.shipment(reference, n, func(sh *Shipment) {
		sh.Status, sh.Details = "LabeledCreated", []Detail{{"Labeled", ""}}
		sh.Carrier, sh.Tracking, sh.left = "UPS", tracking, s.now()
		if tracking == "" {
			sh.Carrier = ""
		}
	})
}

// Complete hands a shipment to its carrier.
func (s *Server) Complete(reference string, n int, tracking string) {
	s.shipment(reference, n, func(sh *Shipment) {
		sh.Status, sh.Details = "Completed", []Detail{{"AwaitingCarrierScan", ""}}
		sh.Carrier, sh.Tracking, sh.left = "UPS", tracking, s.now()
	})
}

// Scan adds an entry to a parcel's history: only its tracking changes, and not the order.
func (s *Server) Scan(reference string, n int, scan Scan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.order(reference).Shipments[n]
	if scan.At.IsZero() {
		scan.At = s.now()
	}
	sh.Scans = append(sh.Scans, scan)
	sh.Details = []Detail{{scan.Status, scan.Message}}
	sh.tracked = s.now()
	if scan.Status == "Delivered" {
		sh.delivered = scan.At
	}
}

// Status gives a shipment a status, with a detail.
func (s *Server) Status(reference string, n int, status string, details ...Detail) {
	s.shipment(reference, n, func(sh *Shipment) { sh.Status, sh.Details = status, details })
}

// Keep has a shipment refuse to be cancelled.
func (s *Server) Keep(reference string, n int) {
	s.shipment(reference, n, func(sh *Shipment) { sh.Keep = true })
}

// Shipments is the IDs of an order's shipments.
func (s *Server) Shipments(reference string) []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []int64
	for _, sh := range s.order(reference).Shipments {
		ids = append(ids, sh.ID)
	}
	return ids
}
