package trial

import (
	"context"
	"errors"
	"fmt"
	nethttp "net/http"
	"strings"
	"sync"
)

func requestIsTaken(ctx context.Context, w *warehouse) error {
	_, _, err := w.taken(ctx)
	return err
}

func unknownMembers(ctx context.Context, w *warehouse) error {
	key := newKey()
	body := w.request(key)
	body["somethingOfAnotherYear"] = map[string]any{"a": []int{1}}
	r, err := w.put(ctx, "/requests/"+key, body)
	if err == nil {
		_, err = r.decided()
	}
	return err
}

func allCharacters(ctx context.Context, w *warehouse) error {
	for _, key := range []string{"k-a.b_c~2fd-" + newKey(), "k-" + strings.Repeat("x", 298-len(newKey())) + newKey()} {
		r, err := w.put(ctx, "/requests/"+key, w.request(key))
		if err != nil {
			return err
		}
		first, err := r.decided()
		if err != nil {
			return fmt.Errorf("the key %s: %w", key, err)
		}
		found, ok, err := w.found(ctx, "/requests/"+key)
		if err == nil && !ok {
			err = errors.New("it was taken, and is not found")
		}
		if err == nil {
			err = found.follows(first)
		}
		if err != nil {
			return fmt.Errorf("the key %s: %w", key, err)
		}
	}
	return nil
}

// again puts what was put before, and wants the same answer.
func again(ctx context.Context, w *warehouse, path string, body any, first answer) error {
	r, err := w.put(ctx, path, body)
	if err != nil {
		return err
	}
	second, err := r.answered(nethttp.StatusOK)
	if err != nil {
		return err
	}
	return second.follows(first)
}

func sameRequest(ctx context.Context, w *warehouse) error {
	key, first, err := w.taken(ctx)
	if err != nil {
		return err
	}
	return again(ctx, w, "/requests/"+key, w.request(key), first)
}

func otherRequest(ctx context.Context, w *warehouse) error {
	key, first, err := w.taken(ctx)
	if err != nil {
		return err
	}
	other := w.request(key)
	other["lines"].([]any)[0].(map[string]any)["quantity"] = 3
	r, err := w.put(ctx, "/requests/"+key, other)
	if err != nil {
		return err
	}
	if err := r.problem(nethttp.StatusConflict); err != nil {
		return err
	}
	if retryable := r.retryable(); retryable == nil || *retryable {
		return errors.New("the problem does not say retryable: false")
	}
	// What was taken first stands.
	return again(ctx, w, "/requests/"+key, w.request(key), first)
}

func requestsAtOnce(ctx context.Context, w *warehouse) error {
	key := newKey()
	replies, errs := make([]reply, 8), make([]error, 8)
	var group sync.WaitGroup
	for i := range replies {
		group.Go(func() { replies[i], errs[i] = w.put(ctx, "/requests/"+key, w.request(key)) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	first, taken := answer{}, 0
	for i, r := range replies {
		a, err := r.answered(nethttp.StatusOK, nethttp.StatusCreated, nethttp.StatusAccepted)
		if err != nil {
			return err
		}
		if r.status != nethttp.StatusOK {
			taken++
		}
		if i == 0 {
			first = a
		} else if a.Reference != first.Reference {
			return fmt.Errorf("one key has the references %q and %q", first.Reference, a.Reference)
		}
	}
	if taken != 1 {
		return fmt.Errorf("%d of 8 were answered as new, want 1", taken)
	}
	return nil
}

func lookupFinds(ctx context.Context, w *warehouse) error {
	key, first, err := w.taken(ctx)
	if err != nil {
		return err
	}
	found, ok, err := w.found(ctx, "/requests/"+key)
	if err == nil && !ok {
		err = errors.New("it was taken, and is not found")
	}
	if err != nil {
		return err
	}
	return found.follows(first)
}

func lookupOfNothing(ctx context.Context, w *warehouse) error {
	r, err := w.get(ctx, "/requests/"+newKey())
	if err != nil {
		return err
	}
	return r.problem(nethttp.StatusNotFound)
}

// refuses puts something that is to be refused as malformed.
func refuses(ctx context.Context, w *warehouse, path string, body any) error {
	r, err := w.put(ctx, path, body)
	if err != nil {
		return err
	}
	if err := r.problem(nethttp.StatusBadRequest, nethttp.StatusUnprocessableEntity); err != nil {
		return err
	}
	if retryable := r.retryable(); retryable != nil && *retryable {
		return errors.New("the problem says retryable: true; the same request will never succeed")
	}
	return w.nothingTaken(ctx, path)
}

func malformedIsRefused(ctx context.Context, w *warehouse) error {
	key := newKey()
	withoutLines := w.request(key)
	delete(withoutLines, "lines")
	for name, body := range map[string]any{
		"half of a JSON object": []byte(`{"key":"` + key), "a list": []byte(`[]`), "no lines": withoutLines,
	} {
		if err := refuses(ctx, w, "/requests/"+key, body); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func keyOfTheBody(ctx context.Context, w *warehouse) error {
	return refuses(ctx, w, "/requests/"+newKey(), w.request(newKey()))
}
