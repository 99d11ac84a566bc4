package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

const subscriptionColumns = `s.id, s.app_id, s.by_operator, s.topic, s.uri, s.format, s.filter, s.include_fields,
	s.metafield_namespaces, s.metafields, s.name, s.api_version, s.state, s.state_reason, s.state_since, s.created_at,
	s.updated_at, coalesce(s.timeout_ms, 0), coalesce(s.concurrency, 0)`

const selectSubscriptions = `SELECT ` + subscriptionColumns + ` FROM webhook_subscriptions s`

const insertSubscription = `
INSERT INTO webhook_subscriptions AS s (id, app_id, by_operator, topic, uri, format, filter, include_fields,
	metafield_namespaces, metafields, name, api_version, address, timeout_ms, concurrency, cursor)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, nullif($14, 0), nullif($15, 0), position FROM feed_cursor RETURNING ` + subscriptionColumns

// A receiver that said that it is gone has another address then: it is worth a try.
const updateSubscription = `
UPDATE webhook_subscriptions s SET uri = $2, format = $3, filter = $4, include_fields = $5, metafield_namespaces = $6,
	metafields = $7, name = $8, api_version = $9, address = $10, updated_at = clock_timestamp(),
	timeout_ms = nullif($11, 0), concurrency = nullif($12, 0),
	state = CASE WHEN again.yes THEN 'ENABLED' ELSE s.state END,
	state_reason = CASE WHEN again.yes THEN 'It has another address.' ELSE s.state_reason END,
	state_since = CASE WHEN again.yes THEN clock_timestamp() ELSE s.state_since END
FROM (SELECT id, state = 'DISABLED' AND uri <> $2 AS yes FROM webhook_subscriptions WHERE id = $1) AS again
WHERE s.id = again.id RETURNING ` + subscriptionColumns

const setSubscriptionState = `
UPDATE webhook_subscriptions s SET state = $2, state_reason = $3,
	state_since = CASE WHEN s.state = $2 THEN s.state_since ELSE clock_timestamp() END,
	followed_at = CASE WHEN s.state = $2 THEN s.followed_at END
WHERE id = $1 RETURNING ` + subscriptionColumns

// Whoever adds or changes one of an app's subscriptions does so alone.
const (
	lockSubscriber   = `SELECT FROM apps WHERE id = $1 FOR NO KEY UPDATE`
	lockSubscriberOf = `
SELECT FROM apps WHERE id = (SELECT app_id FROM webhook_subscriptions WHERE id = $1) FOR NO KEY UPDATE`
)

const subscribedTexts = `
SELECT coalesce(sum(octet_length(uri) + coalesce(octet_length(filter), 0) +
	octet_length(array_to_string(include_fields, '') || array_to_string(metafield_namespaces, '')) +
	octet_length(metafields::text)), 0), count(*)
FROM webhook_subscriptions WHERE app_id = $1 AND by_operator = $2`

const deleteSubscription = `DELETE FROM webhook_subscriptions WHERE id = $1`

// AddSubscription adds a subscription, and returns it as it is stored; an ID of 0 is filled in. Adding the same one
// again, with its ID, changes nothing. One whose address or name another one of the same owner has, or that lets all of
// them grow too big or too many, is refused with a *[fulfillment.Error]; [fulfillment.ErrNotFound] when there is no
// such app. What it says is checked by [webhook.Rules.Check], not here.
func (s *Store) AddSubscription(ctx context.Context, sub webhook.Subscription) (webhook.Subscription, error) {
	if sub.ID == 0 {
		sub.ID = s.minter.Mint()
	}
	sub.Filter = cleaned(sub.Filter)
	metafields, err := encode(append([]webhook.Metafield{}, sub.Metafields...))
	if err != nil {
		return webhook.Subscription{}, err
	}
	address := sub.Address()
	var added webhook.Subscription
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockSubscriber, sub.AppID); err != nil {
			return err
		}
		var err error
		added, err = s.subscription(ctx, tx, insertSubscription, sub.ID, sub.AppID, sub.ByOperator, sub.Topic, sub.URI,
			sub.Format, sub.Filter, texts(sub.IncludeFields), texts(sub.MetafieldNamespaces), metafields, sub.Name,
			sub.APIVersion, address[:], sub.TimeoutMS, sub.Concurrency)
		if err != nil {
			return err
		}
		return haveRoom(ctx, tx, added)
	})
	switch {
	case fulfillment.AsRefusals(err) != nil:
		return webhook.Subscription{}, err
	case violates(err):
		return s.subscriptionAddedBefore(ctx, sub, err)
	case err != nil:
		return webhook.Subscription{}, fmt.Errorf("add a webhook subscription: %w", noApp(translate(err)))
	}
	return added, nil
}

// haveRoom refuses a subscription that lets those of its app grow too big, or too many.
func haveRoom(ctx context.Context, tx pgx.Tx, sub webhook.Subscription) error {
	var bytes, subscriptions int64
	if err := tx.QueryRow(ctx, subscribedTexts, sub.AppID, sub.ByOperator).Scan(&bytes, &subscriptions); err != nil {
		return err
	}
	switch {
	case subscriptions > webhook.MaxSubscriptions:
		return webhook.TooMany()
	case bytes > webhook.MaxTogether:
		return webhook.TooMuch()
	}
	return nil
}

