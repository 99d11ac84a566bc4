package trial_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"packhorse/examples/warehouse/warehouse"
	"packhorse/internal/provider/http/trial"
	"packhorse/internal/standardwebhook"
)

// callbackSecrets are others than those of the calls: each way has its own.
func callbackSecrets(t testing.TB) standardwebhook.Secrets {
	t.Helper()
	s, err := standardwebhook.ParseSecrets(standardwebhook.NewSecret([32]byte{4, 5, 6}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// listen is a place for callbacks.
func listen(t testing.TB, wait time.Duration) trial.Callbacks {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return trial.Callbacks{
		Listener: listener, URL: "http://" + listener.Addr().String() + "/providers/http",
		Secrets: callbackSecrets(t), Wait: wait,
	}
}

// open is the reference warehouse, which tells while the test runs.
func open(t testing.TB, c warehouse.Config) http.Handler {
	t.Helper()
	c.Callbacks = callbackSecrets(t)
	w := newReference(t, c)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() { defer close(ended); w.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return w.Handler()
}

// misteller tells otherwise than the reference does.
type misteller struct {
	// edit changes what is told: again says that it was told before, and what became of it then: a status, or 0.
	edit func(send *http.Request, body []byte, again bool, status int) []byte
	// answer may change what the warehouse believes that it was answered.
	answer func(response *http.Response, err error) (*http.Response, error)

	mu   sync.Mutex
	told map[string]int // statuses by IDs
}

func (m *misteller) RoundTrip(r *http.Request) (*http.Response, error) {
	id := r.Header.Get(standardwebhook.ID)
	m.mu.Lock()
	status, again := m.told[id]
	m.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	send := r.Clone(r.Context())
	if m.edit != nil {
		body = m.edit(send, body, again, status)
	}
	send.Body, send.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	response, err := http.DefaultTransport.RoundTrip(send)
	m.mu.Lock()
	m.told[id] = 0
	if err == nil {
		m.told[id] = response.StatusCode
	}
	m.mu.Unlock()
	if m.answer != nil {
		return m.answer(response, err)
	}
	return response, err
}

// brokenCallback is a warehouse that breaks a point about callbacks, and what it is told then.
type brokenCallback struct {
	point, want string
	misteller
	wait time.Duration // 0: long, because everything comes
}

// brokenCallbacks break each point about callbacks, by names.
func brokenCallbacks(t testing.TB) map[string]*brokenCallback {
	s := callbackSecrets(t)
	sign := func(r *http.Request, id string, body []byte) []byte {
		_ = s.Sign(r.Header, id, time.Now(), body)
		return body
	}
	changes := func(change func(o map[string]any)) misteller {
		return misteller{edit: func(r *http.Request, body []byte, _ bool, _ int) []byte {
			return sign(r, r.Header.Get(standardwebhook.ID), edit(body, change))
		}}
	}
	// renames what comes again after a status.
	renames := func(after int) misteller {
		return misteller{edit: func(r *http.Request, body []byte, again bool, status int) []byte {
			if again && status == after {
				return sign(r, r.Header.Get(standardwebhook.ID)+"-again", body)
			}
			return body
		}}
	}
	// taken is what a warehouse believes that does not look at answers.
	taken := func() *http.Response {
		return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}
	}
	return map[string]*brokenCallback{
		"signature_of_another_form_of_the_body": {
			point: "callbacks_are_signed", want: "no signature in it is that of a secret", misteller: misteller{
				edit: func(_ *http.Request, body []byte, _ bool, _ int) []byte { return append(body, '\n') },
			},
		},
		"no_signature": {point: "callbacks_are_signed", want: "the header webhook-signature is missing", misteller: misteller{
			edit: func(r *http.Request, body []byte, _ bool, _ int) []byte {
				r.Header.Del(standardwebhook.Signature)
				return body
			},
		}},
		"signature_of_another_time": {point: "callbacks_are_signed", want: "away from the present", misteller: misteller{
			edit: func(r *http.Request, body []byte, _ bool, _ int) []byte {
				_ = s.Sign(r.Header, r.Header.Get(standardwebhook.ID), time.Now().Add(-time.Hour), body)
				return body
			},
		}},
		"unknown_type": {
			point: "callbacks_are_of_the_contract", want: `no callback "parcel.lost"`,
			misteller: changes(func(o map[string]any) { o["type"] = "parcel.lost" }),
		},
		"malformed_body": {
			point: "callbacks_are_of_the_contract", want: "occurredAt",
			misteller: changes(func(o map[string]any) { delete(o, "occurredAt") }),
		},
		"other_id_after_500": {
			point: "callback_comes_again_after_a_failure", want: "was answered 500, and came again with the webhook-id",
			misteller: renames(http.StatusInternalServerError),
		},
		"nothing_after_500": {
			point: "callback_comes_again_after_a_failure", want: "was answered 500, and did not come again",
			wait: 10 * time.Second,
			misteller: misteller{answer: func(r *http.Response, err error) (*http.Response, error) {
				if err == nil && r.StatusCode == http.StatusInternalServerError {
					_ = r.Body.Close()
					return taken(), nil
				}
				return r, err
			}},
		},
		"other_id_without_an_answer": {
			point: "callback_comes_again_without_an_answer", want: "was not answered, and came again with the webhook-id",
			misteller: renames(0),
		},
		"nothing_without_an_answer": {
			point: "callback_comes_again_without_an_answer", want: "was not answered, and did not come again",
			wait: 10 * time.Second,
			misteller: misteller{answer: func(r *http.Response, err error) (*http.Response, error) {
				if err != nil {
					return taken(), nil
				}
				return r, nil
			}},
		},
		"another_body_again": {point: "callback_stays_the_same", want: "came again with another body", misteller: misteller{
			edit: func(r *http.Request, body []byte, again bool, _ int) []byte {
				if again {
					body = edit(body, func(o map[string]any) { o["attempt"] = 2 })
				}
				return sign(r, r.Header.Get(standardwebhook.ID), body)
			},
		}},
		"one_sequence_for_all": {
			point: "callbacks_are_in_order", want: "has the sequence 1, and came after",
			misteller: changes(func(o map[string]any) { o["sequence"] = 1 }),
		},
		"sequence_that_falls": {
			point: "callbacks_are_in_order", want: "and came after",
			misteller: changes(func(o map[string]any) { o["sequence"] = 100 - o["sequence"].(float64) }),
		},
	}
}

// TestEachCallbackPointCanFail: a warehouse that breaks a point about callbacks is told so, by that point alone.
func TestEachCallbackPointCanFail(t *testing.T) {
	t.Parallel()
	for name, broken := range brokenCallbacks(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken.told = map[string]int{}
			c := listen(t, time.Minute)
			if broken.wait > 0 {
				c.Wait = broken.wait
			}
			results := tryAt(t, open(t, warehouse.Config{
				CallbackURL: c.URL, Client: &http.Client{Transport: broken, Timeout: 2 * time.Second},
			}), 20*time.Second, c)
			for _, point := range callbackPoints() {
				r := results[point]
				switch {
				case point == broken.point && (r.Verdict != trial.Broken || !strings.Contains(r.Why, broken.want)):
					t.Errorf("%s is %s: %s; want %q", point, r.Verdict, r.Why, broken.want)
				case point != broken.point && r.Verdict != trial.Holds:
					t.Errorf("%s is %s, too: %s", point, r.Verdict, r.Why)
				}
			}
		})
	}
}

// callbackPoints are those about callbacks, by their names.
func callbackPoints() (names []string) {
	for _, p := range trial.Points() {
		if strings.HasPrefix(p.Name, "callback") {
			names = append(names, p.Name)
		}
	}
	return names
}

// TestCallbacksThatDoNotComeAreNotTried, and it is told what the warehouse would have to do.
func TestCallbacksThatDoNotComeAreNotTried(t *testing.T) {
	t.Parallel()
	silent := listen(t, 10*time.Millisecond)
	astray := listen(t, 5*time.Second)
	for name, test := range map[string]struct {
		callbacks trial.Callbacks
		told      string
		want      string
	}{
		"nobody_listens":             {trial.Callbacks{}, "", "--listen"},
		"the_warehouse_tells_nobody": {silent, "", "has to call " + silent.URL + "/1"},
		"it_calls_another_path":      {astray, astray.URL, `it called "POST /providers/http/1/news"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := warehouse.Config{CallbackURL: test.told}
			if test.told != "" {
				c.Client = &http.Client{Transport: elsewhere{}}
			}
			results := tryAt(t, open(t, c), 20*time.Second, test.callbacks)
			for _, point := range callbackPoints() {
				if r := results[point]; r.Verdict != trial.NotTried || !strings.Contains(r.Why, test.want) {
					t.Errorf("%s is %s: %s; want %q", point, r.Verdict, r.Why, test.want)
				}
			}
		})
	}
}

// elsewhere puts something behind the service.
type elsewhere struct{}

func (elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	send := r.Clone(r.Context())
	send.URL.Path += "/news"
	return http.DefaultTransport.RoundTrip(send)
}
