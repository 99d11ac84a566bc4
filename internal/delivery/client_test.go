package delivery

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"packhorse/internal/callback"
)

// short is a timeout for receivers that don't answer; the others get the usual one.
const short = 250 * time.Millisecond

var anywhere = callback.Rules{AllowPrivate: true}

// caller is a client with what it does on the network.
type caller struct {
	*Client
	read    atomic.Int64 // bytes of all connections
	mu      sync.Mutex
	dialled []string
}

func newCaller(t testing.TB, rules callback.Rules, options Options) *caller {
	t.Helper()
	c := &caller{Client: NewClient(rules, options)}
	dial := c.transport.DialContext
	c.transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c.mu.Lock()
		c.dialled = append(c.dialled, address)
		c.mu.Unlock()
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &counted{conn, &c.read}, nil
	}
	t.Cleanup(c.Close)
	return c
}

type counted struct {
	net.Conn
	read *atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read.Add(int64(n))
	return n, err
}

// post sends something secret. Whatever comes of it, it is not in the error.
func (c *caller) post(t testing.TB, uri string) Result {
	t.Helper()
	result := c.Send(t.Context(), uri+"/hook?token=s3cret", http.Header{"X-Secret": {"s3cret"}}, []byte(`{"s3cret":1}`))
	if result.Err != nil && strings.Contains(result.Err.Error(), "s3cret") {
		t.Errorf("a secret is in %q", result.Err)
	}
	return result
}

// fails sends to where it fails, and compares why. No failure takes longer than the whole exchange may.
func (c *caller) fails(t testing.TB, uri string, status int, want string) {
	t.Helper()
	result := c.post(t, uri)
	if result.OK() || result.Status != status {
		t.Errorf("the status is %d, want %d and not OK", result.Status, status)
	}
	got := ""
	if result.Err != nil {
		got = result.Err.Error()
	}
	if got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	if late := c.timeout + DefaultTimeout; result.Took > late { // The machine may be busy.
		t.Errorf("it took %v", result.Took)
	}
}

// serve answers with HTTP, counting connections.
func serve(t testing.TB, handle http.HandlerFunc) (uri string, connections *atomic.Int64) {
	t.Helper()
	server := unstarted(t, handle)
	connections = new(atomic.Int64)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	return server.URL, connections
}

func unstarted(t testing.TB, handle http.HandlerFunc) *httptest.Server {
	server := httptest.NewUnstartedServer(handle)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(server.Close)
	return server
}

// hostile hands the test each connection, once a request was read from it.
func hostile(t testing.TB, handle func(*net.TCPConn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer conn.Close()
				var request []byte
				for buffer := make([]byte, 4096); !bytes.Contains(request, []byte(`"s3cret":1}`)); {
					n, err := conn.Read(buffer)
					if err != nil {
						return
					}
					request = append(request, buffer[:n]...)
				}
				handle(conn.(*net.TCPConn))
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		open.Wait()
	})
	return "http://" + listener.Addr().String()
}

// write writes until the other side is gone.
func write(conn net.Conn, text string) bool {
	_, err := io.WriteString(conn, text)
	return err == nil
}

// resolver knows one name, as long as it has an address.
func resolver(name string, address func() netip.Addr) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() { // It ends with the client's end of the pipe.
			defer server.Close()
			for {
				var length uint16
				if binary.Read(server, binary.BigEndian, &length) != nil {
					return
				}
				packed := make([]byte, length)
				var m dnsmessage.Message
				if _, err := io.ReadFull(server, packed); err != nil || m.Unpack(packed) != nil {
					return
				}
				question := m.Questions[0]
				answer := dnsmessage.Message{Questions: m.Questions}
				answer.ID, answer.Response = m.ID, true
				addr := address()
				if !strings.EqualFold(question.Name.String(), name+".") || !addr.IsValid() {
					answer.RCode = dnsmessage.RCodeNameError
				} else if question.Type == dnsmessage.TypeA {
					answer.Answers = []dnsmessage.Resource{{
						Header: dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET},
						Body:   &dnsmessage.AResource{A: addr.As4()},
					}}
				}
				packed, err := answer.Pack()
				if err != nil || binary.Write(server, binary.BigEndian, uint16(len(packed))) != nil {
					return
				}
				if _, err := server.Write(packed); err != nil {
					return
				}
			}
		}()
		return client, nil
	}}
}

