package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/search"
	"packhorse/internal/webhook"
)

func (b *book) subscribe(
	app access.App, topic webhook.Topic, uri string, change ...func(*webhook.Subscription),
) webhook.Subscription {
	b.t.Helper()
	sub := webhook.Subscription{AppID: app.ID, Topic: topic, URI: uri, APIVersion: "2026-07"}.Tidy()
	for _, c := range change {
		c(&sub)
	}
	added, err := b.AddSubscription(b.t.Context(), sub)
	if err != nil {
		b.t.Fatal(err)
	}
	return added
}

// isRefusal tells whether an error is this refusal and no other.
func isRefusal(err error, want *fulfillment.Error) bool {
	return cmp.Equal(fulfillment.AsRefusals(err), fulfillment.Refusals{want})
}

func operators(s *webhook.Subscription) { s.ByOperator = true }

// What is stored is what was said, and it is read as it was stored.
func TestSubscriptionIsKept(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	app := b.app("Shop", access.ReadOrders)
	filter, name := "", "wh-1"
	sub := webhook.Subscription{
		AppID: app.ID, Topic: "ORDERS_CREATE", URI: "https://example.com/h", Format: webhook.FormatJSON,
		Filter: &filter, IncludeFields: []string{"id", "name"}, MetafieldNamespaces: []string{"custom"},
		Metafields: []webhook.Metafield{{Namespace: "custom", Key: "size"}}, Name: &name, APIVersion: "2026-07",
	}
	added, err := b.AddSubscription(t.Context(), sub)
	if err != nil || added.ID == 0 || added.CreatedAt.IsZero() || added.State != webhook.Enabled {
		t.Fatalf("added %+v, %v", added, err)
	}
	sub.ID, sub.CreatedAt, sub.UpdatedAt = added.ID, added.CreatedAt, added.UpdatedAt
	sub.State, sub.StateSince = webhook.Enabled, added.StateSince
	if diff := cmp.Diff(sub, added); diff != "" {
		t.Errorf("-said +stored\n%s", diff)
	}
	again, err := b.AddSubscription(t.Context(), sub)
	if diff := cmp.Diff(added, again); err != nil || diff != "" {
		t.Errorf("added again: %v\n%s", err, diff)
	}
	read, err := b.SubscriptionsByID(t.Context(), []fulfillment.ID{1, added.ID})
	if err != nil || read[0] != nil {
		t.Fatalf("read %v, %v", read, err)
	}
	if diff := cmp.Diff(&added, read[1]); diff != "" {
		t.Errorf("-stored +read\n%s", diff)
	}
	if _, err := b.AddSubscription(t.Context(), webhook.Subscription{AppID: 1, Topic: "X", URI: "https://x"}.Tidy()); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("added to an app that there isn't: %v", err)
	}
}

// A subscription begins where the feed is when it is made.
func TestSubscriptionBeginsNow(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	app := b.app("Shop", access.ReadOrders)
	if _, err := b.pool.Exec(t.Context(), `UPDATE feed_cursor SET position = 17`); err != nil {
		t.Fatal(err)
	}
	sub := b.subscribe(app, "ORDERS_CREATE", "https://example.com/h")
	var cursor int64
	err := b.pool.QueryRow(t.Context(), `SELECT cursor FROM webhook_subscriptions WHERE id = $1`, sub.ID).Scan(&cursor)
	if err != nil || cursor != 17 {
		t.Errorf("it begins after %d, %v", cursor, err)
	}
}

