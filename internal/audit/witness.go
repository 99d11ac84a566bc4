package audit

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/simulated"
)

// Witness is what the callers of a run saw: the orders and the commands that were answered "done". What was refused,
// and what nobody knows the answer of, is left out: either may have happened or not.
type Witness struct {
	Orders   []fulfillment.ID // CreateOrder was answered: they must exist
	Commands []Command        // answered "done": each must be in the history of what it was sent to
}

// Command is one command that was answered "done".
type Command struct {
	ID                 string         // the command ID, which is the update's ID too
	OrderID            fulfillment.ID // the order it was about
	FulfillmentOrderID fulfillment.ID // whom it was sent to; 0 for a command on the order and for a joint one
	Verb               string         // the update's name, such as "Hold"
}

// Sources are what is read, and only read: the database's user needs no more than SELECT.
type Sources struct {
	Database  *pgxpool.Pool   // the store's database
	Store     *postgres.Store // the same database, for what the store has a reading of
	Temporal  client.Client   // the server that holds the histories
	Namespace string          // the namespace the workflows run in
	// Ledger is what the simulated provider did; where it can't be read, what it is needed for is not looked at.
	Ledger Ledger
	// InFlight is how many requests Temporal gets at a time. Default [DefaultInFlight].
	InFlight int
}

// DefaultInFlight is the default of Sources.InFlight.
const DefaultInFlight = 16

// Ledger tells what the simulated provider did and is going to do: a *simulated.PostgresLedger.
type Ledger interface {
	EffectsOf(ctx context.Context, ids []fulfillment.ID) ([]simulated.Effect, error)
	EffectsAfter(ctx context.Context, key string, limit int) ([]simulated.Effect, error)
	// Shipments are those that Packhorse has told the provider of, by the keys of the requests they were sent for.
	Shipments(ctx context.Context, keys []string) (map[string][]fulfillment.ID, error)
	Next(ctx context.Context, now time.Time) (due time.Time, any bool, err error)
}

// testimony is a witness by the orders that it is about.
type testimony map[fulfillment.ID]*Witness

// byOrder arranges a witness. Of a command it may know only the fulfillment order.
func (w Witness) byOrder(ctx context.Context, database *pgxpool.Pool) (testimony, error) {
	var unknown []fulfillment.ID
	for _, cmd := range w.Commands {
		if cmd.OrderID == 0 {
			unknown = append(unknown, cmd.FulfillmentOrderID)
		}
	}
	orderOf, err := ordersOf(ctx, database, unknown)
	if err != nil {
		return nil, err
	}
	t := testimony{}
	about := func(id fulfillment.ID) *Witness {
		if t[id] == nil {
			t[id] = new(Witness)
		}
		return t[id]
	}
	for _, id := range w.Orders {
		about(id).Orders = append(about(id).Orders, id)
	}
	for _, cmd := range w.Commands {
		if cmd.OrderID == 0 {
			cmd.OrderID = orderOf[cmd.FulfillmentOrderID]
		}
		about(cmd.OrderID).Commands = append(about(cmd.OrderID).Commands, cmd)
	}
	return t, nil
}

// of is what was seen of these orders.
func (t testimony) of(orders []fulfillment.ID) (saw Witness) {
	for _, id := range orders {
		if w := t[id]; w != nil {
			saw.Orders = append(saw.Orders, w.Orders...)
			saw.Commands = append(saw.Commands, w.Commands...)
		}
	}
	return saw
}
