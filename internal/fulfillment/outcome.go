package fulfillment

import (
	"errors"
	"fmt"
)

// What a store may answer to a reader or a writer, to be told apart with [errors.Is]. None of it gets better by trying
// again. Any other error is that of the way to the store, or of the context: there, trying again is right.
var (
	// ErrNotFound says that the store has nothing under this ID.
	ErrNotFound = errors.New("not found")
	// ErrStale says that the writer does not have the present state: another transition took its sequence or its
	// command ID, or the snapshot has moved on. Load it and decide again.
	ErrStale = errors.New("stale: the stored state has moved on")
	// ErrOrderExists says that the order's ID or source identifier is taken; see [OrderExistsError].
	ErrOrderExists = errors.New("order exists")
	// ErrIDTaken says that a new object's ID belongs to something else already.
	ErrIDTaken = errors.New("ID is taken")
	// ErrInvalid says that a check of the store refuses the content, such as a negative quantity: the writer is wrong.
	ErrInvalid = errors.New("refused by a check of the store")
)

// OrderExistsError says which order has the ID or the source identifier already. It is an [ErrOrderExists].
type OrderExistsError struct {
	OrderID ID
	// SameContent tells that the stored order was given with the same content, apart from IDs: it is the same order
	// sent again, and its fulfillment orders have other IDs than those of the second sending.
	SameContent bool
}

// Error names the order.
func (e *OrderExistsError) Error() string {
	if e.SameContent {
		return fmt.Sprintf("order %d exists already, with the same content", e.OrderID)
	}
	return fmt.Sprintf("order %d exists already, with another content", e.OrderID)
}

// Is makes it an [ErrOrderExists].
func (e *OrderExistsError) Is(target error) bool { return target == ErrOrderExists }