// Two subscriptions of one owner differ in topic, address, format or filter, and in their names.
func TestSubscriptionsAreUnlikeEachOther(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	app, other := b.app("Shop", access.ReadOrders), b.app("Other", access.ReadOrders)
	filter, name, upper := "id:1", "OrderHook", "orderhook"
	const uri = "https://example.com/h"
	b.subscribe(app, "ORDERS_CREATE", uri)
	for what, refused := range map[string]func(*webhook.Subscription){
		"the_same":                func(*webhook.Subscription) {},
		"an_empty_filter":         func(s *webhook.Subscription) { s.Filter = new(string) },
		"other_fields_and_a_name": func(s *webhook.Subscription) { s.IncludeFields, s.Name = []string{"id"}, &upper },
	} {
		sub := webhook.Subscription{AppID: app.ID, Topic: "ORDERS_CREATE", URI: uri}.Tidy()
		refused(&sub)
		if _, err := b.AddSubscription(t.Context(), sub); !isRefusal(err, webhook.AddressTaken()) {
			t.Errorf("%s: %v", what, err)
		}
	}
	named := b.subscribe(app, "ORDERS_CREATE", uri, func(s *webhook.Subscription) { s.Filter, s.Name = &filter, &name })
	b.subscribe(app, "ORDERS_CREATE", uri, func(s *webhook.Subscription) { s.Format = webhook.FormatXML })
	b.subscribe(app, "ORDERS_UPDATED", uri)
	b.subscribe(app, "ORDERS_CREATE", uri, operators)
	b.subscribe(app, "ORDERS_CREATE", uri+"/2", operators, func(s *webhook.Subscription) { s.Name = &name })
	b.subscribe(other, "ORDERS_CREATE", uri, func(s *webhook.Subscription) { s.Name = &name })

	sub := webhook.Subscription{AppID: app.ID, Topic: "ORDERS_PAID", URI: uri, Name: &upper}.Tidy()
	if _, err := b.AddSubscription(t.Context(), sub); !isRefusal(err, webhook.NameTaken()) {
		t.Errorf("a name in another case: %v", err)
	}
	// A change to what another one has is refused likewise, and changes nothing.
	_, err := b.UpdateSubscription(t.Context(), named.ID, func(s webhook.Subscription) (webhook.Subscription, error) {
		s.Filter = nil
		return s, nil
	})
	if !isRefusal(err, webhook.AddressTaken()) {
		t.Errorf("changed to another one's: %v", err)
	}
	if read, err := b.SubscriptionsByID(t.Context(), []fulfillment.ID{named.ID}); err != nil || !cmp.Equal(*read[0], named) {
		t.Errorf("after a refused change: %+v, %v", read[0], err)
	}
}

func TestSubscriptionIsChanged(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	sub := b.subscribe(b.app("Shop", access.ReadOrders), "ORDERS_CREATE", "https://example.com/h")
	name := "n"
	change := webhook.Change{
		URI: new(string), IncludeFields: []string{"id"}, Name: new(*string), APIVersion: "2026-04",
	}
	*change.URI, *change.Name = "https://example.com/2", &name
	applied := func(s webhook.Subscription) (webhook.Subscription, error) { return change.Apply(s), nil }
	changed, err := b.UpdateSubscription(t.Context(), sub.ID, applied)
	want := sub
	want.URI, want.IncludeFields, want.Name, want.APIVersion = *change.URI, []string{"id"}, &name, "2026-04"
	want.UpdatedAt = changed.UpdatedAt
	if diff := cmp.Diff(want, changed); err != nil || diff != "" || !changed.UpdatedAt.After(sub.UpdatedAt) {
		t.Errorf("changed at %v: %v\n%s", changed.UpdatedAt, err, diff)
	}
	stop := errors.New("stop")
	if _, err := b.UpdateSubscription(t.Context(), sub.ID, func(s webhook.Subscription) (webhook.Subscription, error) {
		return s, stop
	}); !errors.Is(err, stop) {
		t.Errorf("the error of the change: %v", err)
	}
	if _, err := b.UpdateSubscription(t.Context(), 1, nil); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("changed one that there isn't: %v", err)
	}
	if err := b.DeleteSubscription(t.Context(), sub.ID); err != nil {
		t.Error(err)
	}
	if err := b.DeleteSubscription(t.Context(), sub.ID); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("deleted again: %v", err)
	}
}

