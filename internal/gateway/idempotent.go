package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// Keys remembers what was asked under idempotency keys, and the answers: a *postgres.Store.
type Keys interface {
	ClaimKey(ctx context.Context, c postgres.KeyClaim) (postgres.ClaimedKey, error)
	AnswerKey(ctx context.Context, claimed postgres.ClaimedKey, answer postgres.KeyAnswer) error
	ReleaseKey(ctx context.Context, claimed postgres.ClaimedKey) error
}

const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotent-Replayed"
	keyLifetime    = fulfillment.RepeatableFor
	// personalLifetime is how long an answer is kept that tells something of a person: as long as programs try again by
	// themselves.
	personalLifetime = time.Hour
	// storeTimeout bounds how long an answer is tried to be stored, and belongs to the lease.
	storeTimeout = 5 * time.Second
	storePause   = 100 * time.Millisecond
)

// once carries an operation out under its keys, or gives the answer that the same operation got before, to a caller who
// has every right that it rests on. In this process, those who ask the same at the same time wait for one answer.
func (g *Gateway) once(
	ctx context.Context, caller access.Caller, op Operation, run func(context.Context, access.Caller) Answer,
) Answer {
	app := caller.App.ID
	f, leads := g.flights.join(app, op.Keys, op.Fingerprint)
	switch {
	case f.fingerprint != op.Fingerprint:
		return op.Refuse(ctx, faultMismatch)
	case !leads:
		select {
		case <-f.done:
			return again(ctx, caller, op, f.answer)
		case <-ctx.Done():
			return op.Refuse(ctx, faultConcurrent)
		}
	}
	f.answer = op.Refuse(ctx, faultConcurrent) // Unless it comes to one.
	defer g.flights.leave(app, op.Keys, f)
	f.answer = g.claimAndRun(ctx, caller, op, run)
	return f.answer
}

// again is the answer to whoever asks the same again: not what it may not see any more.
func again(ctx context.Context, caller access.Caller, op Operation, given Answer) Answer {
	if given.grounds != nil && !caller.HasGrounds(given.grounds) {
		return op.Refuse(ctx, faultNotAnyMore)
	}
	return given.again()
}

func (g *Gateway) claimAndRun(
	ctx context.Context, caller access.Caller, op Operation, run func(context.Context, access.Caller) Answer,
) Answer {
	var claimed []postgres.ClaimedKey
	for _, name := range op.Keys {
		c, err := g.keys.ClaimKey(
			ctx,
			postgres.KeyClaim{
				App: caller.App.ID, Key: name, Fingerprint: op.Fingerprint[:], Lease: g.timeout + storeTimeout,
				Lifetime: keyLifetime,
			},
		)
		switch {
		case errors.Is(err, postgres.ErrKeyMismatch):
			g.release(ctx, claimed)
			return op.Refuse(ctx, faultMismatch)
		case errors.Is(err, postgres.ErrKeyInUse):
			g.release(ctx, claimed)
			return op.Refuse(ctx, faultConcurrent)
		case err != nil:
			g.release(ctx, claimed)
			g.logger.ErrorContext(ctx, "can't claim an idempotency key", "request_id", RequestID(ctx), "error", err)
			return op.Refuse(ctx, unclaimed(ctx, err))
		case c.Answer != nil:
			// The keys before it are here only if whoever answered crashed before it had stored the answer for all.
			stored := Answer{
				Status: http.StatusOK, Body: c.Answer, Class: ClassReplayed, Durable: true,
				grounds: c.Grounds, keep: personalLifetime, // What it tells is not known any more.
			}
			if op.StatusOf != nil {
				stored.Status = op.StatusOf(c.Answer)
			}
			stored = again(ctx, caller, op, stored)
			if !stored.replayed {
				g.release(ctx, claimed)
				return stored
			}
			return g.store(ctx, op, claimed, stored)
		}
		claimed = append(claimed, c)
	}
	caller.Grounds = &access.Grounds{}
	given := run(access.WithCaller(ctx, caller), caller)
	if given.grounds = caller.Grounds.Text(); caller.Grounds.Personal() {
		given.keep = personalLifetime
	}
	if !given.Durable {
		g.release(ctx, claimed)
		return given
	}
	return g.store(ctx, op, claimed, given)
}

// unclaimed is why the database could not say whose a key is. Nothing was carried out.
func unclaimed(ctx context.Context, err error) Fault {
	switch {
	case ctx.Err() != nil:
		return faultTimeout
	case postgres.IsUnavailable(err):
		return faultAway
	}
	return faultInternal
}

// store stores the answer before anybody sees it: an answer that was given must be given again, and one that can't be
// stored could come out differently the next time.
func (g *Gateway) store(ctx context.Context, op Operation, claimed []postgres.ClaimedKey, given Answer) Answer {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	answer := postgres.KeyAnswer{Body: given.Body, Grounds: given.grounds, Keep: given.keep}
	for _, c := range claimed {
		err := g.keys.AnswerKey(ctx, c, answer)
		for err != nil && !errors.Is(err, postgres.ErrKeyLost) && ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(storePause):
				err = g.keys.AnswerKey(ctx, c, answer)
			}
		}
		switch {
		case errors.Is(err, postgres.ErrKeyLost):
			return op.Refuse(ctx, faultConcurrent)
		case err != nil:
			g.logger.ErrorContext(
				ctx, "can't store the answer to an idempotency key", "request_id", RequestID(ctx), "error", err,
			)
			return op.Refuse(ctx, faultTimeout)
		}
	}
	return given
}

// release lets the same be tried again at once. If it fails, the lease ends by itself.
func (g *Gateway) release(ctx context.Context, claimed []postgres.ClaimedKey) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	for _, c := range claimed {
		if err := g.keys.ReleaseKey(ctx, c); err != nil && !errors.Is(err, postgres.ErrKeyLost) {
			g.logger.WarnContext(ctx, "can't release an idempotency key", "request_id", RequestID(ctx), "error", err)
		}
	}
}
