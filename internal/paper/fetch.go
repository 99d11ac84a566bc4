package paper

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"packhorse/internal/callback"
)

const (
	fetchTimeout = 15 * time.Second
	maxRedirects = 3
)

// Fetcher fetches documents from the URLs that providers name. Those are strangers' addresses: it keeps to https and to
// public addresses, at redirects, too, unless the rules allow others, uses no proxy, and reads no more than [MaxSize].
type Fetcher struct {
	rules  callback.Rules
	client *http.Client
}

// NewFetcher makes a Fetcher. Roots are the authorities that are trusted; nil: those of the system.
func NewFetcher(rules callback.Rules, roots *x509.CertPool) *Fetcher {
	rules.Hosts = nil // Those are of callbacks.
	f := &Fetcher{rules: rules}
	f.client = &http.Client{
		Timeout: fetchTimeout,
		Transport: &http.Transport{
			DialContext:     rules.Dialer().DialContext,
			TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			IdleConnTimeout: 4 * time.Second, MaxResponseHeaderBytes: 16 << 10, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errors.New("it redirects too often")
			}
			return f.judge(r.URL.String())
		},
	}
	return f
}

// Unfit is a document that will never be one, however often it is fetched.
type Unfit struct{ reason string }

func (u *Unfit) Error() string { return u.reason }

// Close ends the connections that wait.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }

// Fetch gets a document, and tells what it is. An *[Unfit] says that it is none; after any other error it may be tried
// again. Errors name no more of the URL than its host: whoever has the URL has the document.
func (f *Fetcher) Fetch(ctx context.Context, uri string) (content []byte, mediaType string, err error) {
	if err := f.judge(uri); err != nil {
		return nil, "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, "", &Unfit{"its address is no URL"}
	}
	response, err := f.client.Do(request)
	if err != nil {
		return nil, "", f.explain(ctx, request.URL, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("%s answers %d %s", callback.Host(request.URL), response.StatusCode,
			http.StatusText(response.StatusCode))
	}
	content, err = io.ReadAll(io.LimitReader(response.Body, MaxSize+1))
	if err != nil {
		return nil, "", f.explain(ctx, request.URL, err)
	}
	if mediaType, err = MediaType(content); err != nil {
		return nil, "", &Unfit{"what " + callback.Host(request.URL) + " gives is no document: " + err.Error()}
	}
	return content, mediaType, nil
}

// judge refuses what is not to be asked.
func (f *Fetcher) judge(uri string) error {
	u, fault := f.rules.Judge(uri)
	switch {
	case fault == callback.Private:
		return &Unfit{callback.Host(u) + " is not on the public Internet"}
	case fault != callback.None:
		return &Unfit{"its address is no URL that may be asked"}
	case u.Scheme != "https" && !f.rules.AllowPrivate:
		return &Unfit{"its address does not begin with https://"}
	}
	return nil
}

// explain says why there is no answer, without what is in the URL.
func (f *Fetcher) explain(ctx context.Context, u *url.URL, err error) error {
	var unfit *Unfit
	var late net.Error
	host := callback.Host(u)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &unfit):
		return unfit
	case errors.Is(err, callback.ErrPrivateAddress):
		return &Unfit{host + " is not on the public Internet"}
	case errors.As(err, &late) && late.Timeout():
		return fmt.Errorf("%s has not given it within %v", host, fetchTimeout)
	}
	return errors.New(host + " can't be asked, or its answer broke off")
}
