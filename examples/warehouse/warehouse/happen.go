package warehouse

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Company is the carrier of the warehouse.
const Company = "Warehouse Parcel"

// decide answers a new request, and plans what becomes of it. It returns the status of the answer.
func (r *Request) decide(c Config) int {
	for _, l := range r.Lines {
		if slices.Contains(c.OutOfStock, l.SKU) {
			r.Answer.Lines = append(r.Answer.Lines, LineNote{l.LineID, l.SKU + " is not there."})
		}
	}
	if len(r.Answer.Lines) > 0 {
		r.Answer.Outcome, r.Answer.Reason = "REJECTED", "INVENTORY_OUT_OF_STOCK"
		r.Answer.Message = "The warehouse does not have all of it."
	}
	verdict := r.Answer
	if c.Pending {
		r.Answer = Answer{Outcome: "PENDING", Reference: verdict.Reference}
		r.plan("request."+strings.ToLower(verdict.Outcome), "", c.AcceptAfter)
	}
	if verdict.Outcome == "ACCEPTED" && !c.Never {
		if c.ShipAfter > 0 { // What leaves at once was never being packed.
			r.plan("request.progressed", "", c.ShipAfter/2)
		}
		r.plan("fulfillment.shipped", "", c.ShipAfter-c.ShipAfter/2)
		for _, status := range []string{"IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"} {
			r.plan("fulfillment.event", status, c.TravelAfter)
		}
	}
	if c.CallbackURL == "" {
		r.Steps = nil // Nobody would hear it, so nothing happens.
	}
	if len(r.Steps) > 0 {
		r.Steps[0].Due = time.Now().Add(r.Steps[0].After)
	}
	if c.Pending {
		r.Verdict = &verdict
		return http.StatusAccepted
	}
	return http.StatusCreated
}

func (r *Request) plan(kind, status string, after time.Duration) {
	r.Steps = append(r.Steps, Step{ID: "msg_" + rand.Text(), Type: kind, Status: status, After: after})
}

// stop ends a request of which nothing has left.
func (r *Request) stop() {
	r.Steps = nil
	r.Answer = Answer{
		Outcome: "REJECTED", Reference: r.Answer.Reference, Reason: "OTHER", Message: "It was stopped.",
	}
}

// happen does the first step, and writes down what is to be told of it.
func (r *Request) happen(now time.Time) {
	step := &r.Steps[0]
	now = now.UTC().Truncate(time.Millisecond)
	r.Sequence++
	data := any(map[string]any{})
	switch step.Type {
	case "request.accepted", "request.rejected":
		r.Answer = *r.Verdict
		data = r.Answer
	case "request.progressed":
		data = map[string]any{"message": "It is being packed."}
	case "fulfillment.shipped":
		s := Shipment{
			ShipmentID: r.Answer.Reference + "-1", ShippedAt: now, NotifyCustomer: r.Notify,
			Parcels: []Parcel{{strings.ReplaceAll(r.Answer.Reference, "-", "") + "001", Company}},
		}
		for _, l := range r.Lines {
			s.Lines = append(s.Lines, Line{LineID: l.LineID, Quantity: l.Quantity})
		}
		r.Answer.Shipments = []Shipment{s}
		data = s
	case "fulfillment.event":
		s := r.Answer.Shipments[0]
		data = map[string]any{
			"shipmentId": s.ShipmentID, "trackingNumber": s.Parcels[0].TrackingNumber, "trackingCompany": Company,
			"status": step.Status, "happenedAt": now, "eventId": step.ID,
		}
	}
	step.Body, _ = json.Marshal(map[string]any{ // It is plain data.
		"type": step.Type, "key": r.Key, "sequence": r.Sequence, "occurredAt": now, "data": data,
	})
}

// errGone says that the service is gone: it hears nothing any more.
var errGone = errors.New("the service is gone")

// lastUnknown is after how many attempts a service that nobody knows is given up: a few minutes.
const lastUnknown = 15

// tell sends a callback, once.
func (w *Warehouse) tell(ctx context.Context, serviceID string, step Step) error {
	url := strings.TrimRight(w.config.CallbackURL, "/") + "/" + serviceID
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(step.Body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Packhorse-Version", Version)
	// The same ID whenever it is sent again, and a signature for this attempt's time.
	if err := w.config.Callbacks.Sign(request.Header, step.ID, time.Now(), step.Body); err != nil {
		return err
	}
	response, err := w.config.Client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxBody)) // So that the connection can be used again.
	switch {
	case response.StatusCode >= 200 && response.StatusCode < 300:
		return nil
	case response.StatusCode == http.StatusGone:
		return errGone
	case response.StatusCode == http.StatusNotFound && step.Attempts >= lastUnknown:
		return errGone // Nobody knows the service, and it did not come into being since.
	}
	return fmt.Errorf("it was answered with %d", response.StatusCode)
}
