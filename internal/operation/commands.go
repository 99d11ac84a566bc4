package operation

import (
	"context"
	"log/slog"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/update"
)

// Options sets a [Commands] up. The zero value is ready.
type Options = update.Options

// Unanswered is the refusal of a command to which there is no answer yet, with what stands in the way.
type Unanswered = update.Unanswered

// ExplainCause is what stands in a command's way, with the next step where that is known.
func ExplainCause(cause error) string { return update.ExplainCause(cause) }

// LogWaiting is a Waiting of [Options] that logs what commands wait for, every 4 s at the most.
func LogWaiting(logger *slog.Logger) func(context.Context, error) { return update.LogWaiting(logger) }

// Commands gives the commands of callers, once, to the workflows that own orders and fulfillment orders: each command
// has an ID and its own new IDs, or gets them here, goes to the fulfillment order or, when that can't decide without
// its siblings, to the order, and every outcome is a domain answer or a domain refusal ([*fulfillment.Error]). How it
// gets there is package update's. Whether the caller may is not asked. It is safe for concurrent use.
type Commands struct {
	temporal client.Client
	store    *postgres.Store
	updates  *update.Client
	minter   fulfillment.Minter
}

// NewCommands is Commands on a connection to Temporal and the store.
func NewCommands(temporal client.Client, store *postgres.Store, options Options) *Commands {
	return CommandsOver(update.New(temporal, store, options), temporal, store)
}

// CommandsOver is Commands that share their way to the workflows, and the limit of how many updates are with one of
// them at the same time, with others. The connection and the store are those of that way.
func CommandsOver(updates *update.Client, temporal client.Client, store *postgres.Store) *Commands {
	return &Commands{temporal: temporal, store: store, updates: updates}
}

// Send gives a command to a fulfillment order and waits until what it did is durable. An empty command ID and empty
// first ID are filled in, so that the caller can repeat the very same command.
func (c *Commands) Send(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error) {
	c.fill(cmd.Envelope())
	if orderID, ok := c.needsSiblings(ctx, id, cmd); ok {
		results, err := c.Joint(ctx, orderID, &fulfillment.Alone{FulfillmentOrderID: id, Command: cmd})
		if err != nil {
			return fulfillment.Result{}, err
		}
		return results[0], nil
	}
	return c.updates.Command(ctx, id, cmd)
}

// Joint gives a command on several fulfillment orders to an order, and waits until what it did is durable: all of it,
// or nothing. A batch that concerns several orders goes to any one of them. The results are in the order of
// [fulfillment.Joint.Answering].
func (c *Commands) Joint(
	ctx context.Context, orderID fulfillment.ID, cmd fulfillment.Joint,
) ([]fulfillment.Result, error) {
	c.fill(cmd.Envelope())
	return c.updates.Joint(ctx, orderID, cmd)
}

// needsSiblings spares a fulfillment order the way to its order: what must be decided with the siblings goes there at
// once. If the store can't tell, the fulfillment order does.
func (c *Commands) needsSiblings(
	ctx context.Context, id fulfillment.ID, cmd fulfillment.Command,
) (fulfillment.ID, bool) {
	if !fulfillment.MayNeedSiblings(cmd) {
		return 0, false
	}
	fo, err := c.store.Load(ctx, id)
	if err != nil || !fo.NeedsSiblings(cmd) {
		return 0, false
	}
	return fo.OrderID, true
}

func (c *Commands) fill(meta *fulfillment.Meta) {
	if meta.CommandID == "" {
		meta.CommandID = uuid.NewString()
	}
	if meta.FirstID == 0 {
		meta.FirstID = c.minter.Mint()
	}
}
