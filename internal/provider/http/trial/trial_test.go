package trial_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"packhorse/examples/warehouse/warehouse"
	"packhorse/internal/callback"
	"packhorse/internal/provider/http/trial"
	"packhorse/internal/standardwebhook"
)

func secrets(t testing.TB) standardwebhook.Secrets {
	t.Helper()
	s, err := standardwebhook.ParseSecrets(standardwebhook.NewSecret([32]byte{1, 2, 3}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// reference is the reference warehouse.
func reference(t testing.TB, c warehouse.Config) http.Handler {
	t.Helper()
	return newReference(t, c).Handler()
}

func newReference(t testing.TB, c warehouse.Config) *warehouse.Warehouse {
	t.Helper()
	c.Secrets, c.Logger = secrets(t), slog.New(slog.DiscardHandler)
	w, err := warehouse.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// try runs the suite without callbacks, and returns what it says of each point.
func try(t testing.TB, handler http.Handler, timeout time.Duration) map[string]trial.Result {
	t.Helper()
	return tryAt(t, handler, timeout, trial.Callbacks{})
}

// tryAt runs the suite.
func tryAt(
	t testing.TB, handler http.Handler, timeout time.Duration, callbacks trial.Callbacks,
) map[string]trial.Result {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	results := map[string]trial.Result{}
	err := trial.Run(t.Context(), trial.Config{
		URL: server.URL, Secrets: secrets(t), Rules: callback.Rules{AllowPrivate: true}, SKU: "TEST", Timeout: timeout,
		Callbacks: callbacks,
	}, func(r trial.Result) { results[r.Point] = r })
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// TestReferenceWarehouseKeepsTheContract, in each form, and leaves nothing untried.
func TestReferenceWarehouseKeepsTheContract(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]warehouse.Config{
		"at_once": {}, "pending": {Pending: true}, "with_a_file": {File: t.TempDir() + "/warehouse.json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			callbacks := listen(t, time.Minute)
			c.CallbackURL, c.Client = callbacks.URL, &http.Client{Timeout: 2 * time.Second}
			c.ShipAfter = 2 * time.Second // so that there is something to stop before
			results := tryAt(t, open(t, c), 20*time.Second, callbacks)
			if len(results) != len(trial.Points()) {
				t.Errorf("%d of %d points were tried", len(results), len(trial.Points()))
			}
			for _, r := range results {
				if r.Verdict != trial.Holds {
					t.Errorf("%s is %s: %s", r.Point, r.Verdict, r.Why)
				}
			}
		})
	}
}

// faulty is a warehouse that passes requests on to the reference, and answers otherwise where answer says so.
type faulty struct {
	http.Handler
	secrets standardwebhook.Secrets
	// before may change a request, and may answer it: then it returns true.
	before func(w http.ResponseWriter, r *http.Request, body []byte) bool
	// after may change an answer.
	after func(r *http.Request, answer *httptest.ResponseRecorder)
}

func (f faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if f.before != nil && f.before(w, r, body) {
		return
	}
	answer := httptest.NewRecorder()
	f.Handler.ServeHTTP(answer, r)
	if f.after != nil {
		f.after(r, answer)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// resign signs a request anew: whatever it was signed with is believed then.
func (f faulty) resign(r *http.Request, body []byte) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	_ = f.secrets.Sign(r.Header, "msg_1", time.Now(), body)
}

// edit changes a JSON object.
func edit(body []byte, change func(object map[string]any)) []byte {
	var object map[string]any
	if json.Unmarshal(body, &object) != nil || object == nil {
		return body
	}
	change(object)
	text, _ := json.Marshal(object)
	return text
}

// TestEachPointCanFail: a warehouse that breaks a point is told so, by that point.
func TestEachPointCanFail(t *testing.T) {
	t.Parallel()
	s := secrets(t)
	// says changes the answers to what matches.
	says := func(method, part string, change func(answer *httptest.ResponseRecorder)) faulty {
		return faulty{after: func(r *http.Request, answer *httptest.ResponseRecorder) {
			if r.Method == method && strings.Contains(r.URL.Path, part) {
				change(answer)
			}
		}}
	}
	body := func(change func(object map[string]any)) func(*httptest.ResponseRecorder) {
		return func(answer *httptest.ResponseRecorder) {
			text := edit(answer.Body.Bytes(), change)
			answer.Body = bytes.NewBuffer(text)
		}
	}
	status := func(from, to int) func(*httptest.ResponseRecorder) {
		return func(answer *httptest.ResponseRecorder) {
			if answer.Code == from {
				answer.Code = to
			}
		}
	}
	media := func(answer *httptest.ResponseRecorder) { answer.Header().Set("Content-Type", "text/html") }
	both := func(changes ...func(*httptest.ResponseRecorder)) func(*httptest.ResponseRecorder) {
		return func(answer *httptest.ResponseRecorder) {
			for _, change := range changes {
				change(answer)
			}
		}
	}
	// believes signs what matches anew.
	believes := func(when func(r *http.Request, body []byte) bool) faulty {
		f := faulty{secrets: s}
		f.before = func(_ http.ResponseWriter, r *http.Request, body []byte) bool {
			if when(r, body) {
				f.resign(r, body)
			}
			return false
		}
		return f
	}
	// puts changes the bodies that are put, with a signature that is right.
	puts := func(part string, change func(r *http.Request, object map[string]any)) faulty {
		f := faulty{secrets: s}
		f.before = func(_ http.ResponseWriter, r *http.Request, text []byte) bool {
			_, err := s.Verify(r.Header, text, time.Now())
			if err == nil && r.Method == http.MethodPut && strings.Contains(r.URL.Path, part) {
				f.resign(r, edit(text, func(object map[string]any) { change(r, object) }))
			}
			return false
		}
		return f
	}
	age := func(r *http.Request) time.Duration {
		stamp, err := time.ParseDuration(r.Header.Get(standardwebhook.Timestamp) + "s")
		if err != nil {
			return 0
		}
		return time.Since(time.Unix(int64(stamp/time.Second), 0))
	}
	verifiedBut := func(r *http.Request, body []byte, at time.Time) bool {
		_, err := s.Verify(r.Header, body, at)
		return err == nil
	}
	var counter atomic.Int64
	broken := map[string]faulty{
		"options_are_listed": says("GET", "/options", body(func(o map[string]any) { o["version"] = "2019-01" })),
		"unsigned_is_refused": believes(func(r *http.Request, _ []byte) bool {
			return r.Header.Get(standardwebhook.Signature) == ""
		}),
		"wrong_secret_is_refused": believes(func(r *http.Request, body []byte) bool {
			return r.Method == http.MethodPut && age(r).Abs() < time.Minute && !verifiedBut(r, body, time.Now()) &&
				r.Header.Get(standardwebhook.Signature) != "" && !verifiedBut(r, []byte("another body"), time.Now())
		}),
		"changed_body_is_refused": believes(func(r *http.Request, _ []byte) bool {
			return verifiedBut(r, []byte("another body"), time.Now())
		}),
		"old_signature_is_refused": believes(func(r *http.Request, body []byte) bool {
			return verifiedBut(r, body, time.Now().Add(-10*time.Minute))
		}),
		"early_signature_is_refused": believes(func(r *http.Request, body []byte) bool {
			return verifiedBut(r, body, time.Now().Add(10*time.Minute))
		}),
		"one_signature_of_several_is_enough": {before: func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
			first, _, _ := strings.Cut(r.Header.Get(standardwebhook.Signature), " ")
			r.Header.Set(standardwebhook.Signature, first)
			return false
		}},
		"request_is_taken": says("PUT", "/requests/", status(201, 202)),
		"unknown_members_are_ignored": {before: func(w http.ResponseWriter, _ *http.Request, body []byte) bool {
			if bytes.Contains(body, []byte("somethingOfAnotherYear")) {
				w.WriteHeader(http.StatusBadRequest)
				return true
			}
			return false
		}},
		"key_may_have_all_characters": {before: func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if len(r.URL.Path) > 200 {
				w.WriteHeader(http.StatusNotFound)
				return true
			}
			return false
		}},
		"same_request_is_one":         says("PUT", "/requests/", body(func(o map[string]any) { o["reference"] = counter.Add(1) })),
		"other_request_is_a_conflict": says("PUT", "/requests/", body(func(o map[string]any) { delete(o, "retryable") })),
		"requests_at_once_are_one":    says("PUT", "/requests/", status(200, 201)),
		"lookup_finds_the_request": says("GET", "/requests/", both(status(200, 404), body(func(o map[string]any) {
			o["title"], o["status"] = "Not Found", 404
		}))),
		"lookup_of_nothing_is_404": says("GET", "/requests/", media),
		"malformed_request_is_refused": {before: func(w http.ResponseWriter, _ *http.Request, body []byte) bool {
			if string(body) == "[]" {
				w.WriteHeader(http.StatusInternalServerError)
				return true
			}
			return false
		}},
		"key_of_the_body_counts": puts("/requests/", func(r *http.Request, o map[string]any) {
			if parts := strings.Split(r.URL.Path, "/"); o["key"] != nil {
				o["key"] = parts[len(parts)-1]
			}
		}),
		"cancellation_has_one_answer": says("GET", "/cancellations/", body(func(o map[string]any) { o["outcome"] = "PENDING" })),
		"stopped_request_is_not_accepted": says("GET", "/requests/", body(func(o map[string]any) {
			if o["outcome"] == "REJECTED" {
				o["outcome"] = "ACCEPTED"
			}
		})),
		"cancellation_of_nothing_is_rejected": says("PUT", "/cancellations/", body(func(o map[string]any) {
			o["outcome"] = "ACCEPTED"
		})),
		"withdrawn_request_is_not_taken":   puts("/cancellations/", func(_ *http.Request, o map[string]any) { o["withdraw"] = false }),
		"lookup_of_no_cancellation_is_404": says("GET", "/cancellations/", media),
		"return_has_one_answer":            says("PUT", "/returns/", body(func(o map[string]any) { o["reference"] = counter.Add(1) })),
		"documents_are_listed":             says("GET", "/documents", body(func(o map[string]any) { delete(o, "documents") })),
		"rates_are_prices": says("POST", "/rates", body(func(o map[string]any) {
			o["rates"].([]any)[0].(map[string]any)["amount"] = 4.9
		})),
		"unknown_path_is_a_problem": says("GET", "/no-such-path", media),
	}
	var breaking []string // with their callbacks
	for _, b := range brokenCallbacks(t) {
		breaking = append(breaking, b.point)
	}
	for _, point := range trial.Points() {
		if _, ok := broken[point.Name]; !ok && !slices.Contains(breaking, point.Name) {
			t.Errorf("nobody breaks %s", point.Name)
		}
	}
	for point, f := range broken {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			f := f
			f.Handler = reference(t, warehouse.Config{})
			if r := try(t, f, 20*time.Second)[point]; r.Verdict != trial.Broken || r.Why == "" {
				t.Errorf("it is %s: %s", r.Verdict, r.Why)
			}
		})
	}
}

