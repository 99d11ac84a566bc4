package shipbobtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Order is an order as the server has it.
type Order struct {
	ID        int64
	Reference string
	Status    string
	Shipments []*Shipment

	made    time.Time
	changed time.Time
	body    newOrder
}

// Shipment is what one center ships of an order.
type Shipment struct {
	ID       int64
	Status   string
	Units    map[string]int // by SKU
	Details  []Detail
	Carrier  string
	Tracking string
	Scans    []Scan
	Keep     bool // it can't be cancelled

	changed, tracked, left, delivered time.Time
}

// Detail says more about a shipment's status.
type Detail struct{ Name, Description string }

// Scan is an entry of a parcel's history.
type Scan struct {
	Status, Substatus, Message, Location string
	At                                   time.Time
}

type newOrder struct {
	ReferenceID    string          `json:"reference_id"`
	OrderNumber    *string         `json:"order_number"`
	ShippingMethod string          `json:"shipping_method"`
	Type           string          `json:"type"`
	Recipient      json.RawMessage `json:"recipient"`
	LocationID     *int64          `json:"location_id"`
	Products       []struct {
		ReferenceID    string  `json:"reference_id"`
		Name           *string `json:"name"`
		SKU            *string `json:"sku"`
		Quantity       int     `json:"quantity"`
		ExternalLineID *int64  `json:"external_line_id"`
	} `json:"products"`
	Tags []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"tags"`
}

// fields is the body of a refusal.
type fields map[string][]string

func (s *Server) createOrder(r *http.Request, body []byte) (int, any) {
	if !channelOf(r) {
		return http.StatusForbidden, nil
	}
	var o newOrder
	if err := json.Unmarshal(body, &o); err != nil {
		return http.StatusBadRequest, fields{"": {"The input was not valid."}}
	}
	wrong := fields{}
	if o.ReferenceID == "" {
		wrong["ReferenceId"] = []string{"The ReferenceId field is required."}
	}
	if len(o.Products) == 0 {
		wrong["Products"] = []string{"At least one product is required."}
	}
	for i, p := range o.Products {
		if p.Quantity < 1 || p.ReferenceID == "" {
			wrong["Products["+strconv.Itoa(i)+"].ReferenceId"] = []string{"The product is not valid."}
		}
	}
	if len(wrong) > 0 {
		return http.StatusBadRequest, wrong
	}
	if slices.ContainsFunc(s.orders, func(other *Order) bool { return other.Reference == o.ReferenceID }) {
		return http.StatusUnprocessableEntity, fields{"": {"Cannot insert order with existing ReferenceId"}}
	}
	if !slices.Contains(s.methods, o.ShippingMethod) {
		s.methods = append(s.methods, o.ShippingMethod) // Silently.
	}
	now := s.now()
	made := &Order{
		ID: s.nextID(), Reference: o.ReferenceID, Status: "Processing", made: now, changed: now, body: o,
	}
	units := make(map[string]int)
	for _, p := range o.Products {
		units[p.ReferenceID] += p.Quantity
	}
	made.Shipments = []*Shipment{{ID: s.nextID(), Status: "Processing", Units: units, changed: now}}
	s.orders = append(s.orders, made)
	return http.StatusCreated, s.view(made)
}

func (s *Server) getOrder(r *http.Request, _ []byte) (int, any) {
	if o := s.byID(r.PathValue("id")); o != nil {
		return http.StatusOK, s.view(o)
	}
	return http.StatusNotFound, nil
}

func (s *Server) byID(id string) *Order {
	for _, o := range s.orders {
		if strconv.FormatInt(o.ID, 10) == id {
			return o
		}
	}
	return nil
}

func (s *Server) listOrders(r *http.Request, _ []byte) (int, any) {
	q := r.URL.Query()
	list := []any{}
	now := s.now()
	var references []string
	if q.Get("ReferenceIds") != "" {
		references = strings.Split(q.Get("ReferenceIds"), ",")
	}
	at := func(name string) time.Time {
		t, _ := time.Parse(time.RFC3339, q.Get(name))
		return t
	}
	page, limit := max(1, number(q.Get("Page"))), number(q.Get("Limit"))
	if limit == 0 {
		limit = 50
	}
	if s.MostOnPage > 0 {
		limit = min(limit, s.MostOnPage)
	}
	skip := (page - 1) * limit
	for _, o := range s.orders {
		_, tracked := o.times()
		if now.Sub(o.made) < s.Lag || references != nil && !slices.Contains(references, o.Reference) ||
			o.changed.Before(at("LastUpdateStartDate")) ||
			q.Has("LastTrackingUpdateStartDate") && (tracked.IsZero() ||
				tracked.Before(at("LastTrackingUpdateStartDate"))) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if len(list) < limit {
			list = append(list, s.view(o))
		}
	}
	return http.StatusOK, list
}

// times are when the order was changed last, and when the last of its parcels was scanned.
func (o *Order) times() (changed, tracked time.Time) {
	changed = o.changed
	for _, sh := range o.Shipments {
		if sh.tracked.After(tracked) {
			tracked = sh.tracked
		}
	}
	return changed, tracked
}

func (s *Server) cancelOrder(r *http.Request, _ []byte) (int, any) {
	id, isCancel := strings.CutSuffix(r.PathValue("id"), ":cancel")
	o := s.byID(id)
	if !isCancel || o == nil {
		return http.StatusNotFound, nil
	}
	results := []any{}
	stopped, going := 0, 0
	for _, sh := range o.Shipments {
		result := map[string]any{"shipment_id": sh.ID, "is_success": false, "action": "Cancel", "reason": nil}
		switch {
		case sh.Keep || sh.Status == "Completed" || sh.Status == "LabeledCreated" || sh.Status == "Cancelled":
			result["reason"] = "Shipment " + sh.Status + " can't be cancelled"
			going++
		default:
			sh.Status, sh.changed, o.changed = "Cancelled", s.now(), s.now()
			result["is_success"] = true
			stopped++
		}
		results = append(results, result)
	}
	status := "PartialSuccess"
	switch {
	case going == 0:
		status, o.Status = "Success", "Cancelled"
	case stopped == 0:
		status = "Failure"
	}
	return http.StatusOK, map[string]any{
		"order": s.view(o), "order_id": o.ID, "status": status, "canceled_shipment_results": results,
	}
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
