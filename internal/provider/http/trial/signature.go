package trial

import (
	"context"
	nethttp "net/http"
	"time"

	"packhorse/internal/standardwebhook"
)

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
