package postgres

import (
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"packhorse/internal/fulfillment"
	"packhorse/internal/search"
)

// facts are a row as the oracle of [TestSearchProperty] sees it, by field: what an ID is, which words are true of it,
// which texts it has, and when it was.
type facts struct {
	ids   map[string]fulfillment.ID
	words map[string][]string
	texts map[string][]string
	times map[string]*time.Time
}

// TestSearchProperty: whatever the query, SQL selects the rows that it holds for when it is read word by word.
func TestSearchProperty(t *testing.T) {
	t.Parallel()
	fulfillmentOrders, orders, _ := shelves(t)
	for _, s := range []struct {
		shelf
		*SearchSpec
		rows []facts
	}{
		{fulfillmentOrders, &fulfillmentOrderSearch, fulfillmentOrders.fulfillmentOrderFacts()},
		{orders, &orderSearch, orders.orderFacts()},
	} {
		rapid.Check(t, func(t *rapid.T) {
			drawn := drawSearch(s.SearchSpec, s.rows, 3).Draw(t, "query")
			e, err := search.Parse(drawn.String())
			if err != nil {
				t.Fatal(err)
			}
			want := []int{}
			for i, row := range s.rows {
				if row.hold(s.SearchSpec, e) {
					want = append(want, i)
				}
			}
			if got := s.find(t, e); !slices.Equal(got, want) {
				t.Fatalf("%s: %v, want %v", e, got, want)
			}
		})
	}
}

func (s shelf) fulfillmentOrderFacts() (all []facts) {
	rows, err := s.pool.Query(s.t.Context(), `SELECT id, location_id, order_id, status, request_status, order_name,
		created_at,
		updated_at, fulfill_at, fulfill_by FROM fulfillment_orders ORDER BY id`)
	if err != nil {
		s.t.Fatal(err)
	}
	var id, location, order fulfillment.ID
	var status, request, name string
	var created, updated, at, by *time.Time
	if _, err := pgx.ForEachRow(rows, []any{
		&id, &location, &order, &status, &request, &name, &created, &updated, &at, &by,
	}, func() error {
		all = append(all, facts{
			ids:   map[string]fulfillment.ID{"id": id, "assigned_location_id": location, "order_id": order},
			words: map[string][]string{"status": {status}, "request_status": {request}},
			texts: map[string][]string{"order_name": {name, strings.TrimPrefix(name, "#")}},
			times: map[string]*time.Time{
				"created_at": created, "updated_at": updated, "fulfill_at": at, "fulfill_by": by,
			},
		})
		created, updated, at, by = nil, nil, nil, nil
		return nil
	}); err != nil {
		s.t.Fatal(err)
	}
	return all
}

func (s shelf) orderFacts() (all []facts) {
	rows, err := s.pool.Query(s.t.Context(), `SELECT id, display_fulfillment_status, name, email, tags, created_at,
		updated_at,
		processed_at, cancelled_at, closed_at, test::text, source_identifier, lower(return_status) FROM orders ORDER BY id`)
	if err != nil {
		s.t.Fatal(err)
	}
	var id fulfillment.ID
	var display, name, email, test, source, returned string
	var tags []string
	var created, updated, processed, cancelled, closed *time.Time
	if _, err := pgx.ForEachRow(rows, []any{
		&id, &display, &name, &email, &tags, &created, &updated, &processed, &cancelled, &closed, &test, &source,
		&returned,
	}, func() error {
		status := []string{"open", "not_closed", "any"}
		switch {
		case cancelled == nil && closed != nil:
			status = []string{"closed", "any"}
		case cancelled != nil:
			status = []string{"closed", "cancelled", "any"}
		}
		all = append(all, facts{
			ids: map[string]fulfillment.ID{"id": id},
			words: map[string][]string{"status": status, "test": {test}, "financial_status": {"pending"},
				"delivery_method": {"shipping"}, "return_status": {returned}, "fulfillment_status": map[string][]string{
					"UNFULFILLED":         {"unfulfilled", "unshipped"},
					"PARTIALLY_FULFILLED": {"partially_fulfilled", "partial", "unfulfilled"},
					"FULFILLED":           {"fulfilled", "shipped"},
					"ON_HOLD":             {"on_hold", "unfulfilled", "unshipped"},
				}[display]},
			texts: map[string][]string{
				"name": {name, strings.TrimPrefix(name, "#")}, "email": {email}, "tag": slices.Clone(tags),
				"source_identifier": {source}, "sku": {"SAD-1", "BEL-1"},
			},
			times: map[string]*time.Time{"created_at": created, "updated_at": updated, "processed_at": processed},
		})
		created, updated, processed, cancelled, closed = nil, nil, nil, nil, nil
		return nil
	}); err != nil {
		s.t.Fatal(err)
	}
	return all
}

// knows tells of the fields that the oracle can tell of: those of several IDs, of numbers and of what is not there have
// a table, see TestSearchOrders.
func (r facts) knows(f SearchField) bool {
	_, id := r.ids[f.Name]
	_, word := r.words[f.Name]
	_, text := r.texts[f.Name]
	_, time := r.times[f.Name]
	return id || word || text || time
}

