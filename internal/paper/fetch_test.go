package paper

import (
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"packhorse/internal/callback"
)

// files is a server of documents, over TLS or not.
func files(t *testing.T, secured bool, handle http.HandlerFunc) (uri string, roots *x509.CertPool) {
	t.Helper()
	server := httptest.NewUnstartedServer(handle)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(server.Close)
	roots = x509.NewCertPool()
	if secured {
		server.StartTLS()
		roots.AddCert(server.Certificate())
	} else {
		server.Start()
	}
	return server.URL, roots
}

func give(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html") // Nobody believes it.
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// TestFetch: a document is fetched, what is none is refused for good, and what may be one later is tried again. What
// went wrong is told without the path, which is as good as the document.
func TestFetch(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct {
		handle http.HandlerFunc
		want   string // media type; empty: none
		unfit  bool
		says   string
	}{
		"a_document": {give(200, pdf), PDF, false, ""},
		"redirected": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/there" {
				http.Redirect(w, r, "/there", http.StatusFound)
				return
			}
			give(200, pdf)(w, r)
		}, PDF, false, ""},
		"redirected_for_ever": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
		}, "", false, "can't be asked"},
		"redirected_to_another_protocol": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "gopher://127.0.0.1/", http.StatusFound)
		}, "", true, "no URL that may be asked"},
		"an_error_page": {give(200, "<html>secret</html>"), "", true, "none of PDF"},
		"too_much":      {give(200, pdf+strings.Repeat("x", MaxSize)), "", true, "more than 5 MiB"},
		"gone":          {give(404, pdf), "", false, "answers 404"},
		"away":          {give(503, "secret"), "", false, "answers 503"},
		"broken_off": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(pdf))
		}, "", false, "broke off"},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			uri, roots := files(t, true, c.handle)
			f := NewFetcher(callback.Rules{AllowPrivate: true}, roots)
			defer f.Close()
			content, mediaType, err := f.Fetch(t.Context(), uri+"/secret")
			if mediaType != c.want || c.want != "" && string(content) != pdf {
				t.Errorf("it is %q: %q", mediaType, content)
			}
			if (err == nil) != (c.want != "") || errors.As(err, new(*Unfit)) != c.unfit {
				t.Errorf("the error is %v, unfit: want %v", err, c.unfit)
			}
			if err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret")) {
				t.Errorf("it says %q, want %q", err, c.says)
			}
		})
	}
}

// TestFetchOnlyPublic: nothing that is not on the public Internet is asked, and nothing without TLS, not even by a
// redirect.
func TestFetchOnlyPublic(t *testing.T) {
	t.Parallel()
	asked := false
	uri, roots := files(t, true, func(http.ResponseWriter, *http.Request) { asked = true })
	f := NewFetcher(callback.Rules{}, roots)
	defer f.Close()
	for _, at := range []string{
		uri, "https://localhost/1.pdf", "https://169.254.169.254/latest", "https://10.0.0.1/", "https://[::1]/",
		"http://labels.example.com/1.pdf", "file:///etc/passwd", "https://user:pass@labels.example.com/", "1.pdf",
	} {
		if _, _, err := f.Fetch(t.Context(), at); !errors.As(err, new(*Unfit)) {
			t.Errorf("%s: %v, want it refused for good", at, err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, nil)
		if err != nil {
			continue
		}
		if err := f.client.CheckRedirect(request, []*http.Request{{}}); err == nil {
			t.Errorf("a redirect to %s is followed", at)
		}
	}
	if asked {
		t.Error("a private address was asked")
	}
}
