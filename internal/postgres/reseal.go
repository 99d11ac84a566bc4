package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/seal"
)

// Sealed is what secrets are sealed with.
type Sealed struct {
	Resealed int // now, with the first key
	// ByKey is how many there are, by the [seal.Keys.IDOf] of the key; keys that are set and seal nothing are missing.
	ByKey map[string]int
}

const selectOldSecrets = `SELECT current, CASE WHEN previous_until > now() THEN previous END FROM app_secrets
WHERE app_id = $1 FOR UPDATE`

const updateSealed = `UPDATE app_secrets SET current = $2, previous = $3,
	previous_until = CASE WHEN $3::bytea IS NULL THEN NULL ELSE previous_until END WHERE app_id = $1`

// Reseal seals every secret anew that is not sealed with the first key, so that the others are not needed any more.
// Secrets whose key is not set stay as they are, and are counted. One that has expired is removed. The error may be
// [seal.ErrNoKeys].
func (s *Store) Reseal(ctx context.Context) (Sealed, error) {
	done := Sealed{ByKey: map[string]int{}}
	if s.secrets.Empty() {
		return done, seal.ErrNoKeys
	}
	rows, err := s.pool.Query(ctx, `SELECT app_id FROM app_secrets ORDER BY app_id`)
	var apps []fulfillment.ID
	if err == nil {
		apps, err = pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
	}
	for _, id := range apps {
		if err == nil {
			err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return s.reseal(ctx, tx, id, &done) })
		}
	}
	if err != nil {
		return done, fmt.Errorf("seal secrets anew: %w", translate(err))
	}
	return done, nil
}

func (s *Store) reseal(ctx context.Context, tx pgx.Tx, appID fulfillment.ID, done *Sealed) error {
	var current, previous []byte
	if err := tx.QueryRow(ctx, selectOldSecrets, appID).Scan(&current, &previous); err != nil {
		return err
	}
	for _, sealed := range []*[]byte{&current, &previous} {
		if *sealed == nil {
			continue
		}
		if !s.secrets.IsCurrent(*sealed) {
			secret, err := s.secrets.Open(secretPurpose(appID), *sealed)
			switch {
			case errors.Is(err, seal.ErrUnknownKey):
			case err != nil:
				return fmt.Errorf("app %d: %w", appID, err)
			default:
				if *sealed, err = s.secrets.Seal(secretPurpose(appID), secret); err != nil {
					return err
				}
				done.Resealed++
			}
		}
		done.ByKey[s.secrets.IDOf(*sealed)]++
	}
	_, err := tx.Exec(ctx, updateSealed, appID, current, previous)
	return err
}

// SecretsKeys are the IDs of the keys that are set, the first one first.
func (s *Store) SecretsKeys() []string { return s.secrets.IDs() }
