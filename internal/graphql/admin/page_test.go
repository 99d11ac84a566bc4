package admin

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

func TestSegment(t *testing.T) {
	t.Parallel()
	items := []fulfillment.ID{11, 12, 13, 14, 15}
	at := func(id fulfillment.ID) *string { return new(postgres.Place{Sort: postgres.SortID, ID: id}.String()) }
	yes := new(true)
	for name, c := range map[string]struct {
		paging         Paging
		want           []fulfillment.ID
		previous, next bool
	}{
		"all":                  {Paging{}, items, false, false},
		"first":                {Paging{First: new(2)}, items[:2], false, true},
		"first_of_exactly_all": {Paging{First: new(5)}, items, false, false},
		"none":                 {Paging{First: new(0)}, nil, false, true},
		"after":                {Paging{First: new(2), After: at(12)}, items[2:4], true, true},
		"after_the_end":        {Paging{First: new(2), After: at(15)}, nil, true, false},
		"last":                 {Paging{Last: new(2)}, items[3:], true, false},
		"before":               {Paging{Last: new(2), Before: at(14)}, items[1:3], true, true},
		"between":              {Paging{First: new(9), After: at(11), Before: at(14)}, items[1:3], true, true},
		"crossed":              {Paging{First: new(9), After: at(14), Before: at(11)}, nil, true, true},
		"reverse":              {Paging{First: new(2), Reverse: yes}, []fulfillment.ID{15, 14}, false, true},
		"reverse_after": {
			Paging{First: new(2), Reverse: yes, After: at(14)}, []fulfillment.ID{13, 12}, true, true,
		},
		"reverse_last":           {Paging{Last: new(2), Reverse: yes}, []fulfillment.ID{12, 11}, true, false},
		"empty_cursor_is_no_one": {Paging{First: new(1), After: new("")}, items[:1], false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := segment(c.paging, items, func(id fulfillment.ID) fulfillment.ID { return id })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(
				append([]fulfillment.ID{}, c.want...), append([]fulfillment.ID{}, got.Items...),
			); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
			if got.HasPrevious != c.previous || got.HasNext != c.next {
				t.Errorf("previous %v, next %v; want %v, %v", got.HasPrevious, got.HasNext, c.previous, c.next)
			}
			if len(got.Cursors) != len(got.Items) {
				t.Errorf("%d cursors of %d items", len(got.Cursors), len(got.Items))
			}
		})
	}
	for name, paging := range map[string]Paging{
		"both_ends":      {First: new(1), Last: new(1)},
		"negative":       {First: new(-1)},
		"too_many":       {Last: new(251)},
		"no_cursor":      {After: new("somewhere")},
		"vanished_place": {After: at(99)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := segment(paging, items, func(id fulfillment.ID) fulfillment.ID { return id })
			if e, ok := fulfillment.AsError(err); !ok || e.Code != fulfillment.CodeInvalid {
				t.Errorf("error %v, want a refusal", err)
			}
		})
	}
}