// subscriptionAddedBefore is the stored subscription if one that could not be added is there already, and else what
// another one has taken from it.
func (s *Store) subscriptionAddedBefore(
	ctx context.Context, sub webhook.Subscription, conflict error,
) (webhook.Subscription, error) {
	stored, err := s.SubscriptionsByID(ctx, []fulfillment.ID{sub.ID})
	switch {
	case err != nil:
		return webhook.Subscription{}, err
	case stored[0] != nil && stored[0].AppID == sub.AppID && stored[0].Address() == sub.Address():
		return *stored[0], nil
	}
	return webhook.Subscription{}, taken(conflict)
}

// taken is the refusal of what another subscription has.
func taken(conflict error) error {
	if violates(conflict, "webhook_subscriptions_name_key") {
		return webhook.NameTaken()
	}
	return webhook.AddressTaken()
}

// UpdateSubscription changes a subscription to what change makes of it, but for its topic and its owner. The error of
// change ends it, and so does a *[fulfillment.Error] as of [Store.AddSubscription]: nothing has changed then. A
// disabled one that gets another address is enabled. [fulfillment.ErrNotFound] when there is none.
func (s *Store) UpdateSubscription(
	ctx context.Context, id fulfillment.ID, change func(webhook.Subscription) (webhook.Subscription, error),
) (webhook.Subscription, error) {
	var updated webhook.Subscription
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockSubscriberOf, id); err != nil {
			return err
		}
		stored, err := s.subscription(ctx, tx, selectSubscriptions+` WHERE s.id = $1 FOR UPDATE`, id)
		if err != nil {
			return translate(err)
		}
		sub, err := change(stored)
		if err != nil {
			return err
		}
		sub.Filter = cleaned(sub.Filter)
		metafields, err := encode(append([]webhook.Metafield{}, sub.Metafields...))
		if err != nil {
			return err
		}
		address := sub.Address()
		updated, err = s.subscription(ctx, tx, updateSubscription, id, sub.URI, sub.Format, sub.Filter,
			texts(sub.IncludeFields), texts(sub.MetafieldNamespaces), metafields, sub.Name, sub.APIVersion, address[:],
			sub.TimeoutMS, sub.Concurrency)
		if err != nil {
			return err
		}
		return haveRoom(ctx, tx, updated)
	})
	if violates(err) {
		return webhook.Subscription{}, taken(err)
	}
	if fulfillment.AsRefusals(err) != nil {
		return webhook.Subscription{}, err
	}
	if err != nil {
		return webhook.Subscription{}, fmt.Errorf("update webhook subscription %d: %w", id, translate(err))
	}
	return updated, nil
}

// DeleteSubscription removes a subscription; [fulfillment.ErrNotFound] when there is none.
func (s *Store) DeleteSubscription(ctx context.Context, id fulfillment.ID) error {
	deleted, err := s.pool.Exec(ctx, deleteSubscription, id)
	if err == nil && deleted.RowsAffected() == 0 {
		err = fulfillment.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("delete webhook subscription %d: %w", id, translate(err))
	}
	return nil
}

// SetSubscriptionState brings a subscription into a state, and says why. One that is in it already has the new reason,
// since when it was. [fulfillment.ErrNotFound] when there is none.
func (s *Store) SetSubscriptionState(
	ctx context.Context, id fulfillment.ID, state webhook.State, reason string,
) (webhook.Subscription, error) {
	sub, err := s.subscription(ctx, s.pool, setSubscriptionState, id, state, clean(reason))
	if err != nil {
		return webhook.Subscription{}, fmt.Errorf("set the state of webhook subscription %d: %w", id, translate(err))
	}
	return sub, nil
}

// rowQuerier is a pool or a transaction.
type rowQuerier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func (s *Store) subscription(
	ctx context.Context, db rowQuerier, statement string, args ...any,
) (webhook.Subscription, error) {
	rows, err := db.Query(ctx, statement, args...)
	if err != nil {
		return webhook.Subscription{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanSubscription)
}

func scanSubscription(row pgx.CollectableRow) (webhook.Subscription, error) {
	return scanSubscriptionAnd(row)
}

// scanSubscriptionAnd reads a subscription, and what the row has behind it.
func scanSubscriptionAnd(row pgx.CollectableRow, more ...any) (sub webhook.Subscription, err error) {
	err = row.Scan(append([]any{&sub.ID, &sub.AppID, &sub.ByOperator, &sub.Topic, &sub.URI, &sub.Format, &sub.Filter,
		&sub.IncludeFields, &sub.MetafieldNamespaces, &sub.Metafields, &sub.Name, &sub.APIVersion, &sub.State,
		&sub.StateReason, &sub.StateSince, &sub.CreatedAt, &sub.UpdatedAt, &sub.TimeoutMS, &sub.Concurrency,
	}, more...)...)
	return sub, err
}

// texts is a list as a column has it: never NULL, and without what PostgreSQL does not take.
func texts(list []string) []string {
	cleaned := make([]string, len(list))
	for i, text := range list {
		cleaned[i] = clean(text)
	}
	return cleaned
}

// noApp says that the app that something was to belong to is not there.
func noApp(err error) error {
	if errors.Is(err, fulfillment.ErrInvalid) {
		return fmt.Errorf("%w: %w", fulfillment.ErrNotFound, err)
	}
	return err
}
