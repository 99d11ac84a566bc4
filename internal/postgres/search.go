package postgres

import (
	"fmt"
	"slices"
	"strings"

	"packhorse/internal/search"
)

// Search is a search query as a condition on the rows of a list. The zero value holds for all of them.
type Search struct {
	sql   string // {} stands before each of the table's columns, ? in the place of each argument
	args  []any
	alias string

	ranges []string // the columns of which it asks for a range of values, as in sql
}

// FulfillmentOrderSearch makes a condition on fulfillment orders. A query that it can't take, because of a field that
// there is not or a value that the field doesn't have, is refused with a *[search.Error].
func FulfillmentOrderSearch(e search.Expr) (Search, error) { return fulfillmentOrderSearch.compile(e) }

// OrderSearch makes a condition on orders; see [FulfillmentOrderSearch].
func OrderSearch(e search.Expr) (Search, error) { return orderSearch.compile(e) }

// LocationSearch makes a condition on locations; see [FulfillmentOrderSearch].
func LocationSearch(e search.Expr) (Search, error) { return locationSearch.compile(e) }

// of is the same condition for a query that gives the table an alias.
func (s Search) of(alias string) Search {
	s.alias = alias + "."
	return s
}

// add asks for the rows that are searched.
func (s Search) add(c *conditions) {
	if s.sql == "" {
		return
	}
	pieces := strings.Split(strings.ReplaceAll(s.sql, "{}", s.alias), "?")
	c.sql += " AND " + pieces[0]
	for i, piece := range pieces[1:] {
		c.args = append(c.args, s.args[i])
		c.sql += fmt.Sprintf("$%d", len(c.args)) + piece
	}
}

// addTo asks for them in a list that is sorted by a key, in which a range of anything else is scattered.
func (s Search) addTo(c *conditions, key string) {
	if !slices.ContainsFunc(
		s.ranges, func(column string) bool { return strings.ReplaceAll(column, "{}", s.alias) != key },
	) {
		s.add(c)
		return
	}
	scattered := conditions{args: c.args}
	s.add(&scattered)
	c.args, c.scattered = scattered.args, c.scattered+scattered.sql
}

// compile translates a query; nil is one without terms.
func (s *SearchSpec) compile(e search.Expr) (Search, error) {
	if and, ok := e.(*search.And); e == nil || ok && len(and.Terms) == 0 {
		return Search{}, nil
	}
	w := searchWriter{spec: s}
	if err := w.expr(e); err != nil {
		return Search{}, err
	}
	return Search{sql: w.sql.String(), args: w.args, ranges: w.ranges}, nil
}

// searchWriter writes conditions that AND, OR and IS NOT TRUE can stand around. A condition may be NULL, where a column
// is: that counts as false, and so its negation as true.
type searchWriter struct {
	spec   *SearchSpec
	sql    strings.Builder
	args   []any
	ranges []string
	joins  int // see mostJoins
}

func (w *searchWriter) write(sql string, args ...any) {
	w.sql.WriteString(sql)
	w.args = append(w.args, args...)
}

func (w *searchWriter) expr(e search.Expr) error {
	switch e := e.(type) {
	case *search.And:
		return w.group(e.Terms, " AND ")
	case *search.Or:
		return w.group(e.Terms, " OR ")
	case *search.Not:
		return w.not(e)
	case *search.Term:
		return w.term(e)
	}
	return fmt.Errorf("search: unknown expression %T", e)
}

func (w *searchWriter) group(terms []search.Expr, word string) error {
	for i, t := range terms {
		w.write(opening(i, word))
		if err := w.expr(t); err != nil {
			return err
		}
	}
	w.write(")")
	return nil
}

// opening stands before the i-th of several conditions in brackets.
func opening(i int, word string) string {
	if i == 0 {
		return "("
	}
	return word
}

func (w *searchWriter) not(e *search.Not) error {
	// Where all values of a column are known, those that are left are named: an index can find them.
	if t, ok := e.Term.(*search.Term); ok && t.Comparator == search.Equal {
		if f := w.spec.field(t.Field); f != nil && f.domain != nil {
			values, err := f.choose(t)
			if err != nil {
				return err
			}
			writeOneOf(
				w, f.column,
				slices.DeleteFunc(slices.Clone(f.domain), func(v string) bool { return slices.Contains(values, v) }),
			)
			return nil
		}
	}
	w.write("(")
	if err := w.expr(e.Term); err != nil {
		return err
	}
	w.write(" IS NOT TRUE)")
	return nil
}

