package gateway

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// serve serves a stage until stop is called; the channel has what Serve returned.
func (s *stage) serve(o ServerOptions) (url string, stop context.CancelFunc, served <-chan error) {
	s.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.t.Cleanup(cancel)
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, listener, s.gateway, o) }()
	return "http://" + listener.Addr().String(), cancel, done
}

// post sends a document over HTTP and returns the answer, or why there is none.
func post(url, document string) (string, error) {
	r, err := http.NewRequest(http.MethodPost, url+path, strings.NewReader(document))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/graphql")
	r.Header.Set(tokenHeader, goodToken)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	w, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	return string(body), err
}

func TestShutdown(t *testing.T) {
	t.Parallel()
	type result struct {
		body string
		err  error
	}
	// begin serves, sends a request that runs until the channel is closed or its context ends, and waits until it runs.
	begin := func(t *testing.T, document string, o ServerOptions) (
		url string, stop context.CancelFunc, served <-chan error, finish chan struct{}, answered chan result,
	) {
		s := newStage(t)
		running := make(chan struct{})
		finish, answered = make(chan struct{}), make(chan result, 1)
		s.on("slow", func(ctx context.Context, _ map[string]any) (string, error) {
			close(running)
			select {
			case <-finish:
				return "null", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		})
		url, stop, served = s.serve(o)
		go func() {
			body, err := post(url, document)
			answered <- result{body, err}
		}()
		<-running
		return url, stop, served, finish, answered
	}

	t.Run("lets_running_requests_end", func(t *testing.T) {
		t.Parallel()
		url, stop, served, finish, answered := begin(t, "{ slow }", ServerOptions{})
		stop()
		for { // New ones are refused, as soon as the listener is closed.
			if _, err := post(url, "{ ping }"); err != nil {
				break
			}
		}
		select {
		case err := <-served:
			t.Fatalf("stopped while a request runs: %v", err)
		default:
		}
		close(finish)
		if got := <-answered; got.err != nil || !strings.Contains(got.body, `{"data":{"slow":null}`) {
			t.Errorf("the running request got %+v", got)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})

	for _, document := range []string{"{ slow }", "mutation { slow { sum } }"} {
		t.Run("ends_what_takes_too_long/"+strings.Fields(document)[0], func(t *testing.T) {
			t.Parallel()
			_, stop, served, _, answered := begin(t, document, ServerOptions{StopTimeout: time.Millisecond})
			stop()
			if got := <-answered; got.err != nil || !strings.Contains(got.body, codeTimeout) {
				t.Errorf("the running request got %+v", got)
			}
			if err := <-served; err != nil {
				t.Error(err)
			}
		})
	}

	t.Run("says_why_it_can_not_serve", func(t *testing.T) {
		t.Parallel()
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listener.Close()
		if err := Serve(t.Context(), listener, http.NotFoundHandler(), ServerOptions{}); err == nil {
			t.Error("a closed listener was served")
		}
	})
}

// An asker who never finishes the headers is cut off.
func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	url, _, _ := newStage(t).serve(ServerOptions{})
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(headerTimeout + 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("not cut off: %v", err)
	}
}
