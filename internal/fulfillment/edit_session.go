package fulfillment

import (
	"slices"
	"strconv"
	"time"
)

// EditSession is an order edit that somebody is preparing. Nothing of it happens to the order before the session is
// committed and its changes are sent as [EditOrder].
type EditSession struct {
	ID          ID
	OrderID     ID
	App         string // who began it
	Version     int64  // grows with every change
	Changes     EditChanges
	CommittedAt *time.Time // from then on nothing can be changed
	CreatedAt   time.Time
}

// EditChanges are what an edit session has gathered.
type EditChanges struct {
	Add           []LineItem `json:"add,omitempty"` // with the IDs that they will have
	SetQuantities []Quantity `json:"setQuantities,omitempty"`
}

// Added is the position of a line that the session adds, by its ID; -1: it adds none such.
func (c EditChanges) Added(id ID) int {
	return slices.IndexFunc(c.Add, func(l LineItem) bool { return l.ID == id })
}

// SetQuantity notes the quantity that a line shall have. The last one counts; one of a line that the session itself
// adds changes that line, and 0 takes it out again.
func (c *EditChanges) SetQuantity(q Quantity) {
	for i := range c.Add {
		if c.Add[i].ID != q.ID {
			continue
		}
		if c.Add[i].Quantity = q.Quantity; q.Quantity == 0 {
			c.Add = append(c.Add[:i:i], c.Add[i+1:]...)
		}
		return
	}
	for i := range c.SetQuantities {
		if c.SetQuantities[i].ID == q.ID {
			c.SetQuantities[i] = q
			return
		}
	}
	c.SetQuantities = append(c.SetQuantities, q)
}

// CommandID is the idempotency key for sending the changes as they are now: a repeated commit sends the same command.
func (e EditSession) CommandID() string {
	return "order-edit/" + e.ID.String() + "/" + strconv.FormatInt(e.Version, 10)
}

// Command is what the changes ask for. Who asks is to be filled in.
func (e EditSession) Command() EditOrder {
	return EditOrder{Meta: Meta{CommandID: e.CommandID()}, OrderID: e.OrderID,
		Add: e.Changes.Add, SetQuantities: e.Changes.SetQuantities}
}

// BelongsTo tells whether the app with this handle began the session: nobody else changes or commits it.
func (e EditSession) BelongsTo(app string) bool { return e.App == app }

// CheckOpen refuses to change a session that was committed; nil: it may be changed.
func (e EditSession) CheckOpen() *Error {
	if e.CommittedAt == nil {
		return nil
	}
	return refusal(CodeInvalidState, []string{"id"}, "The edit was committed: begin another one.")
}
