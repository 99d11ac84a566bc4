package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/news"
)

// mostInOrder is how much news of a request is compared, the latest.
const mostInOrder = 1000

// ToldInOrder is what was told of the request that the news is about, of what its system counts.
func (s *Store) ToldInOrder(ctx context.Context, n news.Item) ([]news.Item, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+newsColumns+` FROM news n
WHERE n.service_id = $1 AND n.about ->> 'requestKey' = $2 AND n.sequence > 0 AND n.state = 'DONE' AND n.id <> $3
ORDER BY n.sequence DESC LIMIT $4`, n.ServiceID, n.About.RequestKey, n.ID, mostInOrder)
	var told []news.Item
	if err == nil {
		told, err = pgx.CollectRows(rows, scanNews)
	}
	if err != nil {
		return nil, fmt.Errorf("list what was told of request %s: %w", n.About.RequestKey, translate(err))
	}
	return told, nil
}

// TakeTurn lets news be told before all other news of its request that is told in order; false: it is another's turn.
// The turn ends with [Store.EndTurn], or after the time lease.
func (s *Store) TakeTurn(ctx context.Context, n news.Item, lease time.Duration) (bool, error) {
	tag, err := s.pool.Exec(ctx, `
INSERT INTO news_turns AS t (service_id, request_key, news_id, until)
VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))
ON CONFLICT (service_id, request_key) DO UPDATE SET news_id = excluded.news_id, until = excluded.until
WHERE t.until <= clock_timestamp() OR t.news_id = excluded.news_id`,
		n.ServiceID, n.About.RequestKey, n.ID, lease.Seconds())
	if err != nil {
		return false, fmt.Errorf("take the turn of request %s: %w", n.About.RequestKey, translate(err))
	}
	return tag.RowsAffected() == 1, nil
}

// EndTurn gives the turn back, if the news has it.
func (s *Store) EndTurn(ctx context.Context, n news.Item) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM news_turns WHERE service_id = $1 AND request_key = $2 AND news_id = $3`,
		n.ServiceID, n.About.RequestKey, n.ID)
	if err != nil {
		return fmt.Errorf("end the turn of request %s: %w", n.About.RequestKey, translate(err))
	}
	return nil
}
