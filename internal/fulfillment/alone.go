package fulfillment

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
)

// Alone is a command on one fulfillment order that may concern its siblings: releasing a partial hold folds the rest
// back, a move joins what is at the location already, an accepted cancellation gives the units to an open sibling, and
// a shipment may have been made from several. Its verb is that of the command.
type Alone struct {
	FulfillmentOrderID ID
	Command            Command
}

// Verb is the command's.
func (cmd *Alone) Verb() Verb { return cmd.Command.Verb() }

// Envelope is the command's.
func (cmd *Alone) Envelope() *Meta { return cmd.Command.Envelope() }

// Answering names the one fulfillment order.
func (cmd *Alone) Answering() []ID { return []ID{cmd.FulfillmentOrderID} }

// Named names the one fulfillment order.
func (cmd *Alone) Named() []ID { return []ID{cmd.FulfillmentOrderID} }

// concernsSiblings is a command that may have to be decided together with the other fulfillment orders of the order.
type concernsSiblings interface {
	needsSiblings(fo *FulfillmentOrder) bool
}

// MayNeedSiblings tells whether there are fulfillment orders for which [FulfillmentOrder.NeedsSiblings] is true of the
// command: else nobody needs to read one to know.
func MayNeedSiblings(cmd Command) bool {
	_, may := cmd.(concernsSiblings)
	return may
}

// NeedsSiblings tells whether the command must be decided together with the other fulfillment orders of the order; send
// it to the order then, as [Alone].
func (fo *FulfillmentOrder) NeedsSiblings(cmd Command) bool {
	c, may := cmd.(concernsSiblings)
	return may && c.needsSiblings(fo)
}

func (*ReleaseHold) needsSiblings(fo *FulfillmentOrder) bool { return fo.HeldApart != 0 }

func (*AcceptCancellationRequest) needsSiblings(*FulfillmentOrder) bool { return true }

func (*Move) needsSiblings(*FulfillmentOrder) bool { return true }

func (cmd *CancelFulfillment) needsSiblings(fo *FulfillmentOrder) bool {
	f := fo.fulfillment(cmd.FulfillmentID)
	return f != nil && f.Shared()
}

func (cmd *Alone) decide(j *joint) *Error {
	before := j.find(cmd.FulfillmentOrderID)
	if before == nil {
		return NotFound("id")
	}
	if refused := cmd.Envelope().fits(before); refused != nil {
		return before.explain(refused, cmd.Envelope().Actor)
	}
	command := copyOf(cmd.Command) // It is the caller's, who may have others look for its answer meanwhile.
	switch c := command.(type) {
	case *CancelFulfillment:
		return j.cancelFulfillment(before, c)
	case *ReleaseHold:
		return j.releaseHold(before, c)
	}
	if refused := j.answer(before.ID, command); refused != nil {
		return refused
	}
	switch c := command.(type) {
	case *AcceptCancellationRequest:
		stopped := before.ID
		if part := j.results[len(j.results)-1].SiblingID; part != 0 {
			stopped = part
		}
		return j.giveBack(stopped, c.Replace)
	case *Move:
		return j.join(before, c.Location.LocationID)
	}
	return nil
}

// copyOf is another command of the same type and the same content.
func copyOf(cmd Command) Command {
	other := reflect.New(reflect.TypeOf(cmd).Elem())
	other.Elem().Set(reflect.ValueOf(cmd).Elem())
	return other.Interface().(Command)
}

// alone is how an [Alone] travels: its verb names the command's type.
type alone struct {
	FulfillmentOrderID ID              `json:"fulfillmentOrderId"`
	Command            json.RawMessage `json:"command"`
}

// MarshalJSON writes the fulfillment order's ID and the command.
func (cmd *Alone) MarshalJSON() ([]byte, error) {
	body, err := json.Marshal(cmd.Command)
	if err != nil {
		return nil, err
	}
	return json.Marshal(alone{cmd.FulfillmentOrderID, body})
}

// UnmarshalJSON reads into the command that is there already, see [NewJoint].
func (cmd *Alone) UnmarshalJSON(data []byte) error {
	var in alone
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	cmd.FulfillmentOrderID = in.FulfillmentOrderID
	return json.Unmarshal(in.Command, cmd.Command)
}

// decodeStrict refuses what it does not know, in the command too.
func (cmd *Alone) decodeStrict(data []byte) error {
	var in alone
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after the object that starts it: exactly one is expected")
	}
	cmd.FulfillmentOrderID = in.FulfillmentOrderID
	return decodeStrict(in.Command, cmd.Command)
}