func (r facts) hold(spec *SearchSpec, e search.Expr) bool {
	switch e := e.(type) {
	case *search.And:
		return !slices.ContainsFunc(e.Terms, func(e search.Expr) bool { return !r.hold(spec, e) })
	case *search.Or:
		return slices.ContainsFunc(e.Terms, func(e search.Expr) bool { return r.hold(spec, e) })
	case *search.Not:
		return !r.hold(spec, e.Term)
	}
	term := e.(*search.Term)
	if term.Field != "" {
		return r.matches(term.Field, term)
	}
	return term.Comparator == search.Exists ||
		slices.ContainsFunc(spec.Default, func(field string) bool { return r.matches(field, term) })
}

func (r facts) matches(field string, term *search.Term) bool {
	id, isID := r.ids[field]
	at := r.times[field]
	if term.Comparator == search.Exists {
		return isID || at != nil || len(r.words[field]) > 0 || strings.Join(r.texts[field], "") != ""
	}
	return slices.ContainsFunc(term.Values, func(v search.Value) bool {
		switch {
		case isID:
			n, ok := new(big.Int).SetString(v.Text[strings.LastIndex(v.Text, "/")+1:], 10)
			return ok && compares(big.NewInt(int64(id)).Cmp(n), term.Comparator)
		case at != nil: // A time is as long as the query's.
			return compares(
				strings.Compare(at.UTC().Format("2006-01-02T15:04:05.000000")[:len(v.Text)], v.Text), term.Comparator,
			)
		}
		return slices.ContainsFunc(r.words[field], func(word string) bool { return strings.EqualFold(word, v.Text) }) ||
			slices.ContainsFunc(r.texts[field], func(text string) bool {
				text, part := strings.ToLower(text), strings.ToLower(v.Text)
				return text == part || v.Prefix && strings.HasPrefix(text, part)
			})
	})
}

func compares(sign int, c search.Comparator) bool {
	switch c {
	case search.Less:
		return sign < 0
	case search.LessOrEqual:
		return sign <= 0
	case search.Greater:
		return sign > 0
	case search.GreaterOrEqual:
		return sign >= 0
	}
	return sign == 0
}

// drawSearch draws queries whose values are mostly those of the rows, or near them.
func drawSearch(spec *SearchSpec, rows []facts, depth int) *rapid.Generator[search.Expr] {
	return rapid.Custom(func(t *rapid.T) search.Expr {
		kind := 0
		if depth > 0 {
			kind = rapid.IntRange(0, 3).Draw(t, "kind")
		}
		below := drawSearch(spec, rows, depth-1)
		switch kind {
		case 1:
			return &search.And{Terms: rapid.SliceOfN(below, 2, 3).Draw(t, "and")}
		case 2:
			return &search.Or{Terms: rapid.SliceOfN(below, 2, 3).Draw(t, "or")}
		case 3:
			return &search.Not{Term: below.Draw(t, "not")}
		}
		f := rapid.SampledFrom(spec.Fields).Filter(rows[0].knows).Draw(t, "field")
		term := &search.Term{Field: f.Name}
		most := 3
		if slices.Contains(spec.Default, f.Name) && rapid.Bool().Draw(t, "bare") {
			term.Field, most = "", 1
		}
		comparators := []search.Comparator{search.Equal, search.Exists}
		if f.Kind == SearchID || f.Kind == SearchTime {
			comparators = append(comparators, search.Less, search.LessOrEqual, search.Greater, search.GreaterOrEqual)
		}
		switch term.Comparator = rapid.SampledFrom(comparators).Draw(t, "comparator"); term.Comparator {
		case search.Exists:
			return term
		case search.Equal:
		default:
			most = 1
		}
		for range rapid.IntRange(1, most).Draw(t, "values") {
			term.Values = append(term.Values, drawSearchValue(t, f, rapid.SampledFrom(rows).Draw(t, "row")))
		}
		return term
	})
}

func drawSearchValue(t *rapid.T, f SearchField, row facts) search.Value {
	switch f.Kind {
	case SearchID:
		id := row.ids[f.Name] + fulfillment.ID(rapid.IntRange(-1, 1).Draw(t, "off"))
		return search.Value{Text: rapid.SampledFrom([]string{id.String(), "gid://shopify/" + f.Type + "/" +
			id.String(), "0",
			"9223372036854775807", "9223372036854775808", "-9223372036854775809",
			"1234567890123456789012"}).Draw(t, "id")}
	case SearchTime:
		at := row.times[f.Name]
		if at == nil {
			at = &searchStart
		}
		near := at.UTC().Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "off")) * time.Second)
		return search.Value{Text: near.Format(rapid.SampledFrom([]string{"2006-01-02", "2006-01-02T15:04",
			"2006-01-02T15:04:05",
			"2006-01-02T15:04:05.000000"}).Draw(t, "layout"))}
	case SearchChoice:
		return search.Value{Text: rapid.SampledFrom(f.Choices).Draw(t, "choice")}
	}
	text := ""
	if texts := row.texts[f.Name]; len(texts) > 0 {
		text = rapid.SampledFrom(texts).Draw(t, "text")
	}
	v := search.Value{Text: text, Prefix: rapid.Bool().Draw(t, "prefix")}
	if v.Prefix {
		runes := []rune(text)
		v.Text = string(runes[:rapid.IntRange(0, len(runes)).Draw(t, "length")])
	}
	if rapid.Bool().Draw(t, "loud") {
		v.Text = strings.ToUpper(v.Text)
	}
	return v
}
