package postgres

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/search"
)

var (
	wholeNumber = regexp.MustCompile(`^-?[0-9]+$`)
	// The digits of a numeric are bounded, as those of a price are.
	decimalNumber = regexp.MustCompile(`^-?[0-9]{1,32}(\.[0-9]{1,32})?$`)
	gid           = regexp.MustCompile(`^gid://[^/?]+/([A-Za-z]+)/([0-9]+)(\?.*)?$`)
)

// id compares an ID, in text a number or a gid. Shopify answers a number beyond 64 bits like any other that nothing
// has, so it is no error: nothing equals it, and everything is on the same side of it.
func (w *searchWriter) id(f *SearchField, t *search.Term) error {
	if err := f.wholeValues(t); err != nil {
		return err
	}
	var ids []int64
	for _, v := range t.Values {
		n, beyond, err := parseSearchID(f, v)
		if err != nil {
			return err
		}
		switch {
		case beyond && t.Comparator == search.Equal:
		case beyond:
			below := t.Comparator == search.Less || t.Comparator == search.LessOrEqual
			w.write(strconv.FormatBool(below == (n > 0)))
			return nil
		case t.Comparator == search.Equal:
			ids = append(ids, n)
		default:
			w.write(f.column+" "+string(t.Comparator)+" ?", n)
			return nil
		}
	}
	writeOneOf(w, f.column, ids)
	return nil
}

// spellings are a text as it is looked up: as it was written, and tidy, as it is kept when it is of one line. Of the
// start of a text, a blank at its end is the one before the next word.
func spellings(v search.Value) []string {
	text := clean(v.Text)
	tidy := fulfillment.Tidy(text)
	if v.Prefix && tidy != "" && fulfillment.Tidy(text+"x") != tidy+"x" {
		tidy += " "
	}
	if tidy == text || tidy == "" {
		return []string{text}
	}
	return []string{text, tidy}
}

// parseSearchID tells of a number beyond 64 bits, too, whose sign is that of n.
func parseSearchID(f *SearchField, v search.Value) (n int64, beyond bool, err error) {
	digits := v.Text
	if parts := gid.FindStringSubmatch(digits); parts != nil {
		if parts[1] != f.Type {
			return 0, false, search.Errorf(
				v.At, "%q is the ID of another type of object: %s takes that of a %s.", v.Text, f.Name, f.Type,
			)
		}
		digits = parts[2]
	}
	if !wholeNumber.MatchString(digits) {
		return 0, false, search.Errorf(
			v.At, "%q is no ID: %s takes a whole number, or a gid such as gid://shopify/%s/1.", v.Text, f.Name, f.Type,
		)
	}
	n, err = strconv.ParseInt(digits, 10, 64)
	return n, err != nil, nil // Digits can only be out of range.
}

// number compares a decimal number. A range includes both of its ends, and may leave one of them out.
func (w *searchWriter) number(f *SearchField, t *search.Term) error {
	if err := f.wholeValues(t); err != nil {
		return err
	}
	w.ranges = append(w.ranges, f.column)
	for i, v := range t.Values {
		w.write(opening(i, " OR "))
		from, until, isRange := strings.Cut(v.Text, "..")
		if !isRange {
			until = from
		}
		for _, end := range []string{from, until} {
			if !decimalNumber.MatchString(end) && !(isRange && end == "" && from != until) {
				return search.Errorf(
					v.At, "%q is no number: %s takes one such as 12 or 12.50, or a range such as 5..20.", v.Text,
					f.Name,
				)
			}
		}
		switch {
		case !isRange && t.Comparator == search.Equal:
			w.write(f.column+" = ?::numeric", from)
		case !isRange:
			w.write(f.column+" "+string(t.Comparator)+" ?::numeric", from)
		case t.Comparator != search.Equal:
			return search.Errorf(
				v.At, "A range can't follow %s: %s:%s takes one number.", t.Comparator, f.Name, t.Comparator,
			)
		case from == "":
			w.write(f.column+" <= ?::numeric", until)
		case until == "":
			w.write(f.column+" >= ?::numeric", from)
		default:
			w.write(f.column+" BETWEEN ?::numeric AND ?::numeric", from, until)
		}
	}
	w.write(")")
	return nil
}

// time compares an instant with a span of time: a date is the whole day, a time to the second the whole second. So the
// bounds of a span belong together: what is > it comes after all of it, and <= includes all of it, as it includes what
// the API shows as the same second. The word now is the instant at which the database looks.
func (w *searchWriter) time(f *SearchField, t *search.Term) error {
	if err := f.wholeValues(t); err != nil {
		return err
	}
	w.ranges = append(w.ranges, f.column)
	for i, v := range t.Values {
		w.write(opening(i, " OR "))
		if search.IsNow(v.Text) {
			w.write(f.column + " " + cmp.Or(string(t.Comparator), "=") + " now()")
			continue
		}
		from, until, ok := search.ParseSpan(v.Text)
		if !ok {
			return search.Errorf(
				v.At, "%q is no date: %s takes one such as 2026-01-31 or 2026-01-31T10:00:00Z, a year, or now.", v.Text,
				f.Name,
			)
		}
		switch t.Comparator {
		case search.Less:
			w.write(f.column+" < ?", from)
		case search.GreaterOrEqual:
			w.write(f.column+" >= ?", from)
		case search.LessOrEqual:
			w.write(f.column+" < ?", until)
		case search.Greater:
			w.write(f.column+" >= ?", until)
		default:
			w.write(f.column+" >= ? AND "+f.column+" < ?", from, until)
		}
	}
	w.write(")")
	return nil
}
