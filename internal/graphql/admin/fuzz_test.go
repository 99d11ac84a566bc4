package admin

import (
	"errors"
	"slices"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// FuzzGID reads any text as a global ID: it is refused as one, or it is the same when it is written and read again, in
// whatever namespace, and names nothing that its type can't have.
func FuzzGID(f *testing.F) {
	for _, text := range []string{"", "gid://shopify/Order/42", "gid://shopify/Order/042?a=b",
		"gid://shopify/Order/9223372036854775808", "gid://shopify/Order/-1",
		"gid://shopify/FulfillmentService/manual?id=true", "gid://shopify/Order/manual", "gid:///Order/1",
		"gid://a/b/c/1", "gid://\xff/Order/1", "gid://\x00/Order/1?\x00",
		"gid://shopify/Order/00000000000000000000000000000001"} {
		f.Add(text, "shopify")
	}
	f.Fuzz(func(t *testing.T, text, namespace string) {
		gid, err := ParseGID(text)
		if id, errOf := ParseGIDOf(text, gid.Type); (errOf == nil) != (err == nil) || id != gid.ID {
			t.Fatalf("%q is %v, %v and as one of its type %v, %v", text, gid, err, id, errOf)
		}
		if err != nil {
			if !errors.Is(err, ErrInvalidID) || gid != (GID{}) {
				t.Fatalf("%q is refused with %v, %v", text, gid, err)
			}
			return
		}
		if gid.Type == "" || gid.ID < 0 && (gid.ID != ManualServiceID || gid.Type != TypeFulfillmentService) {
			t.Fatalf("%q is %v", text, gid)
		}
		if namespace = cleanNamespace(namespace); gid.ID == 0 { // Too large a number for anything.
			return
		}
		if again, err := ParseGID(gid.Text(namespace)); err != nil || again != gid {
			t.Fatalf("%q is %v, written %q and read as %v, %v", text, gid, gid.Text(namespace), again, err)
		}
	})
}

// cleanNamespace is what of a namespace the settings allow.
func cleanNamespace(namespace string) string {
	if !letters(namespace) {
		return DefaultNamespace
	}
	return namespace
}

// FuzzSegment asks for any part of a list in memory: it is refused plainly, or it is a part of the list, and says
// rightly whether there is more on either side.
func FuzzSegment(f *testing.F) {
	cursor := func(id fulfillment.ID) string { return postgres.Place{Sort: postgres.SortID, ID: id}.String() }
	f.Add(2, -1, cursor(3), cursor(7), false)
	f.Add(-1, 2, cursor(7), cursor(3), true)
	f.Add(0, -1, "", "x", false)
	f.Add(
		251, 251, cursor(99), postgres.Place{Sort: postgres.SortUpdatedAt, At: time.Unix(1, 0), ID: 3}.String(), false,
	)
	items := []fulfillment.ID{1, 2, 3, 4, 5, 6, 7, 8, 9}
	f.Fuzz(func(t *testing.T, first, last int, after, before string, reverse bool) {
		p := Paging{After: &after, Before: &before, Reverse: &reverse}
		if first != -1 {
			p.First = &first
		}
		if last != -1 {
			p.Last = &last
		}
		s, err := segment(p, items, func(id fulfillment.ID) fulfillment.ID { return id })
		if err != nil {
			if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeInvalid ||
				refused.Message == "" || len(refused.Field) != 1 {
				t.Fatalf("refused with %#v", err)
			}
			return
		}
		list := slices.Clone(items)
		if reverse {
			slices.Reverse(list)
		}
		if len(s.Items) == 0 {
			return
		}
		at := slices.Index(list, s.Items[0])
		if end := at + len(s.Items); at < 0 || end > len(list) || !slices.Equal(list[at:end], s.Items) ||
			s.HasPrevious != (at > 0) || s.HasNext != (end < len(list)) || len(s.Cursors) != len(s.Items) {
			t.Fatalf("first %d last %d after %q before %q of %v: %+v", first, last, after, before, list, s)
		}
	})
}
