package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
)

// The outcomes of [Store.ClaimKey] beside a claim, told apart with errors.Is.
var (
	// ErrKeyMismatch says that the key came before with other content, less than its lifetime ago.
	ErrKeyMismatch = errors.New("the idempotency key was used for something else")
	// ErrKeyInUse says that somebody carries out the very same now: ask again later.
	ErrKeyInUse = errors.New("the same is being carried out")
	// ErrKeyLost says that a claim has been taken over: its lease had ended.
	ErrKeyLost = errors.New("somebody else has taken the idempotency key over")
)

// KeyClaim is what an app sends under an idempotency key, and for how long.
type KeyClaim struct {
	App         fulfillment.ID
	Key         string        // 1 to 255 characters
	Fingerprint []byte        // of the content
	Lease       time.Duration // how long it may be carried out before somebody else may take it over
	Lifetime    time.Duration // how long the key is remembered, from its first claim
}

// ClaimedKey is a key whose content the caller has to carry out, or which has been answered already.
type ClaimedKey struct {
	App     fulfillment.ID
	Key     string
	Attempt int64  // 1 for the first
	Answer  []byte // nil: carry it out, then [Store.AnswerKey] or [Store.ReleaseKey]
	Grounds []byte // what the answer rests on, as it was given to [Store.AnswerKey]; nil: nobody said
}

// KeyAnswer is the answer to a claim.
type KeyAnswer struct {
	Body []byte // not nil
	// Grounds is what the answer rests on, as JSON; nil: it is not said.
	Grounds []byte
	// Keep is how long the answer is kept; zero: as long as the key is remembered. After that the same content is to be
	// carried out again, which finds done what was done.
	Keep time.Duration
}

// ClaimKey takes a key for its content, or gives the answer that the same content got. It fails with
// [ErrKeyMismatch] or [ErrKeyInUse].
//
// The row of somebody who crashed is taken over when its lease has ended, and so is that of an answer which was kept
// long enough. Whoever takes it over must do the very same as the one before, who may have done any part of it. All
// times are the database's.
func (s *Store) ClaimKey(ctx context.Context, c KeyClaim) (ClaimedKey, error) {
	claimed := ClaimedKey{App: c.App, Key: c.Key}
	// A key that was there for the insert may have expired and gone before the read; then the second try inserts it.
	for range 2 {
		err := translate(
			s.pool.QueryRow(
				ctx, claimKey, c.App, c.Key, c.Fingerprint, interval(c.Lease), interval(c.Lifetime),
			).Scan(&claimed.Attempt),
		)
		if err == nil {
			return claimed, nil
		}
		if !errors.Is(err, fulfillment.ErrNotFound) {
			return ClaimedKey{}, fmt.Errorf("claim an idempotency key: %w", err)
		}
		var fingerprint []byte
		err = translate(
			s.pool.QueryRow(ctx, readKey, c.App, c.Key).Scan(
				&fingerprint, &claimed.Attempt, &claimed.Answer, &claimed.Grounds,
			),
		)
		switch {
		case errors.Is(err, fulfillment.ErrNotFound):
			continue
		case err != nil:
			return ClaimedKey{}, fmt.Errorf("read an idempotency key: %w", err)
		case !bytes.Equal(fingerprint, c.Fingerprint):
			return ClaimedKey{}, ErrKeyMismatch
		case claimed.Answer == nil:
			return ClaimedKey{}, ErrKeyInUse
		}
		return claimed, nil
	}
	return ClaimedKey{}, ErrKeyInUse
}

// The row of another content is never taken over before it expires, answered or not: what was asked first may have been
// carried out.
const claimKey = `
INSERT INTO idempotency_keys AS k (app_id, key, fingerprint, lease_until, expires_at)
VALUES ($1, $2, $3, now() + $4::interval, now() + $5::interval)
ON CONFLICT (app_id, key) DO UPDATE SET
    fingerprint = excluded.fingerprint,
    attempt     = k.attempt + 1,
    lease_until = excluded.lease_until,
    answer      = NULL, grounds = NULL, answer_until = NULL,
    expires_at  = CASE WHEN k.expires_at <= now() THEN excluded.expires_at ELSE k.expires_at END
WHERE ((k.answer IS NULL OR k.answer_until <= now())
       AND k.lease_until <= now() AND k.fingerprint = excluded.fingerprint)
   OR k.expires_at <= now() AND k.lease_until <= now()
RETURNING attempt`

const readKey = `
SELECT fingerprint, attempt, CASE WHEN answer_until <= now() THEN NULL ELSE answer END, grounds
FROM idempotency_keys WHERE app_id = $1 AND key = $2`

// AnswerKey stores the answer to a claim for everybody who sends the same, until it was kept long enough or the key
// expires. It fails with [ErrKeyLost] if the claim has been taken over.
func (s *Store) AnswerKey(ctx context.Context, claimed ClaimedKey, answer KeyAnswer) error {
	var keep *string
	if answer.Keep != 0 {
		keep = new(interval(answer.Keep))
	}
	return s.endClaim(ctx, "store the answer to an idempotency key", `
UPDATE idempotency_keys SET answer = $4, grounds = $5, answer_until = now() + $6::interval, lease_until = now()
WHERE app_id = $1 AND key = $2 AND attempt = $3 AND answer IS NULL`,
		claimed.App, claimed.Key, claimed.Attempt, answer.Body, answer.Grounds, keep)
}

// ReleaseKey gives up a claim without an answer, so that the same content may be tried again at once. The key still
// belongs to that content: some of it may have been carried out. It fails with [ErrKeyLost] like [Store.AnswerKey].
func (s *Store) ReleaseKey(ctx context.Context, claimed ClaimedKey) error {
	return s.endClaim(ctx, "release an idempotency key",
		`UPDATE idempotency_keys SET lease_until = now() WHERE app_id = $1 AND key = $2 AND attempt = $3 AND answer IS NULL`,
		claimed.App, claimed.Key, claimed.Attempt)
}

func (s *Store) endClaim(ctx context.Context, doing, statement string, args ...any) error {
	tag, err := s.pool.Exec(ctx, statement, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, translate(err))
	}
	if tag.RowsAffected() == 0 {
		return ErrKeyLost
	}
	return nil
}

// DeleteExpiredKeys forgets keys whose lifetime has ended, and returns how many there were. One that is being carried
// out stays until its lease has ended.
func (s *Store) DeleteExpiredKeys(ctx context.Context) (int64, error) {
	tag, err := s.pool.Exec(ctx, `DELETE FROM idempotency_keys WHERE expires_at <= now() AND lease_until <= now()`)
	if err != nil {
		return 0, fmt.Errorf("delete expired idempotency keys: %w", translate(err))
	}
	return tag.RowsAffected(), nil
}

// DeleteKeptAnswers deletes the answers that were kept long enough, while their keys are still remembered, and returns
// how many there were.
func (s *Store) DeleteKeptAnswers(ctx context.Context) (int64, error) {
	tag, err := s.pool.Exec(ctx, `
UPDATE idempotency_keys SET answer = NULL, grounds = NULL, answer_until = NULL WHERE answer_until <= now()`)
	if err != nil {
		return 0, fmt.Errorf("delete kept answers: %w", translate(err))
	}
	return tag.RowsAffected(), nil
}
