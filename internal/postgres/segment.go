package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// listed is a table that a list reads.
type listed struct {
	table, alias string
	// what it can be sorted by beside the ID: the expression that is indexed together with it
	keys    map[Sort]string
	columns string // of an item, by the alias
	parent  string // the expression that is its parent's ID, where an item is not found by its own ID alone; "": it is
}

// nearest is how many items of a list are looked at one after the other for what is scattered in it. The planner takes
// it for evenly spread, and would go through a million to find what changed today, which is at the end. But when the
// nearest have too few, all that there are is found first, by an index of its own, and then sorted: as many as are
// wanted of many are mostly near.
const nearest = "500"

// query is the statement that reads a segment. Its columns are the parent's ID, whether something comes before and
// behind the segment, the place of an item and the item's columns; all of an item is NULL when the segment is empty.
// With parents, each of them ($1) has a list of its own, and the conditions say what its items have to do with
// parent.id; without, there is one list.
func (s span) query(list listed, c conditions, parents bool) (string, []any) {
	key, at := list.keys[s.sort], "NULL::timestamptz"
	row := list.alias + ".id"
	if key != "" {
		row, at = "("+key+", "+row+")", key
	}
	place := func(p *Place) string {
		if key == "" {
			c.args = append(c.args, p.ID)
			return fmt.Sprintf("$%d", len(c.args))
		}
		c.args = append(c.args, p.At, p.ID)
		return fmt.Sprintf("($%d, $%d)", len(c.args)-1, len(c.args))
	}
	// first selects the first IDs of the list from a place on, and nothing more, so that an index alone may answer: a
	// planner that has to fetch rows may prefer to filter those of a longer list. An index has the order of the list
	// for each of the values that a column may have, not for all of them together.
	first := func(where string, descending bool, limit string) string {
		from := func(table, where string) string {
			return "SELECT " + list.alias + ".id, " + at + " AS place FROM " + table + " " + list.alias +
				" WHERE true" + where
		}
		end := func(alias, key, limit string) string {
			return " ORDER BY " + order(alias, key, descending) + " LIMIT " + limit
		}
		one := from(list.table, where) + end(list.alias, key, limit)
		if c.scattered != "" {
			near := "(SELECT * FROM " + list.table + " " + list.alias + " WHERE true" + where +
				end(list.alias, key, nearest) + ")"
			one = "WITH near AS MATERIALIZED (" + from(near, c.scattered) + end(list.alias, key, limit) + ")" +
				" SELECT found.id, found.place FROM (SELECT near.id, near.place FROM near WHERE (SELECT count(*) " +
				"FROM near) >= " + limit +
				" UNION ALL SELECT far.id, far.place FROM (" + from(list.table, where+c.scattered) +
				" AND (SELECT count(*) FROM near) < " + limit + " OFFSET 0) AS far) AS found" +
				end("found", "found.place", limit)
		}
		if c.each == "" {
			return one
		}
		return "SELECT found.id, found.place FROM unnest(" + c.each + ") AS each (id) CROSS JOIN LATERAL (" + one +
			") AS found" +
			end("found", "found.place", limit)
	}
	// exists asks for the nearest item on the other side of a place. That the place was given says nothing: its item
	// may be gone from the list, and others, too.
	exists := func(where string, descending bool) string {
		return "(SELECT true FROM (" + first(c.sql+where, descending, "1") + ") AS nearest) IS NOT NULL"
	}
	later, notLater, earlier, notEarlier := " > ", " <= ", " < ", " >= "
	if s.descending {
		later, notLater, earlier, notEarlier = earlier, notEarlier, later, notLater
	}
	where, before, behind := c.sql, "false", "false"
	if s.after != nil {
		p := place(s.after)
		where += " AND " + row + later + p
		before = exists(" AND "+row+notLater+p, !s.descending)
	}
	if s.before != nil {
		p := place(s.before)
		where += " AND " + row + earlier + p
		behind = exists(" AND "+row+notEarlier+p, s.descending)
	}
	parent := "(VALUES (0::bigint))"
	if parents {
		parent = "unnest($1::bigint[])"
	}
	// One item more than the segment has, to know whether there are more. It is no argument: a planner that does not
	// know how few are wanted plans anew every time, which takes longer than to find them.
	limit := strconv.Itoa(s.limit + 1)
	backward := s.descending != s.fromEnd
	of := ""
	if list.parent != "" {
		of = " AND " + list.parent + " = parent.id"
	}
	return `
SELECT parent.id, edges.before, edges.behind, found.id, found.place, ` + list.columns + `
FROM ` + parent + ` AS parent (id)
CROSS JOIN LATERAL (SELECT ` + before + ` AS before, ` + behind + ` AS behind) AS edges
LEFT JOIN LATERAL (` + first(where, backward, limit) + `) AS found ON true
LEFT JOIN ` + list.table + " " + list.alias + ` ON ` + list.alias + `.id = found.id` + of + `
ORDER BY parent.id, ` + order("found", "found.place", backward), c.args
}

// order sorts by a key and then by the alias's ID.
func order(alias, key string, descending bool) string {
	direction := ""
	if descending {
		direction = " DESC"
	}
	if key == "" {
		return alias + ".id" + direction
	}
	return key + direction + ", " + alias + ".id" + direction
}

// segments reads the segment of each parent, by parent; 0 is the only one when there are no parents. item gives where
// to scan an item's columns, each of them NULL when there is no item, and what to do then to get the item.
func segments[T any](ctx context.Context, st *Store, s span, list listed, c conditions, parents bool,
	item func() (columns []any, get func() T)) (map[fulfillment.ID]Segment[T], error) {
	query, args := s.query(list, c, parents)
	if c.scattered != "" { // How many there are, and so the plan, is a matter of the arguments.
		args = append([]any{pgx.QueryExecModeCacheDescribe}, args...)
	}
	rows, err := st.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	read := map[fulfillment.ID]*Segment[T]{}
	var parent fulfillment.ID
	var before, behind bool
	var id *fulfillment.ID
	var at *time.Time
	for rows.Next() {
		columns, get := item()
		if err := rows.Scan(append([]any{&parent, &before, &behind, &id, &at}, columns...)...); err != nil {
			rows.Close()
			return nil, err
		}
		g := read[parent]
		if g == nil {
			g = &Segment[T]{Items: []T{}, Cursors: []string{}, HasPrevious: before, HasNext: behind}
			read[parent] = g
		}
		if id == nil {
			continue
		}
		p := Place{Sort: s.sort, ID: *id}
		if at != nil {
			p.At = *at
		}
		g.Items, g.Cursors = append(g.Items, get()), append(g.Cursors, p.String())
	}
	finished := make(map[fulfillment.ID]Segment[T], len(read))
	for parent, g := range read {
		finished[parent] = inOrder(s, *g)
	}
	return finished, rows.Err()
}

// inOrder takes off the item that was one too many, and brings the segment into the order of the list.
func inOrder[T any](s span, g Segment[T]) Segment[T] {
	if len(g.Items) > s.limit {
		g.Items, g.Cursors = g.Items[:s.limit], g.Cursors[:s.limit]
		if s.fromEnd {
			g.HasPrevious = true
		} else {
			g.HasNext = true
		}
	}
	if s.fromEnd {
		slices.Reverse(g.Items)
		slices.Reverse(g.Cursors)
	}
	return g
}
