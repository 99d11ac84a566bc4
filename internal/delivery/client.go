package delivery

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/webhook"
)

const (
	// DefaultConnect and DefaultTimeout are what Shopify gives receivers. MaxTimeout is what anybody may.
	DefaultConnect = time.Second
	DefaultTimeout = 5 * time.Second
	MaxTimeout     = webhook.MaxTimeout

	// maxHeader and maxAnswer are how many bytes of an answer are read, 64 KiB together. What is longer costs the
	// connection, not the delivery. keptAnswer is what people can look at.
	maxHeader  = 16 << 10
	maxAnswer  = 48 << 10
	keptAnswer = 4 << 10
	// maxLong is how many bytes of an answer to a question are read, and longAtOnce how many answers of more than
	// maxAnswer there are at once: whoever makes something of one needs some ten times its length.
	maxLong    = 4 << 20
	longAtOnce = 2

	// perHost and inAll are how many requests are under way at once, and so how many connections there are.
	perHost = 64
	inAll   = 512
	// idle is how long a connection waits for the next request. Servers close one that waits, many after five seconds;
	// a request that is sent in the same moment would be lost, so we are earlier.
	idle = 4 * time.Second
)

// Options are what a client may be told. The zero value is right for most.
type Options struct {
	Connect time.Duration // for the name and the connection; 0: [DefaultConnect]
	Timeout time.Duration // for the whole exchange, the connection included; 0: [DefaultTimeout], at most [MaxTimeout]
	// Roots are the authorities whose certificates are trusted; nil: those of the system.
	Roots    *x509.CertPool
	Resolver *net.Resolver // nil: that of the system
}

// Client calls receivers. A process needs one: its connections are used again. It is safe for concurrent use.
//
// Receivers are strangers. They are reached on public addresses only, which is looked at for each connection (unless
// the rules allow others), with TLS verified where the URL says https, and through no proxy. No redirect is followed,
// nothing is decompressed, and nothing they do takes longer than the timeout, or more memory than 64 KiB. Of what they
// are asked for with [Client.Get] up to 4 MiB is read, of two of them at a time.
type Client struct {
	rules            callback.Rules
	connect, timeout time.Duration
	transport        *http.Transport
	places           *places
	long             chan struct{} // has a place taken for each long answer that there is
}

