package simulated

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/provider"
)

// Claim is Ledger's.
func (l *PostgresLedger) Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Task, error) {
	rows, err := l.pool.Query(ctx, `
		UPDATE simulated_provider.schedule AS s
		SET claimed_until = $2, attempts = s.attempts + 1
		FROM (SELECT id FROM simulated_provider.schedule
		      WHERE done_at IS NULL AND due_at <= $1 AND (claimed_until <= $1 OR claimed_until > $4)
		      ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
		WHERE s.id = due.id
		RETURNING s.id, s.key, s.fulfillment_order_id, s.service_id, s.fulfillment_id, s.due_at, s.attempts, s.action`,
		now, now.Add(lease), limit, now.Add(2*lease))
	if err != nil {
		return nil, fmt.Errorf("claim tasks: %w", err)
	}
	claimed, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Task, error) {
		var t Task
		err := row.Scan(
			&t.ID, &t.Key, &t.FulfillmentOrderID, &t.ServiceID, &t.FulfillmentID, &t.DueAt, &t.Attempts, &t.Step,
		)
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("claim tasks: %w", err)
	}
	slices.SortFunc(claimed, func(a, b Task) int { return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID)) })
	return claimed, nil
}

// Next is Ledger's.
func (l *PostgresLedger) Next(ctx context.Context, now time.Time) (time.Time, bool, error) {
	var due time.Time
	err := l.pool.QueryRow(ctx, `
		SELECT due_at FROM simulated_provider.schedule
		WHERE done_at IS NULL AND claimed_until <= $1 ORDER BY due_at LIMIT 1`, now).Scan(&due)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return time.Time{}, false, nil
	case err != nil:
		return time.Time{}, false, fmt.Errorf("find the next task: %w", err)
	}
	return due, true, nil
}

// Finish is Ledger's.
func (l *PostgresLedger) Finish(
	ctx context.Context, task Task, outcome string, said *provider.Answer, next []Task, drop string,
) error {
	err := pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error {
		now := time.Now()
		tag, err := tx.Exec(ctx, `
			UPDATE simulated_provider.schedule SET done_at = $2, outcome = $3 WHERE id = $1 AND done_at IS NULL`,
			task.ID, now, outcome)
		if err != nil || tag.RowsAffected() == 0 { // Whoever ended it has scheduled what follows.
			return err
		}
		if said != nil {
			_, err := tx.Exec(ctx, `UPDATE simulated_provider.effects SET said = $2 WHERE key = $1`, task.Key, said)
			if err != nil {
				return err
			}
		}
		return follow(ctx, tx, next, drop, now)
	})
	if err != nil {
		return fmt.Errorf("finish %s of %s: %w", task.Step.Name, task.Key, err)
	}
	return nil
}

// Postpone is Ledger's.
func (l *PostgresLedger) Postpone(ctx context.Context, task Task, due time.Time, problem string) error {
	_, err := l.pool.Exec(ctx, `
		UPDATE simulated_provider.schedule SET due_at = $2, claimed_until = '-infinity', problem = $3
		WHERE id = $1 AND done_at IS NULL`, task.ID, due, problem)
	if err != nil {
		return fmt.Errorf("postpone %s of %s: %w", task.Step.Name, task.Key, err)
	}
	return nil
}

// follow writes what follows an effect or a task, in the same transaction. A task that somebody is working on is not
// dropped: what comes of it is for the fulfillment order to say.
func follow(ctx context.Context, tx pgx.Tx, tasks []Task, drop string, now time.Time) error {
	batch := &pgx.Batch{}
	if drop != "" {
		batch.Queue(`
			UPDATE simulated_provider.schedule SET done_at = $2, outcome = 'dropped'
			WHERE key = $1 AND done_at IS NULL AND fulfillment_id = 0 AND claimed_until <= $2`, drop, now)
		batch.Queue(`
			UPDATE simulated_provider.effects e SET said = $2 WHERE key = $1 AND NOT EXISTS (
				SELECT FROM simulated_provider.schedule s
				WHERE s.key = $1 AND outcome = 'done' AND action ->> 'command' = 'CreateFulfillment')`, drop, ended)
	}
	for _, t := range tasks {
		action, err := json.Marshal(t.Step)
		if err != nil {
			return fmt.Errorf("write step %s: %w", t.Step.Name, err)
		}
		batch.Queue(`
			INSERT INTO simulated_provider.schedule (key, fulfillment_order_id, service_id, fulfillment_id, due_at,
				action)
			VALUES ($1, $2, $3, $4, $5, $6)`, t.Key, t.FulfillmentOrderID, t.ServiceID, t.FulfillmentID, t.DueAt, action)
	}
	if batch.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, batch).Close()
}
