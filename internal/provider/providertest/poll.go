package providertest

import (
	"context"
	"slices"
	"testing"

	"packhorse/internal/provider"
)

// mostPages is how many times in a row a poller may say that there is more to be had at once.
const mostPages = 100

func changes(
	t *testing.T, p provider.Poller, cursor string,
) (news []provider.News, next string, more bool) {
	t.Helper()
	of := provider.Polled{ServiceID: Request("a").ServiceID, ServiceOptions: Request("a").ServiceOptions}
	news, next, more, err := p.Changes(t.Context(), of, cursor)
	must(t, err)
	ids := make(map[string]bool)
	for _, n := range news {
		requireNews(t, provider.Delivery{Service: of.ServiceID}, n)
		if ids[n.ID] {
			t.Errorf("the news %q is told twice in one answer", n.ID)
		}
		ids[n.ID] = true
	}
	return news, next, more
}

// testPolledAgain: what was told after a cursor is told again after it, for a worker that ended before it kept it.
func testPolledAgain(t *testing.T, p provider.Provider) {
	poller := capability[provider.Poller](t, p)
	create(t, p, Request("a"))
	cursor := ""
	for range 3 {
		first, next, more := changes(t, poller, cursor)
		again, _, _ := changes(t, poller, cursor)
		// More may have happened meanwhile: it comes after what was there.
		told, repeated := commands(p, first), commands(p, again)
		if len(repeated) < len(told) || !slices.Equal(told, repeated[:len(told)]) {
			t.Errorf("after the cursor %q came %q, then %q", cursor, told, repeated)
		}
		if cursor = next; !more {
			return
		}
	}
}

// testPolledOn: whoever goes on from cursor to cursor comes to an end, is told nothing that he was told before, and
// stays there.
func testPolledOn(t *testing.T, p provider.Provider) {
	poller := capability[provider.Poller](t, p)
	create(t, p, Request("a"))
	seen := make(map[string]bool)
	cursor := ""
	for page := 0; ; page++ {
		news, next, more := changes(t, poller, cursor)
		fresh := 0
		for _, n := range news {
			if !seen[n.ID] {
				fresh++
			}
			seen[n.ID] = true
		}
		switch {
		case more && next == cursor:
			t.Fatalf("there is more, but the cursor stays at %q", cursor)
		case !more && len(news) > 0 && next == cursor:
			t.Fatalf("%d news, but the cursor stays at %q: they would be told for ever", len(news), cursor)
		case page == mostPages:
			t.Fatalf("there is still more after %d answers", mostPages)
		case !more:
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, _, _, err := poller.Changes(ctx, provider.Polled{ServiceID: 7}, next); err != nil {
				requireClass(t, err)
			}
			return
		}
		cursor = next
	}
}
