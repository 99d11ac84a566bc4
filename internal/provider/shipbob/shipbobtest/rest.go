package shipbobtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Return is goods that come back.
type Return struct {
	ID        int64
	Reference string
	Status    string
	Actions   map[int64]map[string]int // units by inventory item and action

	made time.Time
	body newReturn
}

type newReturn struct {
	ReferenceID       string `json:"reference_id"`
	FulfillmentCenter struct {
		ID int64 `json:"id"`
	} `json:"fulfillment_center"`
	OriginalShipmentID *int64 `json:"original_shipment_id"`
	Inventory          []struct {
		ID              int64  `json:"id"`
		Quantity        int    `json:"quantity"`
		RequestedAction string `json:"requested_action"`
	} `json:"inventory"`
}

func (s *Server) createReturn(r *http.Request, body []byte) (int, any) {
	if !channelOf(r) {
		return http.StatusForbidden, nil
	}
	var n newReturn
	if err := json.Unmarshal(body, &n); err != nil || n.ReferenceID == "" || len(n.Inventory) == 0 ||
		n.FulfillmentCenter.ID == 0 {
		return http.StatusBadRequest, map[string]any{"title": "One or more validation errors occurred.", "status": 400}
	}
	if slices.ContainsFunc(s.returns, func(other *Return) bool { return other.Reference == n.ReferenceID }) {
		return http.StatusUnprocessableEntity, map[string]any{
			"message": "Return with this reference id already exists", "errors": []string{}, "details": nil,
			"stackTrace": nil,
		}
	}
	made := &Return{ID: s.nextID(), Reference: n.ReferenceID, Status: "AwaitingArrival", made: s.now(), body: n}
	s.returns = append(s.returns, made)
	return http.StatusCreated, s.viewReturn(made)
}

func (s *Server) listReturns(r *http.Request, _ []byte) (int, any) {
	items := []any{}
	references := strings.Split(r.URL.Query().Get("ReferenceIds"), ",")
	for _, back := range s.returns {
		if slices.Contains(references, back.Reference) && s.now().Sub(back.made) >= s.Lag {
			items = append(items, s.viewReturn(back))
		}
	}
	return http.StatusOK, map[string]any{"items": items}
}

func (s *Server) viewReturn(r *Return) map[string]any {
	items := []any{}
	for _, item := range r.body.Inventory {
		actions := []any{}
		for _, action := range sortedKeys(r.Actions[item.ID]) {
			actions = append(actions, map[string]any{
				"action": action, "quantity_processed": r.Actions[item.ID][action], "action_reason": nil,
				"image_url": nil,
			})
		}
		items = append(items, map[string]any{
			"id": item.ID, "name": nil, "quantity": item.Quantity, "action_taken": actions,
			"action_requested": map[string]any{"action": item.RequestedAction},
		})
	}
	return map[string]any{
		"id": r.ID, "reference_id": r.Reference, "status": r.Status, "return_type": "Regular", "inventory": items,
		"fulfillment_center":   map[string]any{"id": r.body.FulfillmentCenter.ID, "name": "Cicero (IL)"},
		"original_shipment_id": r.body.OriginalShipmentID, "insert_date": stamp(r.made), "tracking_number": nil,
	}
}

// PutReturn changes the return with this reference.
func (s *Server) PutReturn(reference string, change func(*Return)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.returns {
		if r.Reference == reference {
			change(r)
		}
	}
}

func (s *Server) listChannels(*http.Request, []byte) (int, any) {
	return http.StatusOK, map[string]any{"prev": nil, "next": nil, "items": []any{
		map[string]any{
			"id": 128943, "name": "Default", "application_name": "ShipBob", "scopes": []string{"orders_read"},
		},
		map[string]any{"id": Channel, "name": "Test", "application_name": "Test", "scopes": []string{
			"orders_read", "orders_write", "returns_write",
		}},
	}}
}

func (s *Server) listMethods(r *http.Request, _ []byte) (int, any) {
	list := []any{}
	if number(r.URL.Query().Get("Page")) > 1 {
		return http.StatusOK, list
	}
	for i, name := range s.methods {
		list = append(list, map[string]any{
			"id": i + 1, "name": name, "active": true, "default": i == 0,
			"service_level": map[string]any{"id": i + 1, "name": name},
		})
	}
	list = append(list, map[string]any{"id": 99, "name": "Retired", "active": false, "default": false})
	return http.StatusOK, list
}

func (s *Server) listLocations(*http.Request, []byte) (int, any) {
	return http.StatusOK, []any{
		map[string]any{"id": 10, "name": "Cicero (IL)", "is_active": true, "is_shipping_enabled": true},
		map[string]any{"id": 11, "name": "Closed", "is_active": false, "is_shipping_enabled": false},
	}
}

func (s *Server) estimate(r *http.Request, body []byte) (int, any) {
	if !channelOf(r) {
		return http.StatusForbidden, nil
	}
	var ask struct {
		Products []struct {
			ReferenceID string `json:"reference_id"`
			Quantity    int    `json:"quantity"`
		} `json:"products"`
		Methods []string `json:"shipping_methods"`
	}
	if err := json.Unmarshal(body, &ask); err != nil || len(ask.Products) == 0 {
		return http.StatusBadRequest, fields{"Products": {"At least one product is required."}}
	}
	units := 0
	for _, p := range ask.Products {
		if strings.HasPrefix(p.ReferenceID, "UNKNOWN") {
			return http.StatusOK, map[string]any{"estimates": []any{}}
		}
		units += p.Quantity
	}
	list := []any{}
	for i, center := range []int{10, 12} {
		for _, method := range ask.Methods {
			list = append(list, map[string]any{
				"shipping_method": method, "estimated_price": json.Number(strconv.Itoa(units+4-i) + ".35"),
				"estimated_currency_code": "USD", "total_weight_oz": 1.5,
				"fulfillment_center": map[string]any{"id": center, "name": "A center"},
			})
		}
	}
	return http.StatusOK, map[string]any{"estimates": list}
}

func (s *Server) trackShipments(r *http.Request, _ []byte) (int, any) {
	ids := strings.Split(r.URL.Query().Get("ShipmentIds"), ",")
	if len(ids) > 25 {
		return http.StatusBadRequest, "At most 25 shipments."
	}
	list := []any{}
	for _, o := range s.orders {
		for _, sh := range o.Shipments {
			if !slices.Contains(ids, strconv.FormatInt(sh.ID, 10)) || len(sh.Scans) == 0 {
				continue
			}
			history := []any{}
			for _, scan := range slices.Backward(sh.Scans) { // The newest first.
				history = append(history, map[string]any{
					"status": scan.Status, "substatus": text(scan.Substatus), "message": scan.Message,
					"carrier_message": nil, "location": text(scan.Location), "timestamp": stamp(scan.At),
				})
			}
			list = append(list, map[string]any{
				"shipment_id": sh.ID, "carrier": sh.Carrier, "carrier_tracking_number": sh.Tracking,
				"status": sh.Scans[len(sh.Scans)-1].Status, "history": history,
			})
		}
	}
	return http.StatusOK, list
}
