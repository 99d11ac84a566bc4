package postgres

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	claim := KeyClaim{App: 1, Key: "k", Fingerprint: []byte("content"), Lease: time.Minute, Lifetime: time.Hour}
	forKey := func(key string) KeyClaim {
		c := claim
		c.Key = key
		return c
	}
	must := func(t *testing.T, c KeyClaim) ClaimedKey {
		t.Helper()
		claimed, err := b.ClaimKey(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return claimed
	}
	refused := func(t *testing.T, c KeyClaim, want error) {
		t.Helper()
		if claimed, err := b.ClaimKey(t.Context(), c); !errors.Is(err, want) {
			t.Errorf("claim: %+v, %v; want %v", claimed, err, want)
		}
	}
	// ago moves the times of a key into the past, as if that much time had gone by.
	ago := func(t *testing.T, key string, d time.Duration) {
		t.Helper()
		if _, err := b.pool.Exec(t.Context(),
			`UPDATE idempotency_keys SET lease_until = lease_until - $2::interval, expires_at = expires_at - $2::interval WHERE key = $1`,
			key, interval(d)); err != nil {
			t.Fatal(err)
		}
	}

	t.Run("an_answer_is_given_again", func(t *testing.T) {
		t.Parallel()
		c := forKey("answered")
		claimed := must(t, c)
		if claimed.Attempt != 1 || claimed.Answer != nil {
			t.Fatalf("first claim: %+v", claimed)
		}
		refused(t, c, ErrKeyInUse)
		if err := b.AnswerKey(t.Context(), claimed, KeyAnswer{Body: []byte("answer")}); err != nil {
			t.Fatal(err)
		}
		if got := must(t, c); string(got.Answer) != "answer" {
			t.Errorf("second claim: %+v", got)
		}
		if err := b.AnswerKey(t.Context(), claimed, KeyAnswer{Body: []byte("other")}); !errors.Is(err, ErrKeyLost) {
			t.Errorf("a second answer: %v, want ErrKeyLost", err)
		}
	})

	t.Run("other_content_is_a_mismatch_in_every_state", func(t *testing.T) {
		t.Parallel()
		c := forKey("mismatch")
		other := c
		other.Fingerprint = []byte("other")
		claimed := must(t, c)
		refused(t, other, ErrKeyMismatch)
		if err := b.ReleaseKey(t.Context(), claimed); err != nil {
			t.Fatal(err)
		}
		refused(t, other, ErrKeyMismatch)
		claimed = must(t, c)
		if err := b.AnswerKey(t.Context(), claimed, KeyAnswer{Body: []byte("answer")}); err != nil {
			t.Fatal(err)
		}
		refused(t, other, ErrKeyMismatch)
	})

	t.Run("belongs_to_an_app", func(t *testing.T) {
		t.Parallel()
		c := forKey("app")
		must(t, c)
		c.App, c.Fingerprint = 2, []byte("other")
		must(t, c)
	})

	t.Run("a_released_one_is_tried_again_at_once", func(t *testing.T) {
		t.Parallel()
		c := forKey("released")
		if err := b.ReleaseKey(t.Context(), must(t, c)); err != nil {
			t.Fatal(err)
		}
		if got := must(t, c); got.Attempt != 2 || got.Answer != nil {
			t.Errorf("claim after release: %+v", got)
		}
	})

	t.Run("a_crashed_one_is_taken_over_after_its_lease", func(t *testing.T) {
		t.Parallel()
		c := forKey("crashed")
		crashed := must(t, c)
		refused(t, c, ErrKeyInUse)
		ago(t, c.Key, c.Lease)
		taken := must(t, c)
		if taken.Attempt != 2 {
			t.Errorf("attempt %d, want 2", taken.Attempt)
		}
		if err := b.AnswerKey(t.Context(), crashed, KeyAnswer{Body: []byte("late")}); !errors.Is(err, ErrKeyLost) {
			t.Errorf("the crashed one answers: %v, want ErrKeyLost", err)
		}
		if err := b.ReleaseKey(t.Context(), crashed); !errors.Is(err, ErrKeyLost) {
			t.Errorf("the crashed one releases: %v, want ErrKeyLost", err)
		}
		if err := b.AnswerKey(t.Context(), taken, KeyAnswer{Body: []byte("answer")}); err != nil {
			t.Error(err)
		}
	})

	t.Run("an_answer_may_be_kept_shorter_than_its_key", func(t *testing.T) {
		t.Parallel()
		c := forKey("kept")
		answer := KeyAnswer{Body: []byte("Ada"), Grounds: []byte(`[{"scopes":["read_orders"]}]`), Keep: time.Minute}
		if err := b.AnswerKey(t.Context(), must(t, c), answer); err != nil {
			t.Fatal(err)
		}
		if got := must(t, c); string(got.Answer) != "Ada" || !strings.Contains(string(got.Grounds), "read_orders") {
			t.Errorf("while it is kept: %+v", got)
		}
		if _, err := b.pool.Exec(
			t.Context(), `UPDATE idempotency_keys SET answer_until = now() WHERE key = $1`, c.Key,
		); err != nil {
			t.Fatal(err)
		}
		other := c
		other.Fingerprint = []byte("other")
		refused(t, other, ErrKeyMismatch)
		if n, err := b.DeleteKeptAnswers(t.Context()); n != 1 || err != nil {
			t.Errorf("%d answers are deleted, %v", n, err)
		}
		left := b.one(`SELECT count(*) FROM idempotency_keys WHERE key = $1 AND answer IS NULL`, c.Key)
		if got := must(t, c); got.Attempt != 2 || got.Answer != nil || left != 1 {
			t.Errorf("when it is forgotten: %+v, %d rows without an answer", got, left)
		}
		if err := b.AnswerKey(t.Context(), must(t, forKey("whole")), KeyAnswer{Body: []byte("x")}); err != nil {
			t.Fatal(err)
		}
		if got := must(t, forKey("whole")); string(got.Answer) != "x" || got.Grounds != nil {
			t.Errorf("one that is kept as long as its key: %+v", got)
		}
	})

	t.Run("is_free_for_anything_when_it_has_expired", func(t *testing.T) {
		t.Parallel()
		c := forKey("expired")
		if err := b.AnswerKey(t.Context(), must(t, c), KeyAnswer{Body: []byte("answer")}); err != nil {
			t.Fatal(err)
		}
		ago(t, c.Key, c.Lifetime)
		c.Fingerprint = []byte("other")
		if got := must(t, c); got.Answer != nil {
			t.Errorf("claim after the key expired: %+v", got)
		}
		if left := b.one(
			`SELECT count(*) FROM idempotency_keys WHERE key = $1 AND expires_at > now()`, c.Key,
		); left != 1 {
			t.Error("the new claim has no lifetime of its own")
		}
	})

	t.Run("one_of_many_gets_it", func(t *testing.T) {
		t.Parallel()
		c := forKey("many")
		var won, waited atomic.Int32
		var group errgroup.Group
		for range 50 {
			group.Go(func() error {
				_, err := b.ClaimKey(t.Context(), c)
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, ErrKeyInUse):
					waited.Add(1)
				default:
					return err
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		if won.Load() != 1 || waited.Load() != 49 {
			t.Errorf("%d claims won and %d found it in use", won.Load(), waited.Load())
		}
	})
}

func TestDeleteExpiredKeys(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for key, ends := range map[string]struct{ lifetime, lease time.Duration }{
		"kept":     {time.Hour, 0},
		"expired":  {0, 0},
		"underway": {0, time.Hour},
	} {
		if _, err := b.ClaimKey(
			t.Context(), KeyClaim{App: 1, Key: key, Fingerprint: []byte{1}, Lease: ends.lease, Lifetime: ends.lifetime},
		); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := b.DeleteExpiredKeys(t.Context()); n != 1 || err != nil {
		t.Errorf("%d deleted, %v; want 1", n, err)
	}
	if left := b.one(`SELECT count(*) FROM idempotency_keys WHERE key IN ('kept', 'underway')`); left != 2 {
		t.Errorf("%d are left of 2", left)
	}
}