func port(t testing.TB, uri string) string {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

const hookName = "hooks.example.com"

func loopback() netip.Addr { return netip.AddrFrom4([4]byte{127, 0, 0, 1}) }

func TestSendPostsTheBytes(t *testing.T) {
	t.Parallel()
	type request struct {
		header     http.Header
		method, to string
		body       []byte
	}
	got := make(chan request, 1)
	uri, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- request{r.Header, r.Method, r.RequestURI, body}
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "thanks")
	})
	header := message().Header(signer(), now)
	result := newCaller(t, anywhere, Options{}).Send(t.Context(), uri+"/a%2Fb/?x=1&y=%20", header, []byte(body))
	if !result.OK() || result.Status != http.StatusAccepted || string(result.Answer) != "thanks" || result.Took <= 0 {
		t.Fatalf("got %+v", result)
	}
	r := <-got
	if r.method != http.MethodPost || r.to != "/a%2Fb/?x=1&y=%20" || string(r.body) != body {
		t.Errorf("%s %s %s", r.method, r.to, r.body)
	}
	for name, value := range plain() {
		if r.header.Get(name) != value || len(r.header.Values(name)) != 1 {
			t.Errorf("%s arrived as %q, want %q", name, r.header.Values(name), value)
		}
		r.header.Del(name)
	}
	r.header.Del("Content-Length")
	if len(r.header) != 0 {
		t.Errorf("the receiver was told more: %v", r.header)
	}
}

// Some receivers compare names of headers letter by letter.
func TestNamesOfHeadersAreSpelledAsDocumented(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	got := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buffer := make([]byte, 8<<10)
		n, _ := io.ReadAtLeast(conn, buffer, 1000)
		got <- string(buffer[:n])
		write(conn, "HTTP/1.1 204 No Content\r\n\r\n")
	}()
	result := newCaller(t, anywhere, Options{}).Send(t.Context(), "http://"+listener.Addr().String(),
		message().Header(signer(), now), bytes.Repeat([]byte(" "), 1000))
	if !result.OK() {
		t.Fatal(result.Err)
	}
	request := <-got
	for name := range plain() {
		if !strings.Contains(request, "\r\n"+name+": ") {
			t.Errorf("%s is not in %s", name, request)
		}
	}
}

func TestOnly2xxIsOK(t *testing.T) {
	t.Parallel()
	var status atomic.Int64
	uri, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "90")
		w.WriteHeader(int(status.Load()))
	})
	c := newCaller(t, anywhere, Options{})
	for code, ok := range map[int]bool{
		200: true, 201: true, 204: true, 299: true, 304: false, 400: false, 401: false, 410: false, 429: false,
		500: false, 503: false, 999: false,
	} {
		status.Store(int64(code))
		result := c.post(t, uri)
		if result.Err != nil || result.Status != code || result.OK() != ok {
			t.Errorf("%d: got %+v", code, result)
		}
		if want := map[bool]time.Duration{false: 90 * time.Second}[ok]; result.RetryAfter != want {
			t.Errorf("%d is to be tried again after %v, want %v", code, result.RetryAfter, want)
		}
	}
}

// A receiver that may be called sends us on to one that may not.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := unstarted(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://169.254.169.254/latest/meta-data")
			w.WriteHeader(status)
		})
		server.StartTLS()
		c := newCaller(t, anywhere, Options{Roots: trusting(server)})
		c.fails(t, server.URL, status, "")
		if len(c.dialled) != 1 || "https://"+c.dialled[0] != server.URL {
			t.Errorf("%d: it dialled %v", status, c.dialled)
		}
	}
}

func trusting(server *httptest.Server) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return roots
}

