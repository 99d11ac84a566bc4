package postgres

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
)

// SortName orders locations by their name, without regard to case.
const SortName Sort = "NAME"

// locationSorts are what locations can be sorted by.
var locationSorts = map[Sort]string{SortID: "l.id", SortCreatedAt: "l.created_at", SortName: "lower(l.name)"}

// LocationList asks for locations. Deleted ones are never listed.
type LocationList struct {
	Window                 // sorts: ID, CREATED_AT, NAME
	Search          Search // of [LocationSearch]; zero: any
	IncludeInactive bool
	IncludeServices bool // those that services run, too
}

// ListLocations lists locations, each with the service that runs it. A window that makes no sense is refused with a
// *[fulfillment.Error].
func (s *Store) ListLocations(ctx context.Context, list LocationList) (Segment[fulfillment.Location], error) {
	query, args, err := list.query()
	if err != nil {
		return Segment[fulfillment.Location]{}, err
	}
	of := Segment[fulfillment.Location]{Items: []fulfillment.Location{}, Cursors: []string{}}
	var ids []fulfillment.ID
	err = s.pool.QueryRow(ctx, query, args...).Scan(&of.HasPrevious, &of.HasNext, &ids)
	if err != nil {
		return of, fmt.Errorf("list locations: %w", translate(err))
	}
	if len(ids) == 0 {
		return of, nil
	}
	locations, err := s.LocationsByID(ctx, ids)
	if err != nil {
		return of, err
	}
	for _, l := range locations {
		if l != nil { // Else it was deleted since.
			of.Items, of.Cursors = append(of.Items, *l), append(of.Cursors, Place{Sort: SortID, ID: l.ID}.String())
		}
	}
	return of, nil
}

// query is the statement for the IDs of the list's part, and whether something comes before and behind it. A cursor of
// a location is its ID, whatever the list is sorted by: locations are never removed from the table, so the value that
// belongs to it can be looked up.
func (l LocationList) query() (string, []any, error) {
	key, ok := locationSorts[l.Sort]
	if l.Sort == "" {
		key, ok = locationSorts[SortID], true
	}
	if !ok {
		return "", nil, refused("sortKey", "This list can't be sorted by %s.", shortText(string(l.Sort)))
	}
	l.Sort = SortID // Of the cursors.
	span, err := l.check(SortID)
	if err != nil {
		return "", nil, err
	}
	c := conditions{sql: " AND l.deleted_at IS NULL"}
	if !l.IncludeInactive {
		c.sql += " AND l.active"
	}
	if !l.IncludeServices {
		c.sql += " AND l.service_id IS NULL"
	}
	l.Search.of("l").add(&c)

	later, earlier, forwards, backwards := ">", "<", "ASC", "DESC"
	if span.descending {
		later, earlier, forwards, backwards = earlier, later, backwards, forwards
	}
	beside := func(p *Place, compare string) string {
		c.args = append(c.args, p.ID)
		return fmt.Sprintf(
			"(%s, l.id) %s (SELECT %s, l.id FROM locations l WHERE l.id = $%d)", key, compare, key, len(c.args),
		)
	}
	from := " FROM locations l WHERE true" + c.sql
	before, behind, within := "false", "false", ""
	if span.after != nil {
		before = "EXISTS (SELECT" + from + " AND " + beside(span.after, earlier+"=") + ")"
		within += " AND " + beside(span.after, later)
	}
	if span.before != nil {
		behind = "EXISTS (SELECT" + from + " AND " + beside(span.before, later+"=") + ")"
		within += " AND " + beside(span.before, earlier)
	}
	walk, more := forwards, &behind
	if span.fromEnd {
		walk, more = backwards, &before
	}
	// One more than the part has tells whether there are more.
	c.args = append(c.args, span.limit, span.limit+1)
	limit, probe := len(c.args)-1, len(c.args)
	*more += fmt.Sprintf(" OR count(*) > $%d", limit)
	return fmt.Sprintf(`
SELECT %s, %s, coalesce(array_agg(id ORDER BY key %s, id %s) FILTER (WHERE number <= $%d), '{}')
FROM (SELECT l.id, %s AS key, row_number() OVER (ORDER BY %s %s, l.id %s) AS number%s ORDER BY 3 LIMIT $%d) AS part`,
		before, behind, forwards, forwards, limit, key, key, walk, walk, from+within, probe), c.args, nil
}
