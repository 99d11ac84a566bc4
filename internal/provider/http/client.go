package http

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	nethttp "net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/provider"
	"packhorse/internal/standardwebhook"
)

const (
	maxRequest = 1 << 20   // bytes of a body that is sent
	maxAnswer  = 256 << 10 // bytes of a body that is read
	maxHeader  = 32 << 10
	// idle is how long a connection waits for the next call. Servers close one that waits, many after five seconds.
	idle    = 4 * time.Second
	perHost = 64
)

// connectKey is the context's value for how long a connection may take, a time.Duration.
type connectKey struct{}

// newTransport connects to addresses that the rules allow, through no proxy. Redirects are for clients: it follows
// none.
func newTransport(rules callback.Rules) *nethttp.Transport {
	return &nethttp.Transport{
		Proxy: nil, // It would connect to whatever it is asked for.
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			dialer := rules.Dialer()
			if connect, ok := ctx.Value(connectKey{}).(time.Duration); ok {
				dialer.Timeout = connect
			}
			return dialer.DialContext(ctx, network, address)
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    longest, // The call ends it before.
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    perHost,
		IdleConnTimeout:        idle,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// call is one call of the contract.
type call struct {
	method string
	path   string // behind the warehouse's URL
	body   any    // nil: none
}

// reply is what came back with a status that is not an error of the call: 2xx or 404.
type reply struct {
	status     int
	header     nethttp.Header
	body       []byte
	receivedAt time.Time
}

// call signs and sends, once. Its errors are of the classes that docs/providers.md has; a 404 is no error here, because
// a lookup is answered by it.
func (p *Provider) call(ctx context.Context, s Settings, c call) (reply, error) {
	secrets, err := p.secrets(s.SecretName)
	if err != nil {
		return reply{}, err
	}
	if err := provider.CheckAddress("url", s.URL, p.config.Rules); err != nil {
		return reply{}, err
	}
	var body []byte
	if c.body != nil {
		if body, err = json.Marshal(c.body); err != nil {
			return reply{}, refuse("the request can't be written as JSON: %s", err)
		}
	}
	if len(body) > maxRequest {
		return reply{}, refuse("the request has %d bytes; the contract allows %d", len(body), maxRequest)
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, connectKey{}, time.Duration(s.ConnectTimeout)),
		time.Duration(s.Timeout))
	defer cancel()
	var connected atomic.Bool // from then on, something may have been sent
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	request, err := nethttp.NewRequestWithContext(
		httptrace.WithClientTrace(ctx, trace), c.method, strings.TrimRight(s.URL, "/")+c.path, bytes.NewReader(body),
	)
	if err != nil {
		return reply{}, refuse("the address of the warehouse is none: %s", c.path)
	}
	request.Header.Set("Accept", "application/json, application/problem+json")
	request.Header.Set("User-Agent", "Packhorse")
	request.Header.Set(VersionHeader, Version)
	if c.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if err := secrets.Sign(request.Header, c.messageID(), p.config.Now(), body); err != nil {
		return reply{}, refuse("%s", err)
	}
	response, err := p.transport.RoundTrip(request)
	if err != nil {
		return reply{}, unsent(err, connected.Load())
	}
	defer response.Body.Close()
	r := reply{status: response.StatusCode, header: response.Header, receivedAt: p.config.Now()}
	if response.StatusCode != nethttp.StatusSwitchingProtocols { // What follows that is no body, and has no end.
		r.body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	}
	switch {
	case r.status < 200 || r.status > 299:
		if r.status == nethttp.StatusNotFound {
			return r, nil
		}
		return reply{}, r.failure() // As much of the reason as came.
	case err != nil:
		return reply{}, &provider.Error{
			Class: provider.UnknownOutcome, Message: "the warehouse's answer was cut off", Cause: plainly(err),
		}
	case len(r.body) > maxAnswer:
		return reply{}, &provider.Error{
			Class: provider.UnknownOutcome, Message: "the warehouse's answer has more than 256 KiB",
		}
	}
	return r, nil
}

// messageID names the message: a PUT by its path, because it is the same when it is sent again; else by chance.
func (c call) messageID() string {
	if c.method != nethttp.MethodPut {
		return "msg_" + rand.Text()
	}
	parts := strings.Split(c.path, "/")
	return strings.ReplaceAll(parts[len(parts)-1], ".", "~2e") // A dot would end the ID in what is signed.
}

// secrets are those that have the name.
func (p *Provider) secrets(name string) (standardwebhook.Secrets, error) {
	if p.config.Secrets == nil {
		return standardwebhook.Secrets{}, refuse("there is no secret %s: this process has none", name)
	}
	text, err := p.config.Secrets(name)
	if err != nil {
		return standardwebhook.Secrets{}, err
	}
	secrets, err := standardwebhook.ParseSecrets(text)
	if err != nil { // As if it were not there.
		return standardwebhook.Secrets{}, &provider.Error{
			Class: provider.Retryable, Message: "the secret " + name, Cause: err,
		}
	}
	return secrets, nil
}

// unsent is the error of a call that got nothing back. Before there is a connection, nothing was sent.
func unsent(err error, connected bool) error {
	if connected {
		return &provider.Error{
			Class: provider.UnknownOutcome, Message: "the warehouse gave no answer", Cause: plainly(err),
		}
	}
	if errors.Is(err, callback.ErrPrivateAddress) {
		return refuse("the warehouse's host has an address that is not on the public Internet; " +
			"PACKHORSE_CALLBACK_ALLOW_PRIVATE=true allows it, for development")
	}
	return &provider.Error{Class: provider.Retryable, Message: "the warehouse can't be reached", Cause: plainly(err)}
}

// plainly is the error without the URL that Go's client puts before it.
func plainly(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		return op.Err
	}
	return err
}

// withoutEffect is the error of a call that may be repeated however it failed.
func withoutEffect(err error) error {
	var e *provider.Error
	if errors.As(err, &e) && e.Class == provider.UnknownOutcome {
		again := *e
		again.Class = provider.Retryable
		return &again
	}
	return err
}
