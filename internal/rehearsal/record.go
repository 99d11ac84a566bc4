package rehearsal

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
	"unicode/utf8"
)

// RecordStatus is what finally became of a recorded order.
type RecordStatus string

// The record statuses.
const (
	RecordCreated     RecordStatus = "created"
	RecordApproved    RecordStatus = "approved"
	RecordProcessing  RecordStatus = "processing"
	RecordInvoiced    RecordStatus = "invoiced"
	RecordShipped     RecordStatus = "shipped"
	RecordDelivered   RecordStatus = "delivered"
	RecordUnavailable RecordStatus = "unavailable" // the seller had none
	RecordCanceled    RecordStatus = "canceled"
)

// RecordStatuses lists every RecordStatus.
var RecordStatuses = []RecordStatus{RecordCreated, RecordApproved, RecordProcessing, RecordInvoiced, RecordShipped,
	RecordDelivered, RecordUnavailable, RecordCanceled}

// Record is one recorded order, one line of the file. Times that aren't known are null; other fields are not read.
type Record struct {
	ID          string         `json:"id"`
	Status      RecordStatus   `json:"status"`
	PurchasedAt *Time          `json:"purchased_at"`
	ApprovedAt  *Time          `json:"approved_at"`  // the payment was approved
	CarrierAt   *Time          `json:"carrier_at"`   // the carrier got it
	DeliveredAt *Time          `json:"delivered_at"` // the customer got it
	EstimatedAt *Time          `json:"estimated_at"` // the delivery that was promised
	Customer    RecordCustomer `json:"customer"`
	Items       []RecordItem   `json:"items"`
}

// RecordCustomer is where a recorded order goes to; no more of a customer is read than this.
type RecordCustomer struct {
	City  string `json:"city"`
	State string `json:"state"`
	Zip   string `json:"zip"`
}

// RecordItem is one line of a recorded order.
type RecordItem struct {
	ProductID       string `json:"product_id"`
	SellerID        string `json:"seller_id"`
	Quantity        int    `json:"quantity"`
	Price           string `json:"price"`             // of one unit, exact decimal text
	ShippingLimitAt *Time  `json:"shipping_limit_at"` // when the seller should have handed it to the carrier
}

// Time is a recorded time. Text without a zone is read as UTC.
type Time struct{ time.Time }

// UnmarshalJSON reads "2006-01-02 15:04:05" and RFC 3339.
func (t *Time) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return errors.New("a time must be text or null")
	}
	for _, layout := range []string{time.DateTime, time.RFC3339Nano} {
		if at, err := time.Parse(layout, text); err == nil {
			t.Time = at.UTC()
			return nil
		}
	}
	return fmt.Errorf("%q is not a time: write it like %q", text, time.DateTime)
}

func (t *Time) ptr() *time.Time {
	if t == nil {
		return nil
	}
	return &t.Time
}

// Selection says which orders of a file are rehearsed.
type Selection struct {
	From, To time.Time // days, both included; purchased in them
	Limit    int       // only so many, the first of the file; 0: all
}

const (
	maxLineBytes = 16 << 20
	maxProblems  = 10 // of a file that are told before reading stops
)

// ReadFile reads the selected orders of a file, see [Read].
func ReadFile(path string, selection Selection) ([]Record, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read recorded orders: %w", err)
	}
	defer file.Close()
	records, err := Read(file, selection)
	if err != nil {
		return nil, fmt.Errorf("read recorded orders from %s: %w", path, err)
	}
	return records, nil
}

// Read reads the selected orders: one JSON object a line, in any order, compressed by gzip or not. Empty lines are
// skipped. A malformed line or an order that is there twice is an error that names the line: what can't be read can't
// be accounted for.
func Read(r io.Reader, selection Selection) ([]Record, error) {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = bufio.NewReader(unzipped)
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLineBytes)
	var (
		records  []Record
		problems []error
		number   int
		seen     = map[string]int{}
		end      = selection.To.AddDate(0, 0, 1)
	)
	for lines.Scan() && len(problems) < maxProblems {
		number++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		record, err := parse(lines.Bytes())
		if err == nil && seen[record.ID] > 0 {
			err = fmt.Errorf("order %s was in line %d already", record.ID, seen[record.ID])
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("line %d: %w", number, err))
			continue
		}
		seen[record.ID] = number
		full := selection.Limit > 0 && len(records) == selection.Limit
		if !full && !record.PurchasedAt.Before(selection.From) && record.PurchasedAt.Before(end) {
			records = append(records, *record)
		}
	}
	if err := lines.Err(); err != nil {
		problems = append(problems, fmt.Errorf("line %d: %w", number+1, err))
	}
	return records, errors.Join(problems...)
}

func parse(line []byte) (*Record, error) {
	var r Record
	if !utf8.Valid(line) { // Decoded, it would be damaged in silence.
		return nil, errors.New("it is not valid UTF-8 text")
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return nil, err
	}
	switch {
	case r.ID == "":
		return nil, errors.New("id is missing")
	case r.PurchasedAt == nil:
		return nil, errors.New("purchased_at is missing")
	case !slices.Contains(RecordStatuses, r.Status):
		return nil, fmt.Errorf("status %q is none of %v", r.Status, RecordStatuses)
	}
	for i, item := range r.Items {
		switch {
		case item.SellerID == "":
			return nil, fmt.Errorf("items[%d]: seller_id is missing", i)
		case item.Quantity < 1:
			return nil, fmt.Errorf("items[%d]: quantity %d is not positive", i, item.Quantity)
		}
	}
	return &r, nil
}
