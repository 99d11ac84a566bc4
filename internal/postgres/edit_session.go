package postgres

import (
	"context"
	"errors"
	"fmt"

	"packhorse/internal/fulfillment"
)

const editSessionColumns = ` id, order_id, app, version, changes, committed_at, created_at`

// BeginEdit opens an edit session of an order for an app; [fulfillment.ErrNotFound] when there is no such order.
func (s *Store) BeginEdit(ctx context.Context, orderID fulfillment.ID, app string) (fulfillment.EditSession, error) {
	session, err := s.editSession(ctx, `
INSERT INTO edit_sessions (id, order_id, app) SELECT $1, id, $3 FROM orders WHERE id = $2 RETURNING`+editSessionColumns,
		s.minter.Mint(), orderID, clean(app))
	if err != nil {
		return fulfillment.EditSession{}, fmt.Errorf("begin an edit of order %d: %w", orderID, translate(err))
	}
	return session, nil
}

// EditSession reads an edit session; [fulfillment.ErrNotFound] when there is none.
func (s *Store) EditSession(ctx context.Context, id fulfillment.ID) (fulfillment.EditSession, error) {
	session, err := s.editSession(ctx, `SELECT`+editSessionColumns+` FROM edit_sessions WHERE id = $1`, id)
	if err != nil {
		return fulfillment.EditSession{}, fmt.Errorf("read edit session %d: %w", id, translate(err))
	}
	return session, nil
}

// ChangeEdit changes what an edit session has gathered, and returns what it has then. When somebody else changes it
// meanwhile, change is called again with what is there by then. Its error ends the call unchanged; so does a session
// that was committed, with a *[fulfillment.Error].
func (s *Store) ChangeEdit(
	ctx context.Context, id fulfillment.ID, change func(*fulfillment.EditSession) error,
) (fulfillment.EditSession, error) {
	for {
		session, err := s.EditSession(ctx, id)
		if err != nil {
			return fulfillment.EditSession{}, err
		}
		if refused := session.CheckOpen(); refused != nil {
			return fulfillment.EditSession{}, refused
		}
		if err := change(&session); err != nil {
			return fulfillment.EditSession{}, err
		}
		changes, err := encode(session.Changes)
		if err != nil {
			return fulfillment.EditSession{}, err
		}
		changed, err := s.editSession(ctx, `
UPDATE edit_sessions SET changes = $3, version = version + 1, updated_at = now()
WHERE id = $1 AND version = $2 AND committed_at IS NULL RETURNING`+editSessionColumns, id, session.Version, changes)
		if err = translate(err); errors.Is(err, fulfillment.ErrNotFound) {
			continue // Sessions are never removed: somebody was faster.
		}
		if err != nil {
			return fulfillment.EditSession{}, fmt.Errorf("change edit session %d: %w", id, err)
		}
		return changed, nil
	}
}

// CommitEdit ends an edit session: its changes stay as they are, and are to be sent as
// [fulfillment.EditSession.Command] next. Committing again answers the same, so that a commit that was interrupted can
// be repeated.
func (s *Store) CommitEdit(ctx context.Context, id fulfillment.ID) (fulfillment.EditSession, error) {
	session, err := s.editSession(ctx, `
UPDATE edit_sessions SET committed_at = coalesce(committed_at, now()) WHERE id = $1 RETURNING`+editSessionColumns, id)
	if err != nil {
		return fulfillment.EditSession{}, fmt.Errorf("commit edit session %d: %w", id, translate(err))
	}
	return session, nil
}

// ReopenEdit lets a session be changed again whose changes were refused. It has another command ID from then on.
// version is that of the refused changes: a session that has moved on stays as it is.
func (s *Store) ReopenEdit(ctx context.Context, id fulfillment.ID, version int64) error {
	_, err := s.pool.Exec(ctx, `
UPDATE edit_sessions SET committed_at = NULL, version = version + 1, updated_at = now() WHERE id = $1 AND version =
	$2`, id, version)
	if err != nil {
		return fmt.Errorf("reopen edit session %d: %w", id, translate(err))
	}
	return nil
}

func (s *Store) editSession(ctx context.Context, query string, args ...any) (fulfillment.EditSession, error) {
	var e fulfillment.EditSession
	err := s.pool.QueryRow(ctx, query, args...).Scan(
		&e.ID, &e.OrderID, &e.App, &e.Version, &e.Changes, &e.CommittedAt, &e.CreatedAt,
	)
	return e, err
}
