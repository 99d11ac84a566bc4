package postgres

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// Sort is what a list is ordered by. Items with the same value are ordered by ID.
type Sort string

// The sorts. Which of them a list has is said at the list.
const (
	SortID          Sort = "ID"
	SortUpdatedAt   Sort = "UPDATED_AT"
	SortCreatedAt   Sort = "CREATED_AT"
	SortProcessedAt Sort = "PROCESSED_AT"
)

// sortBytes are what stands for a sort in a cursor. They never change: cursors live in other people's programs.
var sortBytes = map[Sort]byte{SortID: 'i', SortUpdatedAt: 'u', SortCreatedAt: 'c', SortProcessedAt: 'p'}

// placeVersion tells the text of a Place from that of a [Cursor].
const placeVersion = 2

// Place is where an item stands in a sorted list. A list that changes is walked without missing or repeating what
// stays where it is: a place remains a place when its item moves away.
type Place struct {
	Sort Sort
	At   time.Time // the value that the list is sorted by, to the microsecond; zero when it is the ID
	ID   fulfillment.ID
}

// String is the place as an opaque cursor.
func (p Place) String() string {
	raw := binary.AppendVarint([]byte{placeVersion, sortBytes[p.Sort]}, int64(p.ID))
	if p.Sort != SortID {
		raw = binary.AppendVarint(raw, p.At.UnixMicro())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// ParsePlace reads a cursor that [Place.String] made for a list of this sort. Anything else is refused with a
// *[fulfillment.Error] whose field is the argument's name, such as "after"; a cursor of a list that is sorted
// differently is refused by saying so.
func ParsePlace(argument, text string, sort Sort) (Place, error) {
	p, ok := decodePlace(text)
	switch {
	case !ok:
		return Place{}, refused(argument, "%q is not a cursor of this list.", shortText(text))
	case p.Sort != sort:
		return Place{}, refused(
			argument, "The cursor %q belongs to a list sorted by %s, and this one is sorted by %s.", text, p.Sort, sort,
		)
	}
	return p, nil
}

func decodePlace(text string) (p Place, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < 3 || raw[0] != placeVersion {
		return p, false
	}
	for sort, b := range sortBytes {
		if b == raw[1] {
			p.Sort = sort
		}
	}
	id, n := binary.Varint(raw[2:])
	if p.Sort == "" || n <= 0 || id <= 0 {
		return p, false
	}
	p.ID, raw = fulfillment.ID(id), raw[2+n:]
	if p.Sort != SortID {
		at, n := binary.Varint(raw)
		if n <= 0 || at < 0 || at > latestMicro {
			return p, false
		}
		p.At, raw = time.UnixMicro(at).UTC(), raw[n:]
	}
	return p, len(raw) == 0
}

// latestMicro is the end of the year 9999, the last one that times here have.
var latestMicro = time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC).UnixMicro()

func shortText(text string) string {
	const longest = 60
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}

// Window asks for a part of a sorted list, from its start (First, after After) or from its end (Last, before Before).
// After and Before may be given together, in either direction.
type Window struct {
	Sort    Sort // default SortID
	Reverse bool // the whole list is turned round, descending; First, Last, After and Before are about what it is then
	First   int  // how many items at most, from the start; at most 250. Default, without Last: 50
	None    bool // no items: only whether there are any
	Last    int  // how many items at most, from the end; at most 250. Not together with First
	After   string
	Before  string
}

// Segment is the part of a list that a [Window] shows, always in the order of the list.
type Segment[T any] struct {
	Items       []T
	Cursors     []string // of the items, at the same positions
	HasNext     bool     // the list goes on after the last item, or after the place where one would stand
	HasPrevious bool
}

// span is a checked Window.
type span struct {
	sort          Sort
	limit         int
	fromEnd       bool
	descending    bool // the list, as it is shown
	after, before *Place
}

// check refuses a window that makes no sense with a *[fulfillment.Error].
func (w Window) check(sorts ...Sort) (span, error) {
	s := span{sort: w.Sort, descending: w.Reverse, limit: w.First, fromEnd: w.Last != 0}
	if s.sort == "" {
		s.sort = SortID
	}
	switch {
	case !slices.Contains(sorts, s.sort):
		return s, refused("sortKey", "This list can't be sorted by %s.", shortText(string(w.Sort)))
	case w.First != 0 && w.Last != 0:
		return s, refused("last", "Only one of first and last may be given.")
	case w.First < 0 || w.First > MaxLimit:
		return s, refused("first", "first must be from 1 to %d (is %d).", MaxLimit, w.First)
	case w.Last < 0 || w.Last > MaxLimit:
		return s, refused("last", "last must be from 1 to %d (is %d).", MaxLimit, w.Last)
	case w.None:
		s.limit, s.fromEnd = 0, false
	case s.fromEnd:
		s.limit = w.Last
	case w.First == 0:
		s.limit = DefaultLimit
	}
	for _, c := range []struct {
		argument, text string
		place          **Place
	}{{"after", w.After, &s.after}, {"before", w.Before, &s.before}} {
		if c.text == "" {
			continue
		}
		p, err := ParsePlace(c.argument, c.text, s.sort)
		if err != nil {
			return s, err
		}
		*c.place = &p
	}
	return s, nil
}
