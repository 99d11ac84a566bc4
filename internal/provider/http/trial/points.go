package trial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	nethttp "net/http"
	"strings"
	"sync"
	"time"

	"packhorse/internal/provider/http"
	"packhorse/internal/standardwebhook"
)

func optionsAreListed(ctx context.Context, w *warehouse) error {
	r, err := w.get(ctx, "/options")
	if err != nil {
		return err
	}
	if err := r.is(nethttp.StatusOK); err != nil {
		return err
	}
	if err := r.fits("Options"); err != nil {
		return err
	}
	var o struct {
		Version   string
		Abilities []string
	}
	if err := json.Unmarshal(r.body, &o); err != nil {
		return err
	}
	w.abilities = o.Abilities
	if o.Version != http.Version {
		return fmt.Errorf("it speaks the version %q, want %q", o.Version, http.Version)
	}
	return nil
}

// refusesSignature puts a request in a way that is to be refused.
func refusesSignature(ctx context.Context, w *warehouse, m message) error {
	key := newKey()
	m.method, m.path = nethttp.MethodPut, "/requests/"+key
	if m.body == nil {
		m.body = w.request(key)
	}
	r, err := w.send(ctx, m)
	if err != nil {
		return err
	}
	if err := r.problem(nethttp.StatusUnauthorized); err != nil {
		return err
	}
	return w.nothingTaken(ctx, m.path)
}

func unsignedIsRefused(ctx context.Context, w *warehouse) error {
	return refusesSignature(ctx, w, message{change: func(h nethttp.Header) {
		for _, name := range []string{standardwebhook.ID, standardwebhook.Timestamp, standardwebhook.Signature} {
			h.Del(name)
		}
	}})
}

func wrongSecretIsRefused(ctx context.Context, w *warehouse) error {
	return refusesSignature(ctx, w, message{by: &w.stranger})
}

func changedBodyIsRefused(ctx context.Context, w *warehouse) error {
	return refusesSignature(ctx, w, message{change: func(h nethttp.Header) {
		stamp := h.Get(standardwebhook.Timestamp)
		// As if somebody had put another body behind a signature that was seen.
		_ = w.Secrets.Sign(h, h.Get(standardwebhook.ID), time.Now(), []byte("another body"))
		h.Set(standardwebhook.Timestamp, stamp)
	}})
}

func signatureOf(off time.Duration) func(context.Context, *warehouse) error {
	return func(ctx context.Context, w *warehouse) error { return refusesSignature(ctx, w, message{off: off}) }
}

func oneOfSeveral(ctx context.Context, w *warehouse) error {
	r, err := w.send(ctx, message{method: nethttp.MethodGet, path: "/options", change: func(h nethttp.Header) {
		mine, other := h.Get(standardwebhook.Signature), nethttp.Header{}
		_ = w.stranger.Sign(other, h.Get(standardwebhook.ID), time.Now(), nil)
		h.Set(standardwebhook.Signature, "v1a,bm90IHlldA== "+other.Get(standardwebhook.Signature)+" "+mine)
	}})
	if err != nil {
		return err
	}
	return r.is(nethttp.StatusOK)
}

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

func returnHasOneAnswer(ctx context.Context, w *warehouse) error {
	if err := w.can("returns"); err != nil {
		return err
	}
	key := newKey()
	body := map[string]any{
		"key": key, "serviceId": Service, "fulfillmentId": "1", "orderName": "#trial",
		"lines": []any{map[string]any{"lineId": "1", "sku": w.SKU, "quantity": 1}},
	}
	r, err := w.put(ctx, "/returns/"+key, body)
	if err != nil {
		return err
	}
	first, err := r.decided()
	if err != nil {
		return err
	}
	if err := again(ctx, w, "/returns/"+key, body, first); err != nil {
		return err
	}
	found, ok, err := w.found(ctx, "/returns/"+key)
	if err == nil && !ok {
		err = errors.New("it was answered, and is not found")
	}
	if err != nil {
		return err
	}
	return found.follows(first)
}

func documentsAreListed(ctx context.Context, w *warehouse) error {
	if err := w.can("documents"); err != nil {
		return err
	}
	key, _, err := w.taken(ctx)
	if err != nil {
		return err
	}
	for _, kind := range []string{"label", "invoice", "return"} {
		r, err := w.get(ctx, "/requests/"+key+"/documents?kind="+kind)
		if err != nil {
			return err
		}
		if err := r.is(nethttp.StatusOK); err != nil {
			return err
		}
		var list struct{ Documents []json.RawMessage }
		if err := json.Unmarshal(r.body, &list); err != nil || list.Documents == nil {
			return fmt.Errorf("the body is no object with a list of documents%s", r.said())
		}
		for _, one := range list.Documents {
			if err := (reply{body: one}).fits("Document"); err != nil {
				return err
			}
			var d struct{ Kind, URL, Content string }
			if err := json.Unmarshal(one, &d); err != nil || d.Kind != kind || (d.URL == "") == (d.Content == "") {
				return fmt.Errorf("asked for %s, it gives a %s; each has a url or its content: %.200s",
					kind, d.Kind, one)
			}
		}
	}
	return nil
}

func ratesArePrices(ctx context.Context, w *warehouse) error {
	if err := w.can("rates"); err != nil {
		return err
	}
	body := w.request("")
	r, err := w.send(ctx, message{method: nethttp.MethodPost, path: "/rates", body: map[string]any{
		"lines": body["lines"], "destination": body["destination"], "currencyCode": "EUR",
	}})
	if err != nil {
		return err
	}
	if err := r.is(nethttp.StatusOK); err != nil {
		return err
	}
	var list struct{ Rates []json.RawMessage }
	if err := json.Unmarshal(r.body, &list); err != nil || list.Rates == nil {
		return fmt.Errorf("the body is no object with a list of rates%s", r.said())
	}
	for _, one := range list.Rates {
		if err := (reply{body: one}).fits("Rate"); err != nil {
			return err
		}
	}
	return nil
}

func unknownPath(ctx context.Context, w *warehouse) error {
	r, err := w.get(ctx, "/no-such-path")
	if err != nil {
		return err
	}
	return r.problem(nethttp.StatusNotFound)
}
