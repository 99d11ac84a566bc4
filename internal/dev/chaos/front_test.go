package chaos

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestFrontMoods: of two calls one fails before its effect and one after it, but for what never or always has one.
func TestFrontMoods(t *testing.T) {
	t.Parallel()
	for mood, want := range map[Kind]struct {
		effects int64
		status  bool // there is one, if none that says that all is well
	}{
		FailReceiver: {1, true}, BusyReceiver: {0, true}, HangReceiver: {1, false}, ResetReceiver: {1, false},
		LateReceiver: {2, false}, CutReceiver: {2, false},
	} {
		t.Run(string(mood), func(t *testing.T) {
			t.Parallel()
			var effects atomic.Int64
			f, err := openFront("it", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				effects.Add(1)
				_, _ = w.Write(append([]byte("answer to "), body...))
			}), 100*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			f.rewrite = func(body []byte) []byte { return append(body, '!') }
			ask := func(ctx context.Context) (status int, text string) {
				request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url, strings.NewReader("me"))
				if err != nil {
					t.Fatal(err)
				}
				response, err := http.DefaultClient.Do(request)
				if err != nil {
					return 0, ""
				}
				defer response.Body.Close()
				body, err := io.ReadAll(response.Body)
				if err != nil {
					return 0, ""
				}
				return response.StatusCode, string(body)
			}
			f.become(mood)
			for n := range 2 {
				ctx, leave := context.WithCancel(t.Context())
				if mood == HangReceiver { // It does not answer before its caller goes.
					go func() {
						for !f.had(n + 1) {
							time.Sleep(time.Millisecond)
						}
						leave()
					}()
				}
				if status, _ := ask(ctx); status == http.StatusOK || status != 0 != want.status {
					t.Errorf("it is answered %d", status)
				}
				leave()
			}
			f.settle()
			if n := effects.Load(); n != want.effects {
				t.Errorf("there were %d effects, want %d", n, want.effects)
			}
			if status, text := ask(t.Context()); status != http.StatusOK || text != "answer to me!" {
				t.Errorf("when it is well it answers %d %q", status, text)
			}
		})
	}
}

// had tells whether so many requests have come, and had what effect they have.
func (f *front) had(requests int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests == requests && f.under == 0
}
