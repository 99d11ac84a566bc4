package trial

import (
	"context"
	"errors"
	"fmt"
	nethttp "net/http"
)

// cancel asks to stop a request, or to forget it.
func cancel(ctx context.Context, w *warehouse, of string, withdraw bool) (path string, body any, a answer, err error) {
	key := newKey()
	path = "/requests/" + of + "/cancellations/" + key
	body = map[string]any{"key": key, "requestKey": of, "withdraw": withdraw}
	r, err := w.put(ctx, path, body)
	if err == nil {
		a, err = r.decided()
	}
	return path, body, a, err
}

func cancellationHasOneAnswer(ctx context.Context, w *warehouse) error {
	if err := w.can("cancel"); err != nil {
		return err
	}
	key, _, err := w.taken(ctx)
	if err != nil {
		return err
	}
	path, body, first, err := cancel(ctx, w, key, false)
	if err != nil {
		return err
	}
	if err := again(ctx, w, path, body, first); err != nil {
		return err
	}
	found, ok, err := w.found(ctx, path)
	if err == nil && !ok {
		err = errors.New("it was answered, and is not found")
	}
	if err != nil {
		return err
	}
	return found.follows(first)
}

func stoppedIsNotAccepted(ctx context.Context, w *warehouse) error {
	if err := w.can("cancel"); err != nil {
		return err
	}
	key, taken, err := w.taken(ctx)
	if err != nil {
		return err
	}
	if taken.Outcome == "REJECTED" {
		return skip("the warehouse rejects requests for the SKU %q", w.SKU)
	}
	_, _, stopped, err := cancel(ctx, w, key, false)
	if err != nil {
		return err
	}
	if stopped.Outcome != "ACCEPTED" {
		return skip("the cancellation was answered %s", stopped.Outcome)
	}
	found, ok, err := w.found(ctx, "/requests/"+key)
	if err != nil {
		return err
	}
	if !ok || found.Outcome != "REJECTED" {
		return fmt.Errorf("the cancellation was ACCEPTED, and the request is found as %q", found.Outcome)
	}
	return nil
}

func cancellationOfNothing(ctx context.Context, w *warehouse) error {
	_, _, a, err := cancel(ctx, w, newKey(), false)
	if err == nil && a.Outcome != "REJECTED" {
		err = fmt.Errorf("it is %s", a.Outcome)
	}
	return err
}

func withdrawnIsNotTaken(ctx context.Context, w *warehouse) error {
	key := newKey()
	_, _, a, err := cancel(ctx, w, key, true)
	if err != nil {
		return err
	}
	if a.Outcome != "ACCEPTED" {
		return fmt.Errorf("the withdrawal of what never came is %s, want ACCEPTED", a.Outcome)
	}
	r, err := w.put(ctx, "/requests/"+key, w.request(key))
	if err != nil {
		return err
	}
	late, err := r.answered(nethttp.StatusOK, nethttp.StatusCreated)
	if err == nil && late.Outcome != "REJECTED" {
		err = fmt.Errorf("the request came after it was withdrawn, and is %s", late.Outcome)
	}
	return err
}

func lookupOfNoCancellation(ctx context.Context, w *warehouse) error {
	key, _, err := w.taken(ctx)
	if err != nil {
		return err
	}
	r, err := w.get(ctx, "/requests/"+key+"/cancellations/"+newKey())
	if err != nil {
		return err
	}
	return r.problem(nethttp.StatusNotFound)
}
