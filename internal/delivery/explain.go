package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"

	"packhorse/internal/callback"
)

// refusal says why a URL is not called at all.
func refusal(u *url.URL, fault callback.Fault) error {
	switch fault {
	case callback.OtherProtocol:
		return errors.New("the address is neither https nor http")
	case callback.HasUser:
		return errors.New("the address has a user name or a password")
	case callback.Private:
		return private(callback.Host(u))
	case callback.Unlisted:
		return fmt.Errorf("%s is not among the hosts that may be called", callback.Host(u))
	default:
		return errors.New("the address is no URL")
	}
}

func private(host string) error {
	return fmt.Errorf("connect to %s: %w", host, callback.ErrPrivateAddress)
}

// explain says in words for people why there is no answer, or no whole one once its begin was there. Texts of libraries
// are not passed on: they quote what receivers send, and name servers of ours.
func (c *Client) explain(ctx context.Context, host string, err error, begun bool) error {
	if ctx.Err() != nil {
		return fmt.Errorf("it was stopped before there was an answer: %w", ctx.Err())
	}
	if text := c.explainConnect(host, err); text != "" {
		if errors.Is(err, callback.ErrPrivateAddress) {
			return fmt.Errorf("%s: %w", text, callback.ErrPrivateAddress)
		}
		return errors.New(text)
	}
	if text := explainTLS(host, err); text != "" {
		return errors.New(text)
	}
	var timeout net.Error
	late := errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
	closed := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || says(err, "closed idle connection")
	reset := errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
	switch {
	case late && begun:
		return fmt.Errorf("the answer did not end within %v", c.timeout)
	case late:
		return fmt.Errorf("no answer within %v", c.timeout)
	case reset && begun:
		return errors.New("the connection was reset before the answer ended")
	case reset:
		return errors.New("the connection was reset without an answer")
	case closed && begun:
		return errors.New("the connection was closed before the answer ended")
	case closed:
		return errors.New("the connection was closed without an answer")
	case says(err, "headers exceeded", "header list larger"):
		return fmt.Errorf("the headers of the answer have more than %d KiB", maxHeader>>10)
	case ofTheRequest(err):
		return errors.New("the request can't be sent: there is a line break or the like in one of its headers")
	case begun:
		return errors.New("the answer broke off")
	}
	return errors.New("the answer is not HTTP as it should be")
}

// explainConnect says why there is no connection; "": there was one.
func (c *Client) explainConnect(host string, err error) string {
	var name *net.DNSError
	if errors.As(err, &name) {
		switch {
		case name.IsNotFound:
			return fmt.Sprintf("look up %s: there is no such name", host)
		case name.Timeout():
			return fmt.Sprintf("look up %s: no answer within %v", host, c.connect)
		}
		return fmt.Sprintf("look up %s: the name servers fail", host)
	}
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "dial" {
		return ""
	}
	to := host
	if address, ok := op.Addr.(*net.TCPAddr); ok {
		to = address.IP.String()
	}
	var number syscall.Errno
	switch {
	case errors.Is(err, callback.ErrPrivateAddress):
		return "connect to " + to
	case op.Timeout():
		return fmt.Sprintf("connect to %s: no answer within %v", to, c.connect)
	case errors.As(err, &number):
		if op.Addr != nil {
			to = op.Addr.String()
		}
		return fmt.Sprintf("connect to %s: %s", to, number.Error())
	}
	return fmt.Sprintf("connect to %s: it can't be reached", to)
}

// explainTLS says why there is no secure connection; "": that is not it.
func explainTLS(host string, err error) string {
	var (
		unknown  x509.UnknownAuthorityError
		name     x509.HostnameError
		invalid  x509.CertificateInvalidError
		bad      *tls.CertificateVerificationError
		noTLS    tls.RecordHeaderError
		op       *net.OpError
		trouble  = "the certificate of " + host + " is not trusted"
		protocol = strings.HasPrefix(err.Error(), "tls: ")
	)
	switch {
	case errors.As(err, &unknown):
		return trouble + ": its authority is unknown"
	case errors.As(err, &name):
		return trouble + ": it is for other names"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return trouble + ": it has expired, or is not valid yet"
	case errors.As(err, &bad):
		return trouble
	case errors.As(err, &noTLS):
		return host + " does not speak TLS"
	case protocol, errors.As(err, &op) && op.Op == "remote error":
		return host + " and we don't agree on TLS"
	}
	return ""
}

// ofTheRequest tells whether the request itself is why there is no answer.
func ofTheRequest(err error) bool { return says(err, "invalid header field") }

func says(err error, texts ...string) bool {
	for _, text := range texts {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}