// A name is pointed to another address after it was looked at.
func TestPrivateAddressesAreNeverReached(t *testing.T) {
	t.Parallel()
	uri, connections := serve(t, func(http.ResponseWriter, *http.Request) {})
	c := newCaller(t, callback.Rules{}, Options{Resolver: resolver(hookName, loopback)})
	for host, want := range map[string]string{
		hookName:    "connect to 127.0.0.1: the address is not public",
		"127.0.0.1": "connect to 127.0.0.1: the address is not public",
		"localhost": "connect to localhost: the address is not public",
		"[::1]":     "connect to ::1: the address is not public",
	} {
		where := "http://" + host + ":" + port(t, uri)
		c.fails(t, where, 0, want)
		if result := c.post(t, where); !errors.Is(result.Err, callback.ErrPrivateAddress) {
			t.Errorf("%s: %v is no ErrPrivateAddress", host, result.Err)
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("the receiver saw %d connections", n)
	}
}

// The address of each connection counts, not that of the first.
func TestEachConnectionIsLookedAt(t *testing.T) {
	t.Parallel()
	uri, connections := serve(t, func(http.ResponseWriter, *http.Request) {})
	var known atomic.Bool
	known.Store(true)
	c := newCaller(t, anywhere, Options{Resolver: resolver(hookName, func() netip.Addr {
		if known.Load() {
			return loopback()
		}
		return netip.Addr{}
	})})
	where := "http://" + hookName + ":" + port(t, uri)
	if result := c.post(t, where); !result.OK() {
		t.Fatal(result.Err)
	}
	known.Store(false)
	if result := c.post(t, where); !result.OK() { // The connection that there is stays good.
		t.Fatal(result.Err)
	}
	c.Close()
	c.fails(t, where, 0, "look up "+hookName+": there is no such name")
	if n := connections.Load(); n != 1 {
		t.Errorf("there were %d connections", n)
	}
}

func TestURLsThatAreNotCalled(t *testing.T) {
	t.Parallel()
	c := newCaller(t, callback.Rules{Hosts: []string{"example.com"}}, Options{})
	for uri, want := range map[string]string{
		"https://user:s3cret@example.com": "the address has a user name or a password",
		"ftp://example.com":               "the address is neither https nor http",
		"https://":                        "the address is no URL",
		"https://example.com:99999":       "the address is no URL",
		"https://example.org":             "example.org is not among the hosts that may be called",
		"https://2130706433":              "connect to 2130706433: the address is not public",
	} {
		c.fails(t, uri, 0, want)
	}
	if len(c.dialled) != 0 {
		t.Errorf("it dialled %v", c.dialled)
	}
}

// A proxy would connect to whatever it is asked for, out of sight of the rules.
func TestNoProxy(t *testing.T) {
	t.Parallel()
	if newCaller(t, anywhere, Options{}).transport.Proxy != nil {
		t.Error("a proxy of the environment would be used")
	}
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		options          Options
		connect, timeout time.Duration
	}{
		{Options{}, time.Second, 5 * time.Second},
		{Options{Connect: 2 * time.Second, Timeout: 10 * time.Second}, 2 * time.Second, 10 * time.Second},
		{Options{Timeout: time.Hour}, time.Second, 30 * time.Second},
		{Options{Connect: time.Minute, Timeout: short}, short, short},
	} {
		c := newCaller(t, anywhere, test.options)
		if c.connect != test.connect || c.timeout != test.timeout {
			t.Errorf("%+v gives %v to connect and %v in all", test.options, c.connect, c.timeout)
		}
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	protocol := make(chan string, 1)
	server := unstarted(t, func(_ http.ResponseWriter, r *http.Request) { protocol <- r.Proto })
	server.EnableHTTP2 = true
	server.StartTLS()
	names := resolver("other.example.org", loopback)

	trusts := newCaller(t, anywhere, Options{Roots: trusting(server), Resolver: names})
	for range 2 {
		if result := trusts.post(t, server.URL); !result.OK() {
			t.Fatal(result.Err)
		}
		if got := <-protocol; got != "HTTP/2.0" {
			t.Errorf("it spoke %s", got)
		}
	}
	if len(trusts.dialled) != 1 {
		t.Errorf("two requests took %d connections", len(trusts.dialled))
	}
	trusts.fails(t, "https://other.example.org:"+port(t, server.URL), 0,
		"the certificate of other.example.org is not trusted: it is for other names")
	newCaller(t, anywhere, Options{}).fails(t, server.URL, 0,
		"the certificate of 127.0.0.1 is not trusted: its authority is unknown")
	plain, _ := serve(t, func(http.ResponseWriter, *http.Request) {})
	trusts.fails(t, strings.Replace(plain, "http:", "https:", 1), 0, "127.0.0.1 does not speak TLS")
}

// A connection for each delivery would cost more than all the rest of it.
func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	uri, connections := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 40<<10))
	})
	c := newCaller(t, anywhere, Options{})
	for range 50 {
		if result := c.post(t, uri); !result.OK() || len(result.Answer) != keptAnswer {
			t.Fatalf("%d bytes, %v", len(result.Answer), result.Err)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("50 deliveries took %d connections", n)
	}
}

