package warehouse

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// state is what the warehouse knows: what it has taken under each key.
type state struct {
	Requests      map[string]*Request  `json:"requests"`
	Cancellations map[string]*Decision `json:"cancellations"` // by the request's key, a slash, and their own
	Returns       map[string]*Decision `json:"returns"`
}

// Decision is what was asked for under a key, and what was answered.
type Decision struct {
	Body   json.RawMessage `json:"body"` // as it came, with its members in order
	Answer Answer          `json:"answer"`
}

// Request is a request that was taken on.
type Request struct {
	Decision
	Key       string  `json:"key"`
	ServiceID string  `json:"serviceId"`
	Lines     []Line  `json:"lines"`
	Notify    bool    `json:"notify,omitempty"`
	Verdict   *Answer `json:"verdict,omitempty"` // of a request that is answered later
	Sequence  int64   `json:"sequence"`
	Steps     []Step  `json:"steps,omitempty"` // what is going to happen, in this order
}

// Step is something that is going to happen to a request, and is told then.
type Step struct {
	ID       string          `json:"id"` // of the callback
	Type     string          `json:"type"`
	Status   string          `json:"status,omitempty"` // of a parcel
	After    time.Duration   `json:"after"`
	Due      time.Time       `json:"due"`
	Attempts int             `json:"attempts,omitempty"`
	Body     json.RawMessage `json:"body,omitempty"` // it has happened: this is told
}

// Answer is that of the contract.
type Answer struct {
	Outcome   string         `json:"outcome"`
	Reference string         `json:"reference,omitempty"`
	Reason    string         `json:"reason,omitempty"`
	Message   string         `json:"message,omitempty"`
	Lines     []LineNote     `json:"lines,omitempty"`
	Shipments []Shipment     `json:"shipments,omitempty"`
	Labels    []Label        `json:"labels,omitempty"`
	Data      map[string]any `json:"data,omitempty"`

	Documents []Document `json:"documents,omitempty"` // made whenever the answer is given
}

// Document is something to print.
type Document struct {
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	MediaType string `json:"mediaType"`
	Content   []byte `json:"content"`
}

// Line is so many units of something.
type Line struct {
	LineID   string `json:"lineId"`
	SKU      string `json:"sku,omitempty"`
	Quantity int    `json:"quantity"`
}

// LineNote says what is wrong with a line.
type LineNote struct {
	LineID  string `json:"lineId"`
	Message string `json:"message"`
}

// Shipment is what has left.
type Shipment struct {
	ShipmentID     string    `json:"shipmentId"`
	ShippedAt      time.Time `json:"shippedAt"`
	Lines          []Line    `json:"lines"`
	Parcels        []Parcel  `json:"parcels"`
	NotifyCustomer bool      `json:"notifyCustomer"`
}

// Parcel is one that a carrier has.
type Parcel struct {
	TrackingNumber  string `json:"trackingNumber"`
	TrackingCompany string `json:"trackingCompany"`
}

// Label is for a parcel that comes back.
type Label struct {
	TrackingNumber string `json:"trackingNumber"`
}

// load reads what a file remembers; one that is not there remembers nothing.
func load(file string) (state, error) {
	s := state{
		Requests: map[string]*Request{}, Cancellations: map[string]*Decision{}, Returns: map[string]*Decision{},
	}
	if file == "" {
		return s, nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return state{}, fmt.Errorf("read what the warehouse remembers: %w", err)
	}
	return s, nil
}

// save writes everything down: what was answered has to stand after the power has failed. A real warehouse has a
// database for that.
func (s *state) save(file string) error {
	if file == "" {
		return nil
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	beside, err := os.CreateTemp(filepath.Dir(file), ".warehouse-")
	if err != nil {
		return err
	}
	defer os.Remove(beside.Name())
	_, err = beside.Write(text)
	if err == nil {
		err = beside.Sync()
	}
	if err = errors.Join(err, beside.Close()); err != nil {
		return err
	}
	return os.Rename(beside.Name(), file)
}
