package telemetry

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func startServer(t *testing.T, checks ...Check) *Server {
	t.Helper()
	return started(t, &Server{Address: "127.0.0.1:0", Registry: NewRegistry(), Checks: checks})
}

// started is the server, which runs until the test ends.
func started(t *testing.T, s *Server) *Server {
	t.Helper()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // The test's own context has ended by then.
		if err := s.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return s
}

// get asks without keeping a connection and returns the status and the body.
func get(t *testing.T, s *Server, path string, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true
	for _, accept := range headers {
		request.Header.Set("Accept", accept)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestServer(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	s := startServer(t,
		Check{"temporal", func(context.Context) error { return nil }},
		Check{"database", func(context.Context) error {
			if down.Load() {
				return errors.New("connection refused")
			}
			return nil
		}})
	expect := func(path string, status int, body string) {
		t.Helper()
		if gotStatus, got := get(t, s, path); gotStatus != status || !strings.Contains(got, body) {
			t.Errorf("%s: got %d %s, want %d %s", path, gotStatus, got, status, body)
		}
	}
	expect("/readyz", 200, "ready\n")
	expect("/readyz?verbose", 200, "[+] temporal\n[+] database\nready\n")
	expect("/metrics", 200, "packhorse_build_info{")
	expect("/elsewhere", 404, "")
	down.Store(true)
	expect("/readyz", 503, "[-] database: connection refused\nnot ready\n")
	expect("/livez", 200, "alive")
	down.Store(false)
	expect("/readyz", 200, "ready\n")
	s.Drain()
	expect("/readyz", 503, "shutting down")
	expect("/livez", 200, "alive")
}

func TestReadinessAsJSON(t *testing.T) {
	t.Parallel()
	s := startServer(t, Check{"database", func(context.Context) error { panic("boom") }})
	status, body := get(t, s, "/readyz", "application/json")
	var answer struct {
		Ready  bool
		Checks []checkResult
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	if status != 503 || answer.Ready || len(answer.Checks) != 1 || !strings.Contains(answer.Checks[0].Error, "boom") {
		t.Errorf("got %d %s", status, body)
	}
}

// What is only warned of keeps nobody from work.
func TestWarningIsTold(t *testing.T) {
	t.Parallel()
	s := started(t, &Server{Address: "127.0.0.1:0", Registry: NewRegistry(), Warnings: []Check{
		{"retention", func(context.Context) error { return errors.New("an hour is short") }},
		{"licence", func(context.Context) error { return nil }},
	}})
	if status, text := get(t, s, "/readyz"); status != 200 || text != "[!] retention: an hour is short\nready\n" {
		t.Errorf("got %d %s", status, text)
	}
	if status, text := get(t, s, "/readyz", "application/json"); status != 200 ||
		!strings.Contains(text, `{"name":"retention","ready":true,"warning":"an hour is short"}`) {
		t.Errorf("got %d %s", status, text)
	}
}

func TestServerAddress(t *testing.T) {
	t.Parallel()
	first := startServer(t)
	second := &Server{Address: first.Addr(), Registry: NewRegistry()}
	if err := second.Start(); err == nil || !strings.Contains(err.Error(), first.Addr()) {
		t.Errorf("got %v, want an error with the taken address", err)
	}
	if err := second.Shutdown(t.Context()); err != nil || second.Addr() != "" {
		t.Errorf("shutdown of what never started: %v, at %q", err, second.Addr())
	}
}

func TestServerEndsWithShutdown(t *testing.T) {
	t.Parallel()
	s := &Server{Address: "127.0.0.1:0", Registry: NewRegistry()}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get("http://" + s.Addr() + "/livez"); err == nil {
		t.Error("it still answers")
	}
}

// A check that ignores its context and hangs must not be started again by every
// probe that comes.
func TestCheckThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var started atomic.Int32
		release := make(chan struct{})
		c := &checker{timeout: checkTimeout, check: Check{"slow", func(context.Context) error {
			started.Add(1)
			<-release
			return nil
		}}}
		for range 3 {
			begin := time.Now()
			if err := c.result(t.Context()); err == nil || !strings.Contains(err.Error(), "no answer") {
				t.Errorf("got %v, want no answer", err)
			}
			if took := time.Since(begin); took != checkTimeout {
				t.Errorf("waited %v, want %v", took, checkTimeout)
			}
		}
		if got := started.Load(); got != 1 {
			t.Errorf("started %d times, want once", got)
		}
		close(release)
		synctest.Wait()
		if err := c.result(t.Context()); err != nil || started.Load() != 2 {
			t.Errorf("%v after it recovered, started %d times", err, started.Load())
		}
	})
}

// What a check says at the end of its context is the reason that is told.
func TestCheckHasTheLastWord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &checker{timeout: checkTimeout, check: Check{"slow", func(ctx context.Context) error {
			<-ctx.Done()
			return errors.New("the disk is gone")
		}}}
		if err := c.result(t.Context()); err == nil || err.Error() != "the disk is gone" {
			t.Errorf("got %v, want what the check says", err)
		}
	})
}

// A probe that goes away must not fail the check for others.
func TestCheckOutlivesItsProbe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &checker{timeout: checkTimeout, check: Check{"slow", func(ctx context.Context) error {
			time.Sleep(time.Second)
			return ctx.Err()
		}}}
		gone, leave := context.WithCancel(t.Context())
		answers := make(chan error, 1)
		go func() { answers <- c.result(gone) }()
		synctest.Wait()
		leave()
		if err := <-answers; !errors.Is(err, context.Canceled) {
			t.Errorf("the probe that left got %v", err)
		}
		if err := c.result(t.Context()); err != nil {
			t.Errorf("the other probe got %v", err)
		}
	})
}