// Whoever waits for a place is not late: the receiver had no chance yet.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	arrived, answer := make(chan struct{}, 10), make(chan struct{})
	uri, connections := serve(t, func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-answer
	})
	c := newCaller(t, anywhere, Options{})
	c.places = newPlaces(2, 10)
	var sent sync.WaitGroup
	results := make([]Result, 6)
	for i := range results {
		sent.Go(func() { results[i] = c.post(t, uri) })
	}
	<-arrived
	<-arrived
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	waiting := c.Send(ctx, uri, http.Header{}, nil)
	if !errors.Is(waiting.Err, context.DeadlineExceeded) || waiting.Took != 0 {
		t.Errorf("who waited until its context ended: %+v", waiting)
	}
	if n := len(arrived); n != 0 {
		t.Errorf("%d more than allowed have arrived", n)
	}
	close(answer)
	sent.Wait()
	for _, result := range results {
		if !result.OK() {
			t.Error(result.Err)
		}
	}
	if n := connections.Load(); n > 2 {
		t.Errorf("there were %d connections", n)
	}
}

// What the caller stops is not the receiver's failure.
func TestStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	uri := hostile(t, func(*net.TCPConn) { cancel() })
	result := newCaller(t, anywhere, Options{}).Send(ctx, uri, http.Header{}, []byte(`{"s3cret":1}`))
	if result.OK() || !errors.Is(result.Err, context.Canceled) {
		t.Errorf("got %+v", result)
	}
}

func TestHostileReceivers(t *testing.T) {
	t.Parallel()
	const begin = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
	held := func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) } // until the other side ends it
	for title, test := range map[string]struct {
		handle  func(*net.TCPConn)
		status  int
		want    string
		timeout time.Duration
	}{
		"says_nothing": {func(c *net.TCPConn) { held(c) }, 0, "no answer within 250ms", short},
		"drips_headers": {func(c *net.TCPConn) {
			for write(c, "HTTP/1.1 200 OK\r\n"); write(c, "A: b\r\n"); time.Sleep(10 * time.Millisecond) {
			}
		}, 0, "no answer within 250ms", short},
		"drips_a_body": {func(c *net.TCPConn) {
			for write(c, begin); write(c, "x"); time.Sleep(10 * time.Millisecond) {
			}
		}, 200, "the answer did not end within 250ms", short},
		"holds_the_end_back": {func(c *net.TCPConn) {
			write(c, begin+"almost")
			held(c)
		}, 200, "the answer did not end within 250ms", short},
		"promises_an_answer_for_ever": {func(c *net.TCPConn) {
			for write(c, "HTTP/1.1 103 Early Hints\r\n\r\n") {
			}
		}, 0, "the headers of the answer have more than 16 KiB", 0},
		"sends_10_MB_of_headers": {func(c *net.TCPConn) {
			write(c, "HTTP/1.1 200 OK\r\n")
			for range 10_000 {
				if !write(c, "A: "+strings.Repeat("b", 1000)+"\r\n") {
					return
				}
			}
			write(c, "\r\n")
		}, 0, "the headers of the answer have more than 16 KiB", 0},
		"resets": {func(c *net.TCPConn) {
			_ = c.SetLinger(0)
		}, 0, "the connection was reset without an answer", 0},
		"closes": {func(*net.TCPConn) {}, 0, "the connection was closed without an answer", 0},
		"closes_within_the_answer": {func(c *net.TCPConn) {
			write(c, begin+"almost")
		}, 200, "the connection was closed before the answer ended", 0},
		"speaks_another_language": {func(c *net.TCPConn) {
			write(c, "220 s3cret ESMTP ready\r\n")
		}, 0, "the answer is not HTTP as it should be", 0},
		"switches_protocols": {func(c *net.TCPConn) {
			write(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: s3cret\r\n\r\n")
			held(c)
		}, 101, "", 0},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			c := newCaller(t, anywhere, Options{Timeout: test.timeout})
			c.fails(t, hostile(t, test.handle), test.status, test.want)
			if n := c.read.Load(); n > 64<<10 {
				t.Errorf("it read %d bytes", n)
			}
		})
	}
}

// The status counts; what follows is read only so far that the connection can be used again.
func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	uri := hostile(t, func(c *net.TCPConn) {
		for write(c, "HTTP/1.1 200 OK\r\n\r\n"); write(c, strings.Repeat("x", 1<<10)); {
		}
	})
	c := newCaller(t, anywhere, Options{})
	for range 2 {
		if result := c.post(t, uri); !result.OK() || string(result.Answer) != strings.Repeat("x", 4<<10) {
			t.Errorf("got %d bytes, %v", len(result.Answer), result.Err)
		}
	}
	if n := c.read.Load(); n > 2*64<<10 {
		t.Errorf("it read %d bytes of two answers", n)
	}
}

