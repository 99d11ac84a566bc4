package easyposttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// tracker follows a parcel.
type tracker struct {
	ID       string
	fields   map[string]any
	status   string
	detail   string
	details  []any
	shipment *Shipment // nil: it was made by number
	updated  string
}

// known are the numbers of test mode, by the digit that follows EZ.
var known = map[string]string{
	"EZ1000000001": "pre_transit", "EZ2000000002": "in_transit", "EZ3000000003": "out_for_delivery",
	"EZ4000000004": "delivered", "EZ5000000005": "return_to_sender", "EZ6000000006": "failure",
	"EZ7000000007": "unknown",
}

// track makes a tracker.
func (s *Server) track(code, carrier string) *tracker {
	t := &tracker{status: "unknown", detail: "unknown", details: []any{}, updated: s.stamp()}
	t.fields = s.object("trk", "Tracker", map[string]any{
		"carrier": carrier, "carrier_detail": nil, "est_delivery_date": nil, "fees": []any{}, "signed_by": nil,
		"tracking_code": code, "weight": nil, "public_url": "https://track.easypost.com/" + code, "shipment_id": nil,
	})
	t.ID = t.fields["id"].(string)
	s.trackers = append(s.trackers, t)
	return t
}

func (t *tracker) moving() bool {
	return t != nil && !slices.Contains([]string{"unknown", "pre_transit", "error", "cancelled"}, t.status)
}

func (t *tracker) body() map[string]any {
	body := make(map[string]any, len(t.fields)+4)
	for name, value := range t.fields {
		body[name] = value
	}
	body["status"], body["status_detail"], body["tracking_details"] = t.status, t.detail, t.details
	body["updated_at"] = t.updated
	if t.shipment != nil {
		body["shipment_id"] = t.shipment.ID
	}
	return body
}

// createTracker gives one that there is already once more.
func (s *Server) createTracker(sent map[string]any) (int, any) {
	asked, _ := sent["tracker"].(map[string]any)
	code := text(asked, "tracking_code")
	for _, t := range s.trackers {
		if t.fields["tracking_code"] == code {
			return http.StatusOK, t.body()
		}
	}
	status, ok := known[code]
	if !ok {
		return failure(http.StatusUnprocessableEntity, "TRACKER.CREATE.ERROR",
			"In test mode, only test tracking numbers are valid.")
	}
	carrier := text(asked, "carrier")
	if carrier == "" {
		carrier = "USPS"
	}
	t := s.track(code, carrier)
	if status != "unknown" {
		s.scan(t, Scan{Status: status, Detail: "status_update", Message: "Told in test mode"})
	}
	return http.StatusCreated, t.body()
}

func (s *Server) listTrackers(r *http.Request) (int, any) {
	list := []any{}
	for _, t := range slices.Backward(s.trackers) {
		if code := r.URL.Query().Get("tracking_code"); code == "" || t.fields["tracking_code"] == code {
			list = append(list, t.body())
		}
	}
	return http.StatusOK, map[string]any{"trackers": list, "has_more": false}
}

// Scan is what a carrier tells of a parcel.
type Scan struct {
	Status, Detail, Message, City, State, Country, Zip string
}

// Scan tells of a parcel, at the server's time, and returns the body of the event that EasyPost sends of it.
func (s *Server) Scan(code string, scan Scan) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.trackers, func(t *tracker) bool { return t.fields["tracking_code"] == code })
	if i < 0 {
		panic("easyposttest: there is no parcel " + code)
	}
	before := s.trackers[i].status
	s.scan(s.trackers[i], scan)
	return s.event("tracker.updated", s.trackers[i].body(), map[string]any{"status": before})
}

func (s *Server) scan(t *tracker, scan Scan) {
	orNull := func(text string) any {
		if text == "" {
			return nil
		}
		return text
	}
	t.status, t.detail, t.updated = scan.Status, scan.Detail, s.stamp()
	t.details = append(slices.Clone(t.details), map[string]any{
		"object": "TrackingDetail", "message": scan.Message, "description": "", "status": scan.Status,
		"status_detail": scan.Detail, "datetime": s.stamp(), "source": t.fields["carrier"], "carrier_code": "",
		"tracking_location": map[string]any{
			"object": "TrackingLocation", "city": orNull(scan.City), "state": orNull(scan.State),
			"country": orNull(scan.Country), "zip": orNull(scan.Zip),
		},
	})
}

// Refunded is the body of the event that EasyPost sends when a refund has come through.
func (s *Server) Refunded(id string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.find(id)
	return s.event("refund.successful", s.object("rfnd", "Refund", map[string]any{
		"carrier": "USPS", "confirmation_number": nil, "shipment_id": sh.ID, "status": "refunded",
		"tracking_code": sh.TrackingCode,
	}), map[string]any{})
}

// event is the body of a delivery. Whole weights are written with ".0", as EasyPost does.
func (s *Server) event(description string, result, before map[string]any) []byte {
	body, err := json.Marshal(map[string]any{
		"id": s.id("evt"), "object": "Event", "mode": "test", "description": description, "status": "pending",
		"previous_attributes": before, "result": result, "pending_urls": []any{"https://example.com/easypost"},
		"completed_urls": []any{}, "user_id": "user_1", "created_at": s.stamp(), "updated_at": s.stamp(),
	})
	if err != nil {
		panic(fmt.Sprintf("easyposttest: %s", err))
	}
	return []byte(strings.ReplaceAll(string(body), `"weight":null`, `"weight":136.0`))
}
