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

const tokenColumns = `id, app_id, last_four, created_at, last_used_at, revoked_at`

const insertToken = `INSERT INTO tokens (id, app_id, hash, last_four) VALUES ($1, $2, $3, $4) RETURNING ` + tokenColumns

const selectTokens = `SELECT ` + tokenColumns + ` FROM tokens WHERE $1::bigint = 0 OR app_id = $1 ORDER BY id`

const revokeToken = `UPDATE tokens SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING ` + tokenColumns

const selectCaller = `
SELECT t.hash, t.id, a.id, a.handle, a.name, a.scopes, a.created_at,
	array(SELECT s.id FROM services s WHERE s.app_id = a.id ORDER BY s.id)
FROM tokens t JOIN apps a ON a.id = t.app_id
WHERE t.hash = $1 AND t.revoked_at IS NULL`

const recordTokenUses = `
UPDATE tokens t SET last_used_at = u.at
FROM unnest($1::bigint[], $2::timestamptz[]) AS u (id, at)
WHERE t.id = u.id AND (t.last_used_at IS NULL OR t.last_used_at < u.at)`

// accessChannel is where the triggers of the migration tell about changes.
const accessChannel = "packhorse_access"

// CreateToken makes a token for an app. Its text is returned here and never again: only its hash is stored.
// [fulfillment.ErrNotFound] when there is no such app.
func (s *Store) CreateToken(ctx context.Context, appID fulfillment.ID) (access.Token, string, error) {
	text := access.NewToken()
	hash, _ := access.HashToken(text) // It is a token.
	token, err := s.token(ctx, insertToken, s.minter.Mint(), appID, hash[:], text[len(text)-4:])
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == foreignKeyViolation {
		err = fulfillment.ErrNotFound
	}
	if err != nil {
		return access.Token{}, "", fmt.Errorf("create a token for app %d: %w", appID, translate(err))
	}
	return token, text, nil
}

// Tokens lists the tokens of an app, or of all apps for 0, the oldest first, with those that are revoked.
func (s *Store) Tokens(ctx context.Context, appID fulfillment.ID) ([]access.Token, error) {
	rows, err := s.pool.Query(ctx, selectTokens, appID)
	if err == nil {
		var tokens []access.Token
		if tokens, err = pgx.CollectRows(rows, scanToken); err == nil {
			return tokens, nil
		}
	}
	return nil, fmt.Errorf("list tokens: %w", translate(err))
}

// RevokeToken makes a token worthless for ever. Doing it again changes nothing. [fulfillment.ErrNotFound] when there is
// no such token.
func (s *Store) RevokeToken(ctx context.Context, id fulfillment.ID) (access.Token, error) {
	token, err := s.token(ctx, revokeToken, id)
	if err != nil {
		return access.Token{}, fmt.Errorf("revoke token %d: %w", id, translate(err))
	}
	return token, nil
}

// Caller is who has the token with this hash, with the app's scopes and the fulfillment services that it owns, in one
// statement; [access.ErrUnknownToken] when the token is unknown or revoked.
func (s *Store) Caller(ctx context.Context, hash access.Hash) (access.Caller, error) {
	var c access.Caller
	var stored []byte
	err := s.pool.QueryRow(ctx, selectCaller, hash[:]).Scan(&stored, &c.TokenID, &c.App.ID, &c.App.Handle, &c.App.Name,
		&c.App.Scopes, &c.App.CreatedAt, &c.Services)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return access.Caller{}, fmt.Errorf("look a token up: %w", translate(err))
	}
	// The index has searched, and its time tells nothing but of a hash; the comparison does not trust it.
	if err != nil || len(stored) != len(hash) || !hash.Equal(access.Hash(stored)) {
		return access.Caller{}, access.ErrUnknownToken
	}
	return c, nil
}

// RecordTokenUses writes when tokens, by their IDs, were used last. An older time than the one that is stored changes
// nothing.
func (s *Store) RecordTokenUses(ctx context.Context, uses map[fulfillment.ID]time.Time) error {
	ids, times := make([]fulfillment.ID, 0, len(uses)), make([]time.Time, 0, len(uses))
	for id, at := range uses {
		ids, times = append(ids, id), append(times, at)
	}
	if _, err := s.pool.Exec(ctx, recordTokenUses, ids, times); err != nil {
		return fmt.Errorf("record when tokens were used: %w", translate(err))
	}
	return nil
}

// WatchAccess calls changed once it is watching, and then after every change of a token, an app or the ownership of a
// fulfillment service, until ctx ends or the connection breaks. It takes a connection of its own, beside those of
// the pool. Behind a pooler nobody hears of anything: it only waits for the end.
func (s *Store) WatchAccess(ctx context.Context, changed func()) error {
	if s.pooled {
		<-ctx.Done()
		return ctx.Err()
	}
	conn, err := s.listen(ctx, accessChannel)
	if err != nil {
		return fmt.Errorf("watch access: %w", err)
	}
	defer hangUp(ctx, conn)
	for {
		changed()
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return fmt.Errorf("watch access: %w", err)
		}
	}
}

func (s *Store) token(ctx context.Context, statement string, args ...any) (access.Token, error) {
	rows, err := s.pool.Query(ctx, statement, args...)
	if err != nil {
		return access.Token{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanToken)
}

func scanToken(row pgx.CollectableRow) (t access.Token, err error) {
	err = row.Scan(&t.ID, &t.AppID, &t.LastFour, &t.CreatedAt, &t.LastUsedAt, &t.RevokedAt)
	return t, err
}
