package providertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

func testRunner(t *testing.T, p provider.Provider) {
	runner := capability[provider.Runner](t, p)
	for name, alreadyOver := range map[string]bool{"while_it_runs": false, "before_it_began": true} {
		ctx, cancel := context.WithCancel(t.Context())
		if alreadyOver {
			cancel()
		}
		done := make(chan error, 1)
		go func() { done <- runner.Run(ctx) }()
		create(t, p, Request(name)) // It goes on answering, and may have something to do.
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("%s: told to stop, it failed: %v", name, err)
			}
		case <-time.After(patience):
			t.Fatalf("%s: it goes on for %s after it was told to stop", name, patience)
		}
	}
}

// receiver is the provider as a Receiver, with what its system has sent.
func receiver(t *testing.T, p provider.Provider, deliveries []provider.Delivery) provider.Receiver {
	t.Helper()
	r := capability[provider.Receiver](t, p)
	if len(deliveries) == 0 {
		t.Fatal("a Receiver needs deliveries of its system to be tested with")
	}
	return r
}

// verify and read call a provider that may panic.
func verify(t *testing.T, r provider.Receiver, d provider.Delivery) (key string, err error) {
	t.Helper()
	defer recovered(t, d)
	return r.Verify(t.Context(), d)
}

func read(t *testing.T, r provider.Receiver, d provider.Delivery) (news []provider.News, err error) {
	t.Helper()
	defer recovered(t, d)
	return r.Read(t.Context(), d)
}

func recovered(t *testing.T, d provider.Delivery) {
	if panicked := recover(); panicked != nil {
		t.Errorf("it panicked at the body %.300q: %v\n%s", d.Body, panicked, debug.Stack())
	}
}

func testVerify(t *testing.T, p provider.Provider, deliveries []provider.Delivery) {
	r := receiver(t, p, deliveries)
	seen := make(map[string]bool)
	for i, d := range deliveries {
		key, err := verify(t, r, d)
		if err != nil || key == "" || seen[key] {
			t.Errorf("delivery %d: key %q (it must be its own), error %v", i, key, err)
		}
		seen[key] = true
	}
}

func testForged(t *testing.T, p provider.Provider, deliveries []provider.Delivery) {
	r := receiver(t, p, deliveries)
	for i, d := range deliveries {
		forged := map[string]provider.Delivery{
			"without_headers":  with(d, nil, d.Body),
			"with_more_behind": with(d, d.Header, append(bytes.Clone(d.Body), ' ')),
		}
		if n := len(d.Body); n > 0 {
			forged["without_a_body"] = with(d, d.Header, nil)
			for name, at := range map[string]int{"first_byte": 0, "middle_byte": n / 2, "last_byte": n - 1} {
				body := bytes.Clone(d.Body)
				body[at] ^= 1
				forged[name] = with(d, d.Header, body)
			}
		}
		for name, f := range forged {
			_, err := verify(t, r, f)
			if !errors.Is(err, provider.ErrForged) || provider.Classify(err) != provider.Permanent {
				t.Errorf("delivery %d, forged (%s): %v, want a permanent ErrForged", i, name, err)
			}
		}
	}
}

// testReplayed: news that is told again, to another process and in another minute, becomes the same command.
func testReplayed(
	t *testing.T, p provider.Provider, newProvider func(*testing.T) provider.Provider, deliveries []provider.Delivery,
) {
	first := receiver(t, p, deliveries)
	second := receiver(t, newProvider(t), deliveries)
	ids := make(map[string]int)
	for i, d := range deliveries {
		key, err := verify(t, first, d)
		must(t, err)
		news, err := read(t, first, d)
		must(t, err)
		d.ReceivedAt = d.ReceivedAt.Add(time.Minute)
		if again, err := verify(t, second, d); err != nil || again != key {
			t.Errorf("delivery %d has the key %q, a minute later %q, %v", i, key, again, err)
		}
		replayed, err := read(t, second, d)
		must(t, err)
		if a, b := commands(p, news), commands(p, replayed); !slices.Equal(a, b) {
			t.Errorf("delivery %d became %q, a minute later %q", i, a, b)
		}
		for _, n := range news {
			requireNews(t, d, n)
			if at, taken := ids[n.ID]; taken {
				t.Errorf("the news %q is in delivery %d and again in %d", n.ID, at, i)
			}
			ids[n.ID] = i
		}
	}
}

// commands is what the news becomes: IDs of commands and what the commands say.
func commands(p provider.Provider, news []provider.News) []string {
	var list []string
	for _, n := range news {
		id := provider.CommandID(p.ID(), n.ID)
		if n.Command == nil {
			list = append(list, fmt.Sprint(id, " ", n.What, " ", string(n.Data)))
		} else {
			list = append(list, fmt.Sprint(id, " ", n.Command.Verb(), " ", fulfillment.Fingerprint(n.Command)))
		}
	}
	return list
}

func requireNews(t *testing.T, d provider.Delivery, n provider.News) {
	t.Helper()
	switch {
	case n.ID == "":
		t.Errorf("news without an ID: %+v", n)
	case n.About == (provider.Subject{}):
		t.Errorf("news %q is about nothing", n.ID)
	case n.Service != d.Service:
		t.Errorf("news %q speaks for the service %d, the delivery is of %d", n.ID, n.Service, d.Service)
	case n.Command == nil && n.What != "" && !json.Valid(n.Data):
		t.Errorf("news %q says nothing that can be kept", n.ID)
	case n.Command == nil && n.What == "" && (n.Notice == nil || n.Notice.Kind == "" || n.Notice.Message == ""):
		t.Errorf("news %q asks for nothing, and says nothing that a person must see", n.ID)
	case n.Command == nil:
	case n.Command.Envelope().CommandID != "" || n.Command.Envelope().Actor != (fulfillment.Actor{}):
		t.Errorf("news %q gives its command %+v, which is Packhorse's to say", n.ID, *n.Command.Envelope())
	}
}

func testMalformed(t *testing.T, p provider.Provider, deliveries []provider.Delivery) {
	r := receiver(t, p, deliveries)
	for i, d := range deliveries {
		malformed := [][]byte{nil, []byte("\xff\xfe"), []byte("{"), []byte("<html>502 Bad Gateway</html>")}
		if n := len(d.Body); n > 1 {
			malformed = append(malformed, d.Body[:n/2])
		}
		for _, body := range malformed {
			news, err := read(t, r, with(d, d.Header, body))
			if provider.Classify(err) != provider.Permanent {
				t.Errorf("delivery %d with the body %.300q: %d news, error %v; want a permanent error",
					i, body, len(news), err)
			}
		}
		// What could come one day must not break anything, whatever is made of it.
		odd := [][]byte{[]byte("null"), []byte("[]"), []byte("{}"), []byte(`"text"`), []byte("1e999"),
			bytes.Repeat([]byte("["), 100_000), bytes.ReplaceAll(d.Body, []byte(`"`), []byte(`\u0000"`)),
			bytes.ReplaceAll(d.Body, []byte(":"), []byte(":null,\"x\":"))}
		for _, body := range odd {
			news, err := read(t, r, with(d, d.Header, body))
			if err != nil {
				requireClass(t, err)
			}
			for _, n := range news {
				requireNews(t, d, n)
			}
		}
	}
}

func with(d provider.Delivery, header http.Header, body []byte) provider.Delivery {
	d.Header, d.Body = header.Clone(), body
	return d
}
