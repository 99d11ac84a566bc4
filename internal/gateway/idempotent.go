package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// Keys remembers what was asked under idempotency keys, and the answers: a *postgres.Store.
type Keys interface {
	ClaimKey(ctx context.Context, c postgres.KeyClaim) (postgres.ClaimedKey, error)
	AnswerKey(ctx context.Context, claimed postgres.ClaimedKey, answer []byte) error
	ReleaseKey(ctx context.Context, claimed postgres.ClaimedKey) error
}

const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotent-Replayed"
	keyLifetime    = fulfillment.RepeatableFor
	// storeTimeout bounds how long an answer is tried to be stored, and belongs to the lease.
	storeTimeout = 5 * time.Second
	storePause   = 100 * time.Millisecond
)

// once carries an operation out under its keys, or gives the answer that the same operation got before. In this
// process, those who ask the same at the same time wait for one answer.
func (g *Gateway) once(ctx context.Context, app fulfillment.ID, op Operation, run func() Answer) Answer {
	f, leads := g.flights.join(app, op.Keys, op.Fingerprint)
	switch {
	case f.fingerprint != op.Fingerprint:
		return op.Refuse(ctx, faultMismatch)
	case !leads:
		select {
		case <-f.done:
			return f.answer.again()
		case <-ctx.Done():
			return op.Refuse(ctx, faultConcurrent)
		}
	}
	f.answer = op.Refuse(ctx, faultConcurrent) // Unless it comes to one.
	defer g.flights.leave(app, op.Keys, f)
	f.answer = g.claimAndRun(ctx, app, op, run)
	return f.answer
}

func (g *Gateway) claimAndRun(ctx context.Context, app fulfillment.ID, op Operation, run func() Answer) Answer {
	var claimed []postgres.ClaimedKey
	for _, name := range op.Keys {
		c, err := g.keys.ClaimKey(
			ctx,
			postgres.KeyClaim{
				App: app, Key: name, Fingerprint: op.Fingerprint[:], Lease: g.timeout + storeTimeout,
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
			stored := Answer{Status: http.StatusOK, Body: c.Answer, Class: ClassReplayed, Durable: true}
			if op.StatusOf != nil {
				stored.Status = op.StatusOf(c.Answer)
			}
			return g.store(ctx, op, claimed, stored.again())
		}
		claimed = append(claimed, c)
	}
	given := run()
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
	for _, c := range claimed {
		err := g.keys.AnswerKey(ctx, c, given.Body)
		for err != nil && !errors.Is(err, postgres.ErrKeyLost) && ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(storePause):
				err = g.keys.AnswerKey(ctx, c, given.Body)
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
