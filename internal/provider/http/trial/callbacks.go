package trial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"packhorse/internal/standardwebhook"
)

// heard has the warehouse tell about two requests, and waits for what it tells. Whoever asks later gets the same.
func (w *warehouse) heard(ctx context.Context) ([]attempt, error) {
	r := w.receiver
	if !r.asked {
		r.asked, r.nothing = true, w.listen(ctx)
	}
	return r.all(), r.nothing
}

func (w *warehouse) listen(ctx context.Context) error {
	r := w.receiver
	if r.Listener == nil {
		return skip("nobody listens for callbacks: --listen says where they are taken, and the warehouse has to call " +
			"that address")
	}
	r.mu.Lock()
	r.failed, r.stuck = newKey(), newKey()
	r.mu.Unlock()
	for _, key := range []string{r.failed, r.stuck} {
		reply, err := w.put(ctx, "/requests/"+key, w.request(key))
		if err == nil {
			_, err = reply.decided()
		}
		if err != nil {
			return err
		}
	}
	wait := time.NewTimer(r.Wait)
	defer wait.Stop()
	for !r.enough() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wait.C:
			return r.silence()
		case <-r.came:
		}
	}
	return nil
}

func callbacksAreSigned(ctx context.Context, w *warehouse) error {
	attempts, err := w.heard(ctx)
	if err != nil {
		return err
	}
	for _, a := range attempts {
		if a.forged != nil {
			return fmt.Errorf("%s: %w", a, a.forged)
		}
	}
	return nil
}

func callbacksAreOfTheContract(ctx context.Context, w *warehouse) error {
	attempts, err := w.heard(ctx)
	if err != nil {
		return err
	}
	for _, a := range attempts {
		if a.wrong != nil {
			return fmt.Errorf("%s: %w: %.200q", a, a.wrong, a.body)
		}
	}
	return nil
}

// comesAgain wants the first news of a request, which was not taken, once more under its ID.
func comesAgain(ctx context.Context, w *warehouse, what string, key func(*receiver) string) error {
	attempts, err := w.heard(ctx)
	if err != nil {
		return err
	}
	some := of(attempts, key(w.receiver))
	if len(some) == 0 {
		return skip("nothing was told of the request %s in %s", key(w.receiver), w.receiver.Wait)
	}
	first := some[0]
	for _, a := range some[1:] {
		switch {
		case a.id == first.id && a.id != "":
			return nil
		case a.repeats(first):
			return fmt.Errorf("%s %s, and came again with the %s %q", first, what, standardwebhook.ID, a.id)
		}
	}
	why := fmt.Sprintf("%s %s, and did not come again in %s", first, what, w.receiver.Wait)
	if len(some) > 1 {
		why += fmt.Sprintf("; what came next is %s", some[1])
	}
	return errors.New(why)
}

func callbackAfterFailure(ctx context.Context, w *warehouse) error {
	return comesAgain(ctx, w, "was answered 500", func(r *receiver) string { return r.failed })
}

func callbackAfterSilence(ctx context.Context, w *warehouse) error {
	return comesAgain(ctx, w, "was not answered", func(r *receiver) string { return r.stuck })
}

func repeatedCallbackIsTheSame(ctx context.Context, w *warehouse) error {
	attempts, err := w.heard(ctx)
	if err != nil {
		return err
	}
	first := map[string]attempt{}
	for _, a := range attempts {
		earlier, known := first[a.id]
		switch {
		case a.id == "":
		case !known:
			first[a.id] = a
		case !bytes.Equal(a.body, earlier.body):
			at := 0
			for at < min(len(a.body), len(earlier.body)) && a.body[at] == earlier.body[at] {
				at++
			}
			return fmt.Errorf("%s came again with another body, from byte %d on: %.60q, then %.60q",
				earlier, at, earlier.body[at:], a.body[at:])
		}
	}
	if _, again := news(attempts); again == 0 {
		return skip("nothing came twice")
	}
	return nil
}

func callbacksAreInOrder(ctx context.Context, w *warehouse) error {
	attempts, err := w.heard(ctx)
	if err != nil {
		return err
	}
	firsts, _ := news(attempts)
	last, compared := map[string]attempt{}, false
	for _, a := range firsts {
		before, known := last[a.key]
		if known && a.sequence <= before.sequence {
			return fmt.Errorf("%s has the sequence %d, and came after %s with %d",
				a, a.sequence, before, before.sequence)
		}
		last[a.key], compared = a, compared || known
	}
	if !compared {
		return skip("of no request came more than one piece of news in %s", w.receiver.Wait)
	}
	return nil
}
