package chaos

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
)

// acceptsWithin is how long after the database was set back every fulfillment order takes commands again.
const acceptsWithin = 2 * time.Minute

// prober asks the fulfillment orders of the book, after it was set back, whether they take commands, and whether they
// answer as the book has them.
type prober struct {
	actor
	database *pgxpool.Pool
	within   time.Duration
	send     func(context.Context, fulfillment.ID, fulfillment.Command) (fulfillment.Result, error)
}

const (
	probesInFlight = 6
	holdsFor       = 30 * time.Second // longer than a command takes, or it would be refused
)

// selectAll has first those whose lives go on, then those that changed last.
const selectAll = `SELECT id FROM fulfillment_orders ORDER BY status = 'CLOSED', updated_at DESC, id`

// probe asks all of them, and tells how many have answered. The context ends when the database is set back again:
// nothing is told of those that have not been asked by then.
func (p *prober) probe(ctx context.Context, b setBack) (int, error) {
	ids, err := p.all(ctx)
	if err != nil {
		return 0, err
	}
	var answered atomic.Int64
	group, _ := errgroup.WithContext(ctx)
	group.SetLimit(probesInFlight)
	for _, id := range ids {
		if ctx.Err() != nil {
			break
		}
		// Who asks one after the other may come late to the last ones, which is not their fault.
		deadline := time.Now()
		if limit := b.until.Add(p.within); limit.After(deadline) {
			deadline = limit
		} else {
			deadline = deadline.Add(lastAnswers)
		}
		meta := p.meta(operator)
		group.Go(func() error {
			if p.one(ctx, id, meta, deadline) {
				answered.Add(1)
			}
			return nil
		})
	}
	_ = group.Wait() // It has no errors.
	return int(answered.Load()), nil
}

func (p *prober) all(ctx context.Context) ([]fulfillment.ID, error) {
	for {
		rows, err := p.database.Query(ctx, selectAll)
		if err == nil {
			var ids []fulfillment.ID
			if ids, err = pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID]); err == nil {
				return ids, nil
			}
		}
		if !sleep(ctx, 500*time.Millisecond) {
			return nil, err
		}
	}
}

// one asks a fulfillment order until it answers as the book says that it must, and tells whether it did. What differs
// may have changed between the two readings, so it is asked again, until its time is up.
func (p *prober) one(ctx context.Context, id fulfillment.ID, meta fulfillment.Meta, deadline time.Time) bool {
	first := meta.CommandID
	s := sent{id: first, fulfillmentOrderID: id, way: "probe"}
	var cmd fulfillment.Command // nil: one is to be drawn
	asking, end := context.WithDeadline(ctx, deadline)
	defer end()
	for try := 1; ; try++ {
		wrong, err := p.ask(asking, &s, meta, &cmd)
		switch {
		case ctx.Err() != nil: // Whether it would have answered nobody knows.
			p.journal.ended(s, unknown, "the database is set back again")
			return false
		case err == nil && wrong == "":
			p.journal.kept(promiseAccepts, s, "")
			return true
		case asking.Err() != nil:
			if wrong == "" {
				wrong = fmt.Sprintf("there is no answer: %v", err)
			}
			p.journal.ended(s, unknown, wrong)
			p.journal.kept(promiseAccepts, s, wrong)
			return false
		case err == nil: // It was decided: whoever asks again asks for something else.
			meta.CommandID, cmd = fmt.Sprintf("%s/%d", first, try), nil
		}
		if sleep(asking, 500*time.Millisecond) && s.id != meta.CommandID {
			s.id = meta.CommandID
			p.journal.begins(s.id)
		}
	}
}

// ask sends the command, and tells what is wrong with the answer. An error is none.
func (p *prober) ask(
	ctx context.Context, s *sent, meta fulfillment.Meta, cmd *fulfillment.Command,
) (wrong string, err error) {
	fo, err := p.pool.store.Load(ctx, s.fulfillmentOrderID)
	if err != nil {
		return "", err
	}
	if *cmd == nil {
		*cmd = telling(fo, meta)
	}
	s.orderID, s.verb = fo.OrderID, string((*cmd).Verb())
	_, expected := fo.Decide(*cmd, fulfillment.Env{Now: time.Now().UTC()})
	attempt, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	_, err = p.send(attempt, s.fulfillmentOrderID, *cmd)
	refusal, isRefusal := fulfillment.AsError(err)
	switch {
	case err != nil && (!isRefusal || refusal.Retryable()):
		return "", err
	case code(err) != code(expected):
		return fmt.Sprintf("it answers %s, and by the book it is %s", saying(err), saying(expected)), nil
	}
	if err == nil {
		p.journal.ended(*s, done, "")
	} else {
		p.journal.ended(*s, refused, refusal)
	}
	return "", nil
}

// telling is a command whose answer tells whether a workflow has the state of the book: a hold that ends by itself,
// where the book allows one, which a workflow does not that has seen the fulfillment order close; else one that is
// always allowed.
func telling(fo *fulfillment.FulfillmentOrder, meta fulfillment.Meta) fulfillment.Command {
	now := time.Now().UTC().Truncate(time.Millisecond)
	hold := &fulfillment.PlaceHold{
		Meta: meta, Handle: meta.CommandID, Reason: fulfillment.HoldOther, ReasonNotes: "A drill.",
		ExpiresAt: new(now.Add(holdsFor)),
	}
	if _, err := fo.Decide(hold, fulfillment.Env{Now: now}); err == nil && fo.Status != fulfillment.StatusClosed {
		return hold
	}
	return &fulfillment.SetDeadline{Meta: meta, FulfillBy: new(now.AddDate(0, 0, 3))}
}

// code is the kind of a refusal; empty: none.
func code(err error) fulfillment.Code {
	if refusal, ok := errors.AsType[*fulfillment.Error](err); ok {
		return refusal.Code
	}
	return ""
}

func saying(err error) string {
	if err == nil {
		return "done"
	}
	return fmt.Sprintf("%s (%v)", code(err), err)
}
