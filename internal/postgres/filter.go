package postgres

import "fmt"

// conditions are the AND-ed conditions of a list's query, with their arguments.
type conditions struct {
	sql  string
	args []any
	each string // the array of which sql names one as each.id; "": none. See span.query.

	// scattered is more conditions: what they select, which may be few, stands anywhere in the order of the list. See
	// nearest.
	scattered string
}

// add takes a condition with %d in the place of the argument's number.
func (c *conditions) add(format string, arg any) {
	c.args = append(c.args, arg)
	c.sql += " AND " + fmt.Sprintf(format, len(c.args))
}

// whenAny asks for one of the values, if there are any.
func whenAny[T ~string](c *conditions, column string, values []T) {
	switch len(values) {
	case 0:
	case 1: // An equality lets the planner walk an index on the column in the order of the list.
		c.add(column+" = $%d", clean(string(values[0])))
	default:
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = clean(string(v))
		}
		c.add(column+" = ANY($%d)", texts)
	}
}
