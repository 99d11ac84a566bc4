package bench

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"packhorse/internal/standardwebhook"
)

// A slow warehouse keeps its callers waiting until it is told to be fast, and counts them.
func TestSlowWarehouse(t *testing.T) {
	t.Parallel()
	secret := newWarehouseSecret()
	w, err := startWarehouse(secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.close() })
	secrets, err := standardwebhook.ParseSecrets(secret)
	if err != nil {
		t.Fatal(err)
	}
	put := func(key string) (status int, err error) {
		body := []byte(`{"key": "` + key + `", "lines": [{"lineId": "1", "quantity": 1}]}`)
		r, err := http.NewRequestWithContext(
			t.Context(), http.MethodPut, w.url+"/requests/"+key, bytes.NewReader(body))
		if err != nil {
			return 0, err
		}
		if err := secrets.Sign(r.Header, key, time.Now(), body); err != nil {
			return 0, err
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, err
		}
		return answer.StatusCode, answer.Body.Close()
	}
	if status, err := put("quick"); status != http.StatusCreated || err != nil {
		t.Fatalf("it answers %d, %v", status, err)
	}
	w.slow(24*time.Hour, 0)
	answers := make(chan error, 2)
	for _, key := range []string{"a", "b"} {
		go func() { _, err := put(key); answers <- err }()
	}
	for at := 0; at < 2; at, _, _ = w.state() {
		select {
		case err := <-answers:
			t.Fatalf("it answers at once: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	w.fast()
	for range 2 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	if at, waited, answered := w.state(); at != 0 || waited <= 0 || answered != 3 {
		t.Errorf("%d wait, %d were answered, all have waited %s", at, answered, waited)
	}
}
