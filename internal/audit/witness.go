package audit

import (
	"go.temporal.io/sdk/client"

	"github.com/jackc/pgx/v5/pgxpool"

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

// Sources are what is read. All are required.
type Sources struct {
	Database  *pgxpool.Pool   // the store's database
	Store     *postgres.Store // the same database, for what the store has a reading of
	Temporal  client.Client   // the server that holds the histories
	Namespace string          // the namespace the workflows run in
	Ledger    simulated.Ledger
}
