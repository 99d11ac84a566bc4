package postgres

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// ReturnFilter narrows a list of returns; what is zero narrows nothing.
type ReturnFilter struct {
	OrderID  fulfillment.ID
	Statuses []returns.Status
}

// ReturnPage is a page of returns, without their last answers.
type ReturnPage = Results[*returns.Return]

// ReturnList lists returns as they were made: their IDs don't tell, because they are derived. The cursor is a return's
// ID all the same: no return goes, and none comes later than it did.
func (s *Store) ReturnList(ctx context.Context, filter ReturnFilter, page Page) (ReturnPage, error) {
	c := conditions{sql: "WHERE true"}
	whenAny(&c, "r.status", filter.Statuses)
	if filter.OrderID != 0 {
		c.add("r.order_id = $%d", filter.OrderID)
	}
	later, direction := ">", page.direction()
	if page.Reverse {
		later = "<"
	}
	if page.After != 0 {
		c.args = append(c.args, int64(page.After))
		c.sql += fmt.Sprintf(
			" AND (r.created_at, r.id) %s ((SELECT created_at FROM returns WHERE id = $%d), $%[2]d)",
			later, len(c.args),
		)
	}
	c.args = append(c.args, page.limit()+1)
	c.sql += fmt.Sprintf(" ORDER BY r.created_at%s, r.id%[1]s LIMIT $%d", direction, len(c.args))
	items, err := s.returns(ctx, c.sql, c.args...)
	if err != nil {
		return ReturnPage{}, fmt.Errorf("list returns: %w", translate(err))
	}
	return paged(items, page, func(r **returns.Return) int64 { return int64((*r).ID) }), nil
}
