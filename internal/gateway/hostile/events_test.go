package hostile

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/gateway"
	"packhorse/internal/worker/workertest"
)

// TestReadersThatDoNotRead: streams of the feed that nobody takes cost little memory and keep nobody waiting, and an
// app has no more of them than it may.
func TestReadersThatDoNotRead(t *testing.T) {
	s := newShop(t)
	s.replaces = strings.NewReplacer()
	book, err := pgx.Connect(t.Context(), string(s.Settings.Database.URL))
	if err != nil {
		t.Fatal(err)
	}
	const events = 10_000 // of 2 kB: more than buffers between us take
	_, err = book.Exec(t.Context(), `INSERT INTO outbox (order_id, sequence, position, topic, payload)
		SELECT g, 1, 0, 'orders/create', jsonb_build_object('at', '2026-03-04T05:06:07Z', 'reason', repeat('r', 2000))
		FROM generate_series(1, $1::int) g`, events)
	if err != nil {
		t.Fatal(err)
	}
	workertest.WaitFor(t, "their positions", func() (done bool) {
		if err := book.QueryRow(t.Context(), `SELECT position >= $1 FROM feed_cursor`, events).Scan(&done); err != nil {
			t.Fatal(err)
		}
		return done
	})
	if err := book.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := startAPI(t, s.Stack.Stack)
	shop := call{body: operation("{ shop { id } }", nil)}
	p.send(t, s, shop)
	before := p.use(t, true)
	statuses := map[int]int{}
	for range gateway.DefaultMaxFollowers + 5 {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.api)
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		fmt.Fprintf(connection, "GET %s?after=0&limit=1000 HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n"+
			"X-Shopify-Access-Token: %s\r\n\r\n", gateway.EventsPath, s.Token(s.app.App).Token)
		response, err := http.ReadResponse(bufio.NewReader(connection), nil) // And nothing after its headers.
		if err != nil {
			t.Fatal(err)
		}
		statuses[response.StatusCode]++
	}
	if statuses[http.StatusOK] != gateway.DefaultMaxFollowers || statuses[http.StatusTooManyRequests] != 5 {
		t.Errorf("they were answered with %v", statuses)
	}
	if a := p.send(t, s, shop); a.status != http.StatusOK || !strings.Contains(a.start, "shop") {
		t.Errorf("somebody else is answered with %d: %s", a.status, a.start)
	}
	after := p.use(t, false)
	t.Logf("%d readers that don't read: %d CPU ms, %.1f MiB more", gateway.DefaultMaxFollowers,
		(after.CPU - before.CPU).Milliseconds(), float64(after.Peak-before.Peak)/(1<<20))
	if more := after.Peak - before.Peak; more > mostMemory {
		t.Errorf("they took %d bytes more memory than before, more than %d", more, mostMemory)
	}
}