// An answer that comes late is nobody's, least of all the next message's.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	late := make(chan struct{})
	var requests atomic.Int64
	uri, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			<-late
			w.WriteHeader(http.StatusOK)
			return
		}
		close(late)
		w.WriteHeader(http.StatusTeapot)
	})
	c := newCaller(t, anywhere, Options{Timeout: short})
	c.fails(t, uri, 0, "no answer within 250ms")
	c.timeout = DefaultTimeout
	c.fails(t, uri, http.StatusTeapot, "")
}

func TestNothingIsDecompressed(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	writer := gzip.NewWriter(&bomb)
	_, _ = writer.Write(make([]byte, 10<<20))
	_ = writer.Close()
	asked := make(chan []string, 1)
	uri, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Header.Values("Accept-Encoding")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	})
	result := newCaller(t, anywhere, Options{}).post(t, uri)
	if !result.OK() || !bytes.Equal(result.Answer, bomb.Bytes()[:keptAnswer]) {
		t.Errorf("got %d bytes, %v", len(result.Answer), result.Err)
	}
	if got := <-asked; len(got) != 0 {
		t.Errorf("it asked for %q", got)
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	newCaller(t, anywhere, Options{}).fails(t, "http://"+address, 0, "connect to "+address+": connection refused")

	silent := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	newCaller(t, anywhere, Options{Connect: 50 * time.Millisecond, Resolver: silent}).fails(t, "https://"+hookName, 0,
		"look up "+hookName+": no answer within 50ms")

	c := newCaller(t, anywhere, Options{})
	slow := &net.OpError{
		Op: "dial", Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}, Err: context.DeadlineExceeded,
	}
	if got := c.explain(t.Context(), hookName, slow, false); got.Error() != "connect to 192.0.2.1: no answer within 1s" {
		t.Errorf("it says %q", got)
	}
}

func TestHeadersThatCannotBeSent(t *testing.T) {
	t.Parallel()
	c := newCaller(t, anywhere, Options{})
	header := http.Header{"X-Shopify-Name": {"s3cret\r\nHost: a"}}
	result := c.Send(t.Context(), "http://127.0.0.1:1", header, []byte("{}"))
	const want = "the request can't be sent: there is a line break or the like in one of its headers"
	if result.Err == nil || result.Err.Error() != want {
		t.Errorf("it says %v", result.Err)
	}
}

// BenchmarkSend makes, signs and delivers messages to a receiver in this process.
func BenchmarkSend(b *testing.B) {
	uri, connections := serve(b, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	})
	c := newCaller(b, anywhere, Options{})
	for name, at := range map[string]int{"one_after_another": 1, "eight_at_once": 8} {
		b.Run(name, func(b *testing.B) {
			var sent sync.WaitGroup
			var next atomic.Int64
			for range at {
				sent.Go(func() {
					for next.Add(1) <= int64(b.N) {
						m := message()
						if result := c.Send(b.Context(), uri, m.Header(signer(), now), m.Body); !result.OK() {
							b.Error(result.Err)
						}
					}
				})
			}
			sent.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
			b.ReportMetric(float64(connections.Load()), "connections")
		})
	}
}

// TestUnanswered: what says nothing of the request is told from what the receiver said of it.
func TestUnanswered(t *testing.T) {
	t.Parallel()
	c := newCaller(t, anywhere, Options{Timeout: 200 * time.Millisecond})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + listener.Addr().String()
	listener.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // Only then the server hears that the client is gone.
		status, err := strconv.Atoi(r.URL.Path[1:])
		if err != nil {
			<-r.Context().Done()
			return
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	for uri, want := range map[string]bool{
		nobody: true, server.URL + "/late": true, "ftp://example.com/": true, server.URL + "/502": true,
		server.URL + "/504": true, server.URL + "/500": false, server.URL + "/503": false, server.URL + "/429": false,
		server.URL + "/400": false, server.URL + "/204": false,
	} {
		if r := c.Send(t.Context(), uri, http.Header{}, []byte("{}")); r.Unanswered != want {
			t.Errorf("%s: unanswered is %v: %+v", uri, r.Unanswered, r)
		}
	}
	if r := c.Send(t.Context(), server.URL+"/204", http.Header{"X-A": {"a\nb"}}, []byte("{}")); r.Unanswered || r.Err == nil {
		t.Errorf("a request that can't be sent: %+v", r)
	}
}
