package postgres

import (
	"context"
	"fmt"
)

// CountOrders counts the orders that the search finds, of [OrderSearch]: at most limit of them, nil for all. It also
// tells whether that is all of them. A negative limit is refused with a *[fulfillment.Error].
func (s *Store) CountOrders(ctx context.Context, search Search, limit *int) (n int, all bool, err error) {
	var c conditions
	search.of("o").addTo(&c, "")
	c.sql += c.scattered
	if n, all, err = s.count(ctx, "orders o", c, limit); err != nil {
		return 0, false, fmt.Errorf("count orders: %w", translate(err))
	}
	return n, all, nil
}

// count counts the rows of a table that are there under the conditions, as [Store.CountOrders] does.
func (s *Store) count(ctx context.Context, table string, c conditions, limit *int) (n int, all bool, err error) {
	from := "SELECT 1 FROM " + table + " WHERE true" + c.sql
	if limit != nil {
		if *limit < 0 {
			return 0, false, refused("limit", "limit must not be negative (is %d).", *limit)
		}
		from += fmt.Sprintf(" LIMIT %d", int64(*limit)+1)
	}
	if err := s.pool.QueryRow(ctx, "SELECT count(*) FROM ("+from+") AS found", c.args...).Scan(&n); err != nil {
		return 0, false, err
	}
	if limit != nil && n > *limit {
		return *limit, false, nil
	}
	return n, true, nil
}
