package fulfillment

import (
	"encoding/json"
	"fmt"
)

// DecodeEvent reads an event as it was committed. Before, After and Details of the result are of the types that their
// comments name: State and *Details, or OrderStatuses and *OrderDetails; of a return, the JSON; nil where they are
// missing.
func DecodeEvent(payload []byte) (*Event, error) {
	var raw struct {
		Event
		Before  json.RawMessage `json:"before"`
		After   json.RawMessage `json:"after"`
		Details json.RawMessage `json:"details"`
	}
	if err := json.Unmarshal(payload, &raw); err != nil {
		return nil, fmt.Errorf("read an event: %w", err)
	}
	e := raw.Event
	var err error
	switch {
	case e.ReturnID != 0: // What returns have is no business of this package.
		err = e.decode(raw.Before, raw.After, raw.Details, decodeAs[json.RawMessage], decodeAs[json.RawMessage])
	case e.FulfillmentOrderID != 0:
		err = e.decode(raw.Before, raw.After, raw.Details, decodeAs[State], decodeAs[*Details])
	case e.OrderID != 0:
		err = e.decode(raw.Before, raw.After, raw.Details, decodeAs[OrderStatuses], decodeAs[*OrderDetails])
	}
	if err != nil {
		return nil, fmt.Errorf("read event %d.%d of order %d: %w", e.Sequence, e.Position, e.OrderID, err)
	}
	return &e, nil
}

func (e *Event) decode(before, after, details []byte, state, detail func([]byte) (any, error)) (err error) {
	if e.Before, err = state(before); err != nil {
		return err
	}
	if e.After, err = state(after); err != nil {
		return err
	}
	e.Details, err = detail(details)
	return err
}

func decodeAs[T any](data []byte) (any, error) {
	if len(data) == 0 || string(data) == "null" {
		return nil, nil
	}
	var value T
	err := json.Unmarshal(data, &value)
	return value, err
}
