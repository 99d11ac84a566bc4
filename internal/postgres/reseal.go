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

// sealedTable is where secrets are.
type sealedTable struct {
	of      string // what they belong to, in words
	purpose func(fulfillment.ID) string

	ids, selectOne, update string
}

func sealedIn(of, table, id string, purpose func(fulfillment.ID) string) sealedTable {
	return sealedTable{
		of: of, purpose: purpose, ids: `SELECT ` + id + ` FROM ` + table + ` ORDER BY ` + id,
		selectOne: `SELECT current, CASE WHEN previous_until > now() THEN previous END FROM ` + table + `
WHERE ` + id + ` = $1 FOR UPDATE`,
		update: `UPDATE ` + table + ` SET current = $2, previous = $3,
	previous_until = CASE WHEN $3::bytea IS NULL THEN NULL ELSE previous_until END WHERE ` + id + ` = $1`,
	}
}

var sealedTables = []sealedTable{
	sealedIn("app", "app_secrets", "app_id", secretPurpose),
	sealedIn("webhook subscription", "webhook_secrets", "subscription_id", webhookSecretPurpose),
}

// Reseal seals every secret anew that is not sealed with the first key, so that the others are not needed any more.
// Secrets whose key is not set stay as they are, and are counted. One that has expired is removed. The error may be
// [seal.ErrNoKeys].
func (s *Store) Reseal(ctx context.Context) (Sealed, error) {
	done := Sealed{ByKey: map[string]int{}}
	if s.secrets.Empty() {
		return done, seal.ErrNoKeys
	}
	for _, table := range sealedTables {
		rows, err := s.pool.Query(ctx, table.ids)
		var ids []fulfillment.ID
		if err == nil {
			ids, err = pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
		}
		for _, id := range ids {
			if err == nil {
				err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return s.reseal(ctx, tx, table, id, &done) })
			}
		}
		if err != nil {
			return done, fmt.Errorf("seal secrets anew: %w", translate(err))
		}
	}
	return done, nil
}

func (s *Store) reseal(ctx context.Context, tx pgx.Tx, table sealedTable, id fulfillment.ID, done *Sealed) error {
	var current, previous []byte
	err := tx.QueryRow(ctx, table.selectOne, id).Scan(&current, &previous)
	if errors.Is(err, pgx.ErrNoRows) { // It went meanwhile, with what it belonged to.
		return nil
	}
	if err != nil {
		return err
	}
	for _, sealed := range []*[]byte{&current, &previous} {
		if *sealed == nil {
			continue
		}
		if !s.secrets.IsCurrent(*sealed) {
			secret, err := s.secrets.Open(table.purpose(id), *sealed)
			switch {
			case errors.Is(err, seal.ErrUnknownKey):
			case err != nil:
				return fmt.Errorf("%s %d: %w", table.of, id, err)
			default:
				if *sealed, err = s.secrets.Seal(table.purpose(id), secret); err != nil {
					return err
				}
				done.Resealed++
			}
		}
		done.ByKey[s.secrets.IDOf(*sealed)]++
	}
	_, err = tx.Exec(ctx, table.update, id, current, previous)
	return err
}

// SecretsKeys are the IDs of the keys that are set, the first one first.
func (s *Store) SecretsKeys() []string { return s.secrets.IDs() }