// A state has a reason and a time; only another address ends that a receiver is gone.
func TestSubscriptionStates(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	sub := b.subscribe(b.app("Shop", access.ReadOrders), "ORDERS_CREATE", "https://example.com/h")
	set := func(state webhook.State, reason string) webhook.Subscription {
		t.Helper()
		s, err := b.SetSubscriptionState(t.Context(), sub.ID, state, reason)
		if err != nil || s.State != state || s.StateReason != reason || !s.UpdatedAt.Equal(sub.UpdatedAt) {
			t.Errorf("set %+v, %v, after %+v", s, err, sub)
		}
		return s
	}
	paused := set(webhook.Paused, "It does not answer.")
	if !paused.StateSince.After(sub.StateSince) {
		t.Errorf("paused since %v", paused.StateSince)
	}
	if again := set(webhook.Paused, "It still does not answer."); !again.StateSince.Equal(paused.StateSince) {
		t.Errorf("paused again: since %v, want %v", again.StateSince, paused.StateSince)
	}
	readdress := func(uri string) webhook.Subscription {
		t.Helper()
		s, err := b.UpdateSubscription(t.Context(), sub.ID, func(s webhook.Subscription) (webhook.Subscription, error) {
			s.URI = uri
			return s, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		sub = s
		return s
	}
	if s := readdress("https://example.com/2"); s.State != webhook.Paused {
		t.Errorf("a paused one with another address is %s", s.State)
	}
	set(webhook.Disabled, "It answered 410.")
	if s := readdress("https://example.com/2"); s.State != webhook.Disabled {
		t.Errorf("a disabled one with the same address is %s", s.State)
	}
	if s := readdress("https://example.com/3"); s.State != webhook.Enabled || s.StateReason == "It answered 410." {
		t.Errorf("a disabled one with another address is %s, %s", s.State, s.StateReason)
	}
	if _, err := b.SetSubscriptionState(t.Context(), 1, webhook.Paused, ""); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("of one that there isn't: %v", err)
	}
}

func TestSubscriptionLists(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	app, other := b.app("Shop", access.ReadOrders), b.app("Other", access.ReadOrders)
	first := b.subscribe(app, "ORDERS_CREATE", "https://example.com/1")
	second := b.subscribe(app, "ORDERS_UPDATED", "https://example.com/2", func(s *webhook.Subscription) { s.Format = webhook.FormatXML })
	theirs := b.subscribe(other, "ORDERS_CREATE", "https://example.com/1")
	hidden := b.subscribe(app, "ORDERS_CREATE", "https://example.com/3", operators)

	asked := func(query string) Search {
		e, err := search.Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		s, err := SubscriptionSearch(e)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	own := SubscriptionFilter{AppID: app.ID, Own: true}
	for name, test := range map[string]struct {
		filter SubscriptionFilter
		want   []fulfillment.ID
	}{
		"everybody's":      {SubscriptionFilter{}, []fulfillment.ID{first.ID, second.ID, theirs.ID, hidden.ID}},
		"of_an_app":        {SubscriptionFilter{AppID: app.ID}, []fulfillment.ID{first.ID, second.ID, hidden.ID}},
		"an_app's_own":     {own, []fulfillment.ID{first.ID, second.ID}},
		"at_an_address":    {SubscriptionFilter{AppID: app.ID, Own: true, URI: "https://example.com/2"}, []fulfillment.ID{second.ID}},
		"in_a_format":      {SubscriptionFilter{AppID: app.ID, Format: webhook.FormatXML}, []fulfillment.ID{second.ID}},
		"about_topics":     {SubscriptionFilter{Topics: []webhook.Topic{"ORDERS_CREATE", "ORDERS_PAID"}}, []fulfillment.ID{first.ID, theirs.ID, hidden.ID}},
		"in_a_state":       {SubscriptionFilter{States: []webhook.State{webhook.Paused}}, nil},
		"by_id":            {SubscriptionFilter{AppID: app.ID, Own: true, Search: asked("id:" + second.ID.String())}, []fulfillment.ID{second.ID}},
		"another's_by_id":  {SubscriptionFilter{AppID: app.ID, Own: true, Search: asked("id:" + theirs.ID.String())}, nil},
		"made_before_now":  {SubscriptionFilter{AppID: app.ID, Own: true, Search: asked("created_at:<=now")}, []fulfillment.ID{first.ID, second.ID}},
		"changed_long_ago": {SubscriptionFilter{Search: asked("updated_at:<2020-01-01")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			segment, err := b.ListSubscriptions(t.Context(), SubscriptionList{SubscriptionFilter: test.filter})
			var got []fulfillment.ID
			for _, s := range segment.Items {
				got = append(got, s.ID)
			}
			if err != nil || !cmp.Equal(got, test.want) {
				t.Errorf("listed %v, %v; want %v", got, err, test.want)
			}
			page, err := b.Subscriptions(t.Context(), test.filter, Page{})
			got = nil
			for _, s := range page.Items {
				got = append(got, s.ID)
			}
			if err != nil || !cmp.Equal(got, test.want) {
				t.Errorf("paged %v, %v; want %v", got, err, test.want)
			}
			if n, all, err := b.CountSubscriptions(t.Context(), test.filter, nil); n != len(test.want) || !all || err != nil {
				t.Errorf("counted %d, %v, %v", n, all, err)
			}
		})
	}
	one := 1
	if n, all, err := b.CountSubscriptions(t.Context(), own, &one); n != 1 || all || err != nil {
		t.Errorf("counted at most one: %d, %v, %v", n, all, err)
	}
	for _, sort := range []Sort{SortID, SortCreatedAt} {
		window := SubscriptionList{Window: Window{Sort: sort, First: 1}, SubscriptionFilter: own}
		page, err := b.ListSubscriptions(t.Context(), window)
		if err != nil || len(page.Items) != 1 || page.Items[0].ID != first.ID || !page.HasNext {
			t.Fatalf("the first page by %s: %+v, %v", sort, page, err)
		}
		window.After = page.Cursors[0]
		page, err = b.ListSubscriptions(t.Context(), window)
		if err != nil || len(page.Items) != 1 || page.Items[0].ID != second.ID || page.HasNext || !page.HasPrevious {
			t.Errorf("the next page by %s: %+v, %v", sort, page, err)
		}
	}
	unsorted := SubscriptionList{Window: Window{Sort: SortUpdatedAt}}
	if _, err := b.ListSubscriptions(t.Context(), unsorted); fulfillment.AsRefusals(err) == nil {
		t.Errorf("sorted by what it can't: %v", err)
	}
	e, err := search.Parse("word")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := SubscriptionSearch(e); err == nil {
		t.Error("a word without a field is no search")
	}
}

// Many who ask for the same at once get one subscription, and refusals.
func TestSubscriptionRace(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	app := b.app("Shop", access.ReadOrders)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	results := make(chan error)
	for range 8 {
		go func() {
			sub := webhook.Subscription{AppID: app.ID, Topic: "ORDERS_CREATE", URI: "https://example.com/h"}
			_, err := b.AddSubscription(ctx, sub.Tidy())
			results <- err
		}()
	}
	added := 0
	for range 8 {
		switch err := <-results; {
		case err == nil:
			added++
		case fulfillment.AsRefusals(err) == nil:
			t.Errorf("neither added nor refused: %v", err)
		}
	}
	if added != 1 {
		t.Errorf("%d were added", added)
	}
}

// TestSubscriptionsOfAnAppHaveRoom: together they are bounded, however many are added at once; those of other apps, and
// those that an operator made, don't count.
func TestSubscriptionsOfAnAppHaveRoom(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	shop, other := b.app("Shop", access.ReadOrders), b.app("Other", access.ReadOrders)
	big := func(app access.App, i int) webhook.Subscription {
		return webhook.Subscription{
			AppID: app.ID, Topic: "ORDERS_CREATE", APIVersion: "2026-07", Filter: new("id:1"), IncludeFields: []string{"id"},
			URI: fmt.Sprintf("https://example.com/%d/%s", i, strings.Repeat("x", 60_000)),
		}.Tidy()
	}
	const room = webhook.MaxTogether / 60_100
	refused := make(chan error, 2*room)
	var group sync.WaitGroup
	for i := range 2 * room {
		group.Go(func() {
			if _, err := b.AddSubscription(t.Context(), big(shop, i)); err != nil {
				refused <- err
			}
		})
	}
	group.Wait()
	close(refused)
	if len(refused) != room {
		t.Errorf("%d of %d are refused, want %d", len(refused), 2*room, room)
	}
	for err := range refused {
		if !isRefusal(err, webhook.TooMuch()) {
			t.Errorf("refused with %v", err)
		}
	}
	b.subscribe(other, "ORDERS_CREATE", big(other, 1).URI)
	b.subscribe(shop, "ORDERS_CREATE", big(shop, 1).URI, operators)
	small := b.subscribe(shop, "ORDERS_EDITED", "https://example.com/h")
	_, err := b.UpdateSubscription(t.Context(), small.ID, func(sub webhook.Subscription) (webhook.Subscription, error) {
		sub.Filter = new("id:1" + strings.Repeat(" OR id:1", 8000))
		return sub, nil
	})
	if !isRefusal(err, webhook.TooMuch()) {
		t.Errorf("one that grows: %v", err)
	}
}

// TestSubscriptionsOfAnAppAreCounted: an app has no more than it may; what is there can be made again, and changed.
func TestSubscriptionsOfAnAppAreCounted(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	shop := b.app("Shop", access.ReadOrders)
	b.exec(`
INSERT INTO webhook_subscriptions (id, app_id, by_operator, topic, uri, format, include_fields, metafield_namespaces,
	metafields, api_version, address)
SELECT g, $1, false, 'ORDERS_CREATE', 'https://example.com/' || g, 'JSON', '{}', '{}', '[]', '2026-07',
	sha256(g::text::bytea) FROM generate_series(1, $2::int) g`, shop.ID, webhook.MaxSubscriptions-1)
	last := b.subscribe(shop, "ORDERS_CREATE", "https://example.com/h")
	if again, err := b.AddSubscription(t.Context(), last); err != nil || again.ID != last.ID {
		t.Errorf("made again: %+v, %v", again, err)
	}
	change := func(sub webhook.Subscription) (webhook.Subscription, error) { sub.URI += "/2"; return sub, nil }
	if _, err := b.UpdateSubscription(t.Context(), last.ID, change); err != nil {
		t.Errorf("changed: %v", err)
	}
	more := webhook.Subscription{
		AppID: shop.ID, Topic: "ORDERS_EDITED", URI: "https://example.com/h", APIVersion: "2026-07",
	}.Tidy()
	if _, err := b.AddSubscription(t.Context(), more); !isRefusal(err, webhook.TooMany()) {
		t.Errorf("one more: %v", err)
	}
	b.subscribe(shop, "ORDERS_EDITED", "https://example.com/h", operators)
	if err := b.DeleteSubscription(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	b.subscribe(shop, "ORDERS_EDITED", "https://example.com/h")
}

// What an operator allows a receiver is kept, is read everywhere, and can be taken back.
func TestSubscriptionLimits(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	sub := b.subscribe(b.app("Shop", access.ReadOrders), "ORDERS_CREATE", "https://example.com/h",
		func(s *webhook.Subscription) { s.TimeoutMS, s.Concurrency = 15_000, 64 })
	set := func(timeoutMS, concurrency int) error {
		var err error
		sub, err = b.UpdateSubscription(t.Context(), sub.ID, func(
			s webhook.Subscription,
		) (webhook.Subscription, error) {
			s.TimeoutMS, s.Concurrency = timeoutMS, concurrency
			return s, nil
		})
		return err
	}
	check := func(timeoutMS, concurrency int) {
		t.Helper()
		following, err := b.Follow(t.Context(), sub.ID)
		if err != nil {
			t.Fatal(err)
		}
		listed, err := b.ListSubscriptions(t.Context(), SubscriptionList{Window: Window{First: 10}})
		if err != nil || len(listed.Items) != 1 {
			t.Fatalf("listed %+v, %v", listed, err)
		}
		for _, got := range []webhook.Subscription{sub, following.Subscription, *listed.Items[0]} {
			if got.TimeoutMS != timeoutMS || got.Concurrency != concurrency {
				t.Errorf("%d ms, %d at once; want %d, %d", got.TimeoutMS, got.Concurrency, timeoutMS, concurrency)
			}
		}
	}
	check(15_000, 64)
	if err := set(1000, 0); err != nil {
		t.Fatal(err)
	}
	check(1000, 0)
	if err := set(0, 1); err != nil {
		t.Fatal(err)
	}
	check(0, 1)
}
