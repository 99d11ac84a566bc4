package watch

import (
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

var now = time.Date(2026, 3, 4, 5, 30, 0, 0, time.UTC)

func TestPatience(t *testing.T) {
	t.Parallel()
	one := postgres.Overdue{ID: 1, Version: 3}

	t.Run("doubles_the_pause_up_to_an_hour", func(t *testing.T) {
		t.Parallel()
		p := patience{first: time.Minute}
		at := now
		for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
			p.begin()
			if !p.over(one, at) {
				t.Fatalf("at %v: still waits", at.Sub(now))
			}
			p.looked(one, at, leftAlone, false)
			next := at.Add(want * time.Minute)
			if p.over(one, next.Add(-time.Second)) {
				t.Fatalf("at %v: looked at again after less than %v minutes", at.Sub(now), int(want))
			}
			at = next
		}
	})

	t.Run("ends_with_another_version", func(t *testing.T) {
		t.Parallel()
		p := patience{first: time.Minute}
		p.looked(one, now, leftAlone, false)
		p.looked(one, now, leftAlone, false)
		another := postgres.Overdue{ID: 1, Version: 4}
		if !p.over(another, now) {
			t.Error("it waits")
		}
		p.looked(another, now, leftAlone, false)
		if got := p.looks[1].pause; got != time.Minute {
			t.Errorf("pause %v, want the first one again", got)
		}
	})

	t.Run("is_short_with_what_fails", func(t *testing.T) {
		t.Parallel()
		p := patience{first: time.Minute}
		for range 10 {
			p.looked(one, now, leftAlone, true)
		}
		if got := p.looks[1].pause; got != longestRetry {
			t.Errorf("pause %v, want %v", got, longestRetry)
		}
	})

	t.Run("forgets_what_is_not_overdue_any_more", func(t *testing.T) {
		t.Parallel()
		p := patience{first: time.Minute}
		two := postgres.Overdue{ID: 2, Version: 1}
		p.begin()
		p.looked(one, now, leftAlone, false)
		p.looked(two, now, leftAlone, false)
		p.begin()
		p.over(two, now)
		p.forget()
		if _, ok := p.looks[1]; ok || len(p.looks) != 1 {
			t.Errorf("remembers %v, want 2 only", p.looks)
		}
	})

	t.Run("is_bounded", func(t *testing.T) {
		t.Parallel()
		p := patience{first: time.Minute}
		for id := range maxRemembered + 10 {
			p.looked(postgres.Overdue{ID: fulfillment.ID(id + 1)}, now, leftAlone, false)
		}
		if len(p.looks) != maxRemembered {
			t.Errorf("remembers %d, want %d", len(p.looks), maxRemembered)
		}
	})
}