// NewClient makes a client that keeps to the rules.
func NewClient(rules callback.Rules, options Options) *Client {
	c := &Client{
		rules: rules, connect: options.Connect, timeout: options.Timeout, places: newPlaces(perHost, inAll),
		long: make(chan struct{}, longAtOnce),
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	c.timeout = min(c.timeout, MaxTimeout)
	if c.connect <= 0 {
		c.connect = DefaultConnect
	}
	c.connect = min(c.connect, c.timeout)

	dialer := rules.Dialer()
	dialer.Timeout = c.connect
	dialer.Resolver = options.Resolver
	c.transport = &http.Transport{
		Proxy:       nil, // It would connect to whatever it is asked for.
		DialContext: dialer.DialContext,
		TLSClientConfig: &tls.Config{
			RootCAs: options.Roots, MinVersion: tls.VersionTLS12,
			ClientSessionCache: tls.NewLRUClientSessionCache(inAll),
		},
		TLSHandshakeTimeout:    MaxTimeout, // The exchange ends it before.
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           inAll,
		MaxIdleConnsPerHost:    perHost,
		IdleConnTimeout:        idle,
		MaxResponseHeaderBytes: maxHeader,
		HTTP2: &http.HTTP2Config{
			MaxReceiveBufferPerStream:     64 << 10,
			MaxReceiveBufferPerConnection: 1 << 20,
			// A connection whose other end is gone would fail every request until the system notices.
			SendPingTimeout: c.timeout,
			PingTimeout:     c.timeout,
		},
	}
	return c
}

// Within is the client with another time for a whole exchange, at most [MaxTimeout]; 0: the same. Connections and
// places are shared.
func (c *Client) Within(timeout time.Duration) *Client {
	if timeout <= 0 {
		return c
	}
	other := *c
	other.timeout = min(timeout, MaxTimeout)
	return &other
}

// ofAGateway tells whether a status is that of somebody who has asked the receiver and got no answer.
func ofAGateway(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusGatewayTimeout
}

// Close ends the connections that wait for a request. Those in use end after it.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Result is what became of one request.
type Result struct {
	Status int           // of the answer; 0: there was none
	Took   time.Duration // from the connection to the end of the answer
	// Answer is the beginning of the body, at most 4 KiB, as it came: it may be anything. That of [Client.Get] is all
	// of it.
	Answer []byte
	leave  func() // gives back the place that a long answer takes; nil: it takes none
	// RetryAfter is how long the receiver of a request that has failed wants to be left alone, at most an hour; 0: it
	// did not say.
	RetryAfter time.Duration
	// Unanswered says that there is nothing of an answer, or only that of a gateway before the receiver: whatever the
	// request was about, another one would have fared alike, as far as anybody can tell.
	Unanswered bool
	// Withheld says that nothing was sent, because the app may not see it any more.
	Withheld bool
	// Err says why there is no whole answer, in words for people. It names no more of the URL than its host, and
	// nothing that was sent. Of [callback.ErrPrivateAddress] and the context's end errors.Is knows: the latter is no
	// fault of the receiver.
	Err error
}

// OK tells whether the receiver has taken the message: it has answered with 2xx, in time and to the end.
func (r Result) OK() bool { return r.Err == nil && r.Status >= 200 && r.Status < 300 }

// Send posts a body to a URL, once. It waits, as long as the context lasts, while too many others are calling the same
// host; that does not count as time of the exchange.
func (c *Client) Send(ctx context.Context, uri string, header http.Header, body []byte) Result {
	return c.call(ctx, http.MethodPost, uri, header, body, keptAnswer)
}

// Done says that the answer is not used any more: a long one takes a place of few.
func (r Result) Done() {
	if r.leave != nil {
		r.leave()
	}
}

// Get asks a URL, once, as Send posts to one. An answer of more than 4 MiB is none. Of those longer than 48 KiB there
// are only so many at once, until they are [Result.Done]; when there are, the error is an [*AwayError].
func (c *Client) Get(ctx context.Context, uri string, header http.Header) Result {
	result := c.call(ctx, http.MethodGet, uri, header, nil, maxAnswer+1)
	if result.OK() && len(result.Answer) > maxLong {
		result.Err = fmt.Errorf("the answer has more than %d MiB", maxLong>>20)
	}
	if !result.OK() {
		result.Answer = result.Answer[:min(len(result.Answer), keptAnswer)]
		result.Done()
	}
	return result
}

// call makes an exchange of which so many bytes of the answer are kept.
func (c *Client) call(
	ctx context.Context, method, uri string, header http.Header, body []byte, kept int64,
) Result {
	u, fault := c.rules.Judge(uri)
	if fault != callback.None {
		return Result{Err: refusal(u, fault), Unanswered: true}
	}
	host := callback.Host(u)
	leave, err := c.places.enter(ctx, host)
	if err != nil {
		return Result{Err: c.explain(ctx, host, err, false)}
	}
	defer leave()
	start := time.Now()
	result := c.exchange(ctx, method, u, header, body, kept)
	result.Took = time.Since(start)
	return result
}

// exchange is Send, without a client's redirects, cookies and errors that quote the URL.
func (c *Client) exchange(
	ctx context.Context, method string, u *url.URL, header http.Header, body []byte, kept int64,
) Result {
	exchange, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(exchange, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return Result{Err: errors.New("the address is no URL")}
	}
	request.Header = header
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return Result{Err: c.explain(ctx, callback.Host(u), err, false), Unanswered: !ofTheRequest(err)}
	}
	defer response.Body.Close()
	result := Result{Status: response.StatusCode, Unanswered: ofAGateway(response.StatusCode)}
	if response.StatusCode == http.StatusSwitchingProtocols {
		return result // What follows is no body, and knows no timeout.
	}
	result.Answer, err = io.ReadAll(io.LimitReader(response.Body, kept))
	if err == nil && len(result.Answer) > maxAnswer && result.OK() {
		err = c.readOn(response.Body, &result)
	} else if err == nil {
		// A connection can be used again only when the answer was read to its end.
		_, err = io.CopyN(io.Discard, response.Body, max(maxAnswer-kept, 1))
	}
	if away := new(AwayError); errors.As(err, &away) {
		result.Err = away
	} else if err != nil && !errors.Is(err, io.EOF) {
		result.Err = c.explain(ctx, callback.Host(u), err, true)
	}
	if !result.OK() {
		result.RetryAfter = retryAfter(response.Header.Get("Retry-After"), time.Now())
	}
	return result
}

// readOn reads the rest of a long answer, if there is a place for it.
func (c *Client) readOn(body io.Reader, r *Result) error {
	select {
	case c.long <- struct{}{}:
		r.leave = sync.OnceFunc(func() { <-c.long })
	default:
		return &AwayError{errors.New("other long answers are read, and this one will be read later")}
	}
	rest, err := io.ReadAll(io.LimitReader(body, maxLong+1-int64(len(r.Answer))))
	r.Answer = append(r.Answer, rest...)
	return err
}
