package fulfillment

import (
	"errors"
	"fmt"
	"strings"
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

// OrderExistsError says which order has the ID or the source identifier already, and in what it differs from the one
// that was refused. It is an [ErrOrderExists].
type OrderExistsError struct {
	OrderID ID
	// BySource tells that the order has another ID: it has the source identifier.
	BySource bool
	// Differs lists the fields in which it differs, see [OrderContent.Differs]; empty: that is not known any more.
	Differs []string
}

// Error names the order, and what differs.
func (e *OrderExistsError) Error() string { return e.Refusal().Message }

// shownDifferences is how many fields a refusal names.
const shownDifferences = 10

// Refusal is what the sender is told, without the values that differ: they may be personal data.
func (e *OrderExistsError) Refusal() *Error {
	if e.BySource {
		return refusal(CodeOrderExists, []string{"sourceIdentifier"},
			"Order %s has this sourceIdentifier already. To hand the same order over again, leave its id out or give "+
				"that one.", e.OrderID)
	}
	field := []string{"id"}
	what := "Which fields differ is not known for an order that was taken in so long ago."
	if n := len(e.Differs); n > 0 {
		field = pathSteps(e.Differs[0])
		what = "It differs in " + strings.Join(e.Differs[:min(n, shownDifferences)], ", ")
		if n > shownDifferences {
			what += fmt.Sprintf(" and %d more fields", n-shownDifferences)
		}
		what += "."
	}
	return refusal(CodeOrderExists, field, "Order %s exists already, and was handed over with other content. %s "+
		"Nothing was changed: update, edit or cancel the order instead.", e.OrderID, what)
}

// Is makes it an [ErrOrderExists].
func (e *OrderExistsError) Is(target error) bool { return target == ErrOrderExists }
