package trial

import (
	"context"
	"errors"
)

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
