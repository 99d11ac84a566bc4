package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

const insertAppSecret = `INSERT INTO app_secrets (app_id, current) VALUES ($1, $2) ON CONFLICT (app_id) DO NOTHING`

const selectAppSecret = `
SELECT current, made_at, CASE WHEN previous_until > now() THEN previous END,
	CASE WHEN previous_until > now() THEN previous_until END
FROM app_secrets WHERE app_id = $1`

const rotateAppSecret = `
UPDATE app_secrets SET previous = current, previous_until = now() + $3::interval, current = $2, made_at = now()
WHERE app_id = $1`

const revokeOldSecret = `UPDATE app_secrets SET previous = NULL, previous_until = NULL WHERE app_id = $1`

// Secrets is what an app's webhooks and callbacks are signed with: the current secret and, while a rotation lasts, the
// one before it, else "". [seal.ErrNoKeys] and [seal.ErrUnknownKey] are about the settings of this process.
func (s *Store) Secrets(ctx context.Context, appID fulfillment.ID) (current, previous string, err error) {
	secret, err := s.AppSecret(ctx, appID)
	return secret.Current, secret.Previous, err
}

// AppSecret is an app's secret with its times; an app that has none yet, because it is older than secrets are, gets
// one. [fulfillment.ErrNotFound] when there is no such app.
func (s *Store) AppSecret(ctx context.Context, appID fulfillment.ID) (access.Secret, error) {
	secret, err := s.appSecret(ctx, s.pool, appID)
	if errors.Is(err, pgx.ErrNoRows) {
		if err = s.makeSecret(ctx, s.pool, appID); err == nil {
			secret, err = s.appSecret(ctx, s.pool, appID)
		}
	}
	if err != nil {
		return access.Secret{}, fmt.Errorf("read the secret of app %d: %w", appID, translate(err))
	}
	return secret, nil
}

// RotateSecret gives an app a new secret. The one before it stays good for [access.Grace]. While an earlier rotation
// lasts it is refused with a *[fulfillment.Error]: receivers that still have the oldest would be cut off.
func (s *Store) RotateSecret(ctx context.Context, appID fulfillment.ID) (access.Secret, error) {
	if _, err := s.AppSecret(ctx, appID); err != nil { // It makes the first one.
		return access.Secret{}, err
	}
	var rotated access.Secret
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT FROM app_secrets WHERE app_id = $1 FOR UPDATE`, appID); err != nil {
			return err
		}
		now, err := s.appSecret(ctx, tx, appID)
		if err != nil {
			return err
		}
		if now.Previous != "" {
			return refused("app", "The secret was rotated already, and the one before it is good until %s: when every "+
				"receiver has the new one, revoke the old one (packhorse app secret revoke-old).",
				now.PreviousUntil.Format(time.RFC3339))
		}
		sealed, err := s.secrets.Seal(secretPurpose(appID), access.NewSecret())
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, rotateAppSecret, appID, sealed, access.Grace); err != nil {
			return err
		}
		rotated, err = s.appSecret(ctx, tx, appID)
		return err
	})
	if err != nil {
		return access.Secret{}, fmt.Errorf("rotate the secret of app %d: %w", appID, translate(err))
	}
	return rotated, nil
}

// RevokeOldSecret ends a rotation: the secret before the current one is worthless from now on. Doing it again changes
// nothing.
func (s *Store) RevokeOldSecret(ctx context.Context, appID fulfillment.ID) (access.Secret, error) {
	if _, err := s.pool.Exec(ctx, revokeOldSecret, appID); err != nil {
		return access.Secret{}, fmt.Errorf("revoke the old secret of app %d: %w", appID, translate(err))
	}
	return s.AppSecret(ctx, appID)
}

// querier is a pool or a transaction.
type querier interface {
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// makeSecret gives an app its first secret. One that it has stays.
func (s *Store) makeSecret(ctx context.Context, db querier, appID fulfillment.ID) error {
	sealed, err := s.secrets.Seal(secretPurpose(appID), access.NewSecret())
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, insertAppSecret, appID, sealed)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == foreignKeyViolation {
		return fulfillment.ErrNotFound
	}
	return err
}

func (s *Store) appSecret(ctx context.Context, db querier, appID fulfillment.ID) (access.Secret, error) {
	return s.openSecret(db.QueryRow(ctx, selectAppSecret, appID), secretPurpose(appID))
}

// openSecret reads a secret that is sealed for a purpose.
func (s *Store) openSecret(row pgx.Row, purpose string) (access.Secret, error) {
	var secret access.Secret
	var current, previous []byte
	if err := row.Scan(&current, &secret.MadeAt, &previous, &secret.PreviousUntil); err != nil {
		return access.Secret{}, err
	}
	var err error
	if secret.Current, err = s.secrets.Open(purpose, current); err != nil {
		return access.Secret{}, err
	}
	if previous != nil {
		if secret.Previous, err = s.secrets.Open(purpose, previous); err != nil {
			return access.Secret{}, err
		}
	}
	return secret, nil
}

// secretPurpose is what an app's secret is sealed for.
func secretPurpose(appID fulfillment.ID) string { return "app-secret/" + appID.String() }
