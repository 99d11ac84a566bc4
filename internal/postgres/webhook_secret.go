package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

const selectWebhookSecret = `
SELECT current, made_at, CASE WHEN previous_until > now() THEN previous END,
	CASE WHEN previous_until > now() THEN previous_until END
FROM webhook_secrets WHERE subscription_id = $1`

const rotateWebhookSecret = `
INSERT INTO webhook_secrets (subscription_id, current, previous, previous_until)
VALUES ($1, $2, $3, now() + $4::interval)
ON CONFLICT (subscription_id) DO UPDATE SET current = excluded.current, made_at = excluded.made_at,
	previous = excluded.previous, previous_until = excluded.previous_until`

const revokeOldWebhookSecret = `
UPDATE webhook_secrets SET previous = NULL, previous_until = NULL WHERE subscription_id = $1`

// WebhookSecret is the secret that a subscription has of its own; the zero value when it has none, and is signed with
// its app's. The errors are those of [Store.Secrets].
func (s *Store) WebhookSecret(ctx context.Context, id fulfillment.ID) (access.Secret, error) {
	secret, err := s.webhookSecret(ctx, s.pool, id)
	if err != nil {
		return access.Secret{}, fmt.Errorf("read the secret of webhook subscription %d: %w", id, translate(err))
	}
	return secret, nil
}

// RotateWebhookSecret gives a subscription a new secret of its own. The one before it, at first its app's, stays good
// for [access.Grace]; while that lasts it is refused with a *[fulfillment.Error]. [fulfillment.ErrNotFound] when there
// is no such subscription.
func (s *Store) RotateWebhookSecret(ctx context.Context, id fulfillment.ID) (access.Secret, error) {
	var rotated access.Secret
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var appID fulfillment.ID
		err := tx.QueryRow(ctx, `SELECT app_id FROM webhook_subscriptions WHERE id = $1 FOR NO KEY UPDATE`, id).Scan(&appID)
		if err != nil {
			return err
		}
		before, err := s.webhookSecret(ctx, tx, id)
		if err != nil {
			return err
		}
		if before.Previous != "" {
			return refused("id", "The secret was rotated already, and the one before it is good until %s: when the "+
				"receiver has the new one, revoke the old one (packhorse webhook secret revoke-old).",
				before.PreviousUntil.Format(time.RFC3339))
		}
		if before.Current == "" {
			if before, err = s.appSecret(ctx, tx, appID); err != nil {
				return err
			}
		}
		current, err := s.secrets.Seal(webhookSecretPurpose(id), access.NewSecret())
		if err != nil {
			return err
		}
		previous, err := s.secrets.Seal(webhookSecretPurpose(id), before.Current)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, rotateWebhookSecret, id, current, previous, access.Grace); err != nil {
			return err
		}
		rotated, err = s.webhookSecret(ctx, tx, id)
		return err
	})
	if err != nil {
		return access.Secret{}, fmt.Errorf("rotate the secret of webhook subscription %d: %w", id, translate(err))
	}
	return rotated, nil
}

// RevokeOldWebhookSecret ends a rotation of [Store.RotateWebhookSecret]. Doing it again changes nothing.
func (s *Store) RevokeOldWebhookSecret(ctx context.Context, id fulfillment.ID) error {
	if _, err := s.pool.Exec(ctx, revokeOldWebhookSecret, id); err != nil {
		return fmt.Errorf("revoke the old secret of webhook subscription %d: %w", id, translate(err))
	}
	return nil
}

func (s *Store) webhookSecret(ctx context.Context, db querier, id fulfillment.ID) (access.Secret, error) {
	secret, err := s.openSecret(db.QueryRow(ctx, selectWebhookSecret, id), webhookSecretPurpose(id))
	if errors.Is(err, pgx.ErrNoRows) {
		return access.Secret{}, nil
	}
	return secret, err
}

// webhookSecretPurpose is what a subscription's secret is sealed for.
func webhookSecretPurpose(id fulfillment.ID) string { return "webhook-secret/" + id.String() }