func (w *searchWriter) term(t *search.Term) error {
	if t.Field != "" {
		f := w.spec.field(t.Field)
		if f == nil {
			return search.Errorf(
				t.At, "%s can't be searched by %q, only by %s.", w.spec.Noun, t.Field,
				strings.Join(w.spec.names(), ", "),
			)
		}
		return w.field(f, t)
	}
	if t.Comparator == search.Exists {
		w.write("true")
		return nil
	}
	if len(w.spec.Default) == 0 {
		return search.Errorf(t.At, "%s can't be searched for a text without a field, only by %s.", w.spec.Noun,
			strings.Join(w.spec.names(), ", "))
	}
	for i, name := range w.spec.Default {
		w.write(opening(i, " OR "))
		if err := w.field(w.spec.field(name), t); err != nil {
			return err
		}
	}
	w.write(")")
	return nil
}

// field writes the condition of one field, in brackets where it needs them.
func (w *searchWriter) field(f *SearchField, t *search.Term) error {
	if t.Comparator == search.Exists {
		w.write("(" + f.exists + ")")
		return nil
	}
	if f.Kind == SearchText || f.Kind == SearchChoice {
		if t.Comparator != search.Equal {
			return search.Errorf(
				t.At, "%s can't be compared with %s: only %s:value is allowed.", f.Name, t.Comparator, f.Name,
			)
		}
	}
	switch f.Kind {
	case SearchID:
		return w.inside(f, func(asked *searchWriter) error { return asked.id(f, t) })
	case SearchChoice:
		values, err := f.choose(t)
		if err != nil {
			return err
		}
		return w.inside(f, func(asked *searchWriter) error {
			if f.literal {
				asked.write(f.column + " IN ('" + strings.Join(values, "', '") + "')") // Our own words.
			} else {
				writeOneOf(asked, f.column, values)
			}
			return nil
		})
	case SearchNumber:
		return w.number(f, t)
	case SearchTime:
		return w.time(f, t)
	case SearchText:
		w.text(f, t)
		return nil
	}
	return fmt.Errorf("search: field %s has the unknown kind %q", f.Name, f.Kind)
}

// inside writes what is asked of a field's column into the condition that the field has, as often as it stands there.
func (w *searchWriter) inside(f *SearchField, ask func(*searchWriter) error) error {
	asked := searchWriter{spec: w.spec}
	if err := ask(&asked); err != nil {
		return err
	}
	if f.match == "" {
		w.write(asked.sql.String(), asked.args...)
		return nil
	}
	w.match(f, asked.sql.String(), asked.args)
	return nil
}

// match writes a field's condition around what is asked of its column.
func (w *searchWriter) match(f *SearchField, asked string, args []any) {
	condition := strings.ReplaceAll(f.match, "%s", asked)
	var all []any
	for range strings.Count(f.match, "%s") {
		all = append(all, args...)
	}
	if strings.Contains(f.match, "(SELECT") && !strings.Contains(f.match, "unnest(") {
		if w.joins++; w.joins > mostJoins {
			condition = "((" + condition + ") IS TRUE)"
		}
	}
	w.write("("+condition+")", all...)
}

// writeOneOf asks for one of the values. An equality lets the planner walk an index on the column in the order of the
// list.
func writeOneOf[T any](w *searchWriter, column string, values []T) {
	switch len(values) {
	case 0:
		w.write("false")
	case 1:
		w.write(column+" = ?", values[0])
	default:
		w.write(column+" = ANY(?)", values)
	}
}

// mostJoins is how many conditions that look into another table may become joins, which find few rows fast. The time to
// plan joins grows with their third power: for the 500 that a query can ask for, PostgreSQL takes minutes. IS TRUE
// keeps it from joining the others.
const mostJoins = 5

// text compares without regard to case, inside PostgreSQL on both sides: only it knows its own rules.
func (w *searchWriter) text(f *SearchField, t *search.Term) {
	var whole, asked []string
	var args []any
	ask := func(comparison string, arg any) { asked, args = append(asked, f.column+comparison), append(args, arg) }
	for _, v := range t.Values {
		variants := spellings(v)
		for _, text := range variants {
			if f.optional != "" && !strings.HasPrefix(text, f.optional) {
				variants = append(variants, f.optional+text)
			}
		}
		if !v.Prefix {
			whole = append(whole, variants...)
			continue
		}
		for _, text := range variants {
			ask(" ^@ lower(?)", text)
		}
		w.ranges = append(w.ranges, f.column)
	}
	switch len(whole) {
	case 0:
	case 1:
		ask(" = lower(?)", whole[0])
	default:
		ask(" = ANY(ARRAY(SELECT lower(v) FROM unnest(?::text[]) v))", whole)
	}
	// All of them in one, because a subquery of each would be looked for in each of the rows.
	w.match(f, "("+strings.Join(asked, " OR ")+")", args)
}