// TestWhatIsNoWarehouse breaks each point, with what it answers.
func TestWhatIsNoWarehouse(t *testing.T) {
	t.Parallel()
	nowhere := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	for point, r := range tryAt(t, nowhere, 20*time.Second, listen(t, time.Minute)) {
		if r.Verdict != trial.Broken || !strings.Contains(r.Why, "418") {
			t.Errorf("%s is %s: %s", point, r.Verdict, r.Why)
		}
	}
}

// TestAbilities: what a warehouse says that it can't do is not tried.
func TestAbilities(t *testing.T) {
	t.Parallel()
	f := faulty{Handler: reference(t, warehouse.Config{}), after: func(
		r *http.Request, answer *httptest.ResponseRecorder,
	) {
		if r.URL.Path == "/options" {
			answer.Body = bytes.NewBuffer(edit(answer.Body.Bytes(), func(o map[string]any) { o["abilities"] = []string{} }))
		}
	}}
	results := try(t, f, 20*time.Second)
	for _, point := range []string{"return_has_one_answer", "documents_are_listed", "rates_are_prices",
		"cancellation_has_one_answer"} {
		if r := results[point]; r.Verdict != trial.NotTried || r.Why == "" {
			t.Errorf("%s is %s: %s", point, r.Verdict, r.Why)
		}
	}
}

// TestRefusesPrivateAddresses as the provider itself does.
func TestRefusesPrivateAddresses(t *testing.T) {
	t.Parallel()
	err := trial.Run(t.Context(), trial.Config{URL: "http://127.0.0.1:1", Secrets: secrets(t)}, nil)
	if err == nil || !strings.Contains(err.Error(), "PACKHORSE_CALLBACK_ALLOW_PRIVATE") {
		t.Error(err)
	}
}

// TestNobodyThere: a warehouse that can't be reached is not tried point by point, and what happened is said.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	err := trial.Run(t.Context(), trial.Config{
		URL: server.URL, Secrets: secrets(t), Rules: callback.Rules{AllowPrivate: true}, Timeout: 20 * time.Second,
	}, func(r trial.Result) { t.Errorf("%s was tried", r.Point) })
	if err == nil || !strings.Contains(err.Error(), "can't be reached") ||
		!strings.Contains(err.Error(), "connection refused") || strings.Contains(err.Error(), "within") {
		t.Errorf("%v", err)
	}
}
