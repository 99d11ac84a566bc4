package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/internal/temporalio"
	"packhorse/starter/orderimport"
)

// verbSendAgain is an order that is handed in again because the database was set back.
const verbSendAgain = "CreateOrder again"

// lastMinutes is how much more an order system sends again than was lost.
const lastMinutes = time.Minute

// replayer sends orders again after the database was set back, as order systems do that replay their last minutes: by
// the client, by an import, and by starting the workflow.
type replayer struct {
	actor  // without a state of its own: each order has another source of chance
	seed   uint64
	within time.Duration // of which all must be taken
	logs   string        // the folder for rejected lines
	round  int
}

const replaysInFlight = 4

// replay sends all orders of the time again but one in five, which are forgotten, and tells how many.
func (r *replayer) replay(ctx context.Context, b setBack) (int, error) {
	r.round++
	ctx, end := context.WithDeadline(ctx, b.until.Add(r.within))
	defer end()
	var sentAgain atomic.Int64
	var file bytes.Buffer
	var imported []fulfillment.Order
	group, _ := errgroup.WithContext(ctx)
	group.SetLimit(replaysInFlight)
	for _, handed := range r.journal.handedInWhile(b.from.Add(-lastMinutes), b.until) {
		order := handed.order
		way := uint64(fulfillment.DerivedID("replay", order.ID.String())) % 5
		again := func(name string, try func(a *actor, ctx context.Context) error) {
			group.Go(func() error {
				if ctx.Err() == nil && r.insistOn(ctx, order, name, try) {
					sentAgain.Add(1)
				}
				return nil
			})
		}
		switch way {
		case 0: // Nobody has noted it.
		case 1:
			again("start", func(a *actor, ctx context.Context) error { return start(ctx, a.temporal, order) })
		case 2:
			line, err := json.Marshal(order)
			if err != nil {
				return 0, fmt.Errorf("write an order: %w", err)
			}
			file.Write(append(line, '\n'))
			imported = append(imported, order)
		default:
			again("client", func(a *actor, ctx context.Context) error {
				_, err := a.commands.CreateOrder(ctx, order)
				return err
			})
		}
	}
	err := r.importAll(ctx, file.Bytes(), imported)
	_ = group.Wait() // It has no errors.
	return int(sentAgain.Load()) + len(imported), err
}

// insistOn sends one order again until there is an answer, which must not be a refusal, or the time is up.
func (r *replayer) insistOn(
	ctx context.Context, order fulfillment.Order, way string, try func(*actor, context.Context) error,
) bool {
	a := r.actor
	a.patience = ctx
	a.rng = rand.New(rand.NewPCG(r.seed, uint64(order.ID)))
	s := r.again(order, way)
	r.journal.begins(s.id)
	var last error
	ok := a.insist(s, func(ctx context.Context) error {
		last = try(&a, ctx)
		return last
	})
	r.judge(ctx, s, ok, last)
	return ok
}

// judge notes whether an order was taken. Of one that the next time was faster than, nobody knows.
func (r *replayer) judge(ctx context.Context, s sent, ok bool, last error) {
	switch {
	case ok:
		r.journal.kept(promiseAgain, s, "")
	case !errors.Is(ctx.Err(), context.Canceled):
		r.journal.kept(promiseAgain, s, fmt.Sprint(last))
	}
}

func (r *replayer) again(order fulfillment.Order, way string) sent {
	id := fmt.Sprintf("%s/again/%d", order.CommandID, r.round)
	return sent{id: id, verb: verbSendAgain, orderID: order.ID, way: way}
}

// start starts the workflow of an order, as any program can.
func start(ctx context.Context, temporal client.Client, order fulfillment.Order) error {
	run, err := temporal.ExecuteWorkflow(
		ctx, client.StartWorkflowOptions{ID: temporalio.OrderID(order.ID), TaskQueue: temporalio.TaskQueue},
		temporalio.OrderType, order,
	)
	if err != nil {
		return answer(err)
	}
	return answer(run.Get(ctx, nil))
}

const longestLine = 1 << 20 // of a file to import, in bytes

// importAll imports orders, again from the start when the import stops, as people do who are told so.
func (r *replayer) importAll(ctx context.Context, file []byte, orders []fulfillment.Order) error {
	if len(orders) == 0 {
		return nil
	}
	for _, order := range orders {
		r.journal.begins(r.again(order, "import").id)
	}
	rejected := map[int]string{}
	for {
		lines, err := orderimport.Read(bytes.NewReader(file), longestLine)
		if err != nil {
			return err
		}
		clear(rejected)
		_, err = orderimport.Import{
			Take: r.commands.CreateOrder, Identify: operation.IdentifyOrder,
			RejectFile: filepath.Join(r.logs, fmt.Sprintf("rejected-%d.ndjson", r.round)),
			Rejected:   func(one orderimport.Rejected) { rejected[one.Line] = one.Reason },
			Progress:   func(orderimport.Summary, int64) {},
		}.Run(ctx, lines)
		if err == nil {
			break
		}
		if !sleep(ctx, time.Second) {
			for _, order := range orders {
				r.judge(ctx, r.again(order, "import"), false, err)
			}
			return err
		}
	}
	for i, order := range orders {
		s := r.again(order, "import")
		reason, not := rejected[i+1]
		how := done
		if not {
			how = refused
		}
		r.journal.ended(s, how, reason)
		r.judge(ctx, s, !not, errors.New(reason))
	}
	return nil
}
