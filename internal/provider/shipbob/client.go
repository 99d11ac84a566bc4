package shipbob

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"packhorse/internal/provider"
)

const (
	longestAnswer = 16 << 20 // bytes; a page of orders is far less
	userAgent     = "Packhorse"
)

// account is one service's access to ShipBob, for the time of one call.
type account struct {
	Settings
	base   string // address of the API with its version
	token  string
	http   *http.Client
	budget *budget
	settle time.Duration
	date   time.Time // of ShipBob's clock, at the last answer; zero: it did not say
}

// call is one request to ShipBob.
type call struct {
	what    string // for people, such as "create the order"
	method  string
	path    string // below the version, such as "/order"
	query   url.Values
	channel text // "": not said
	body    any  // nil: none
	// effect tells that the call may have changed something when its answer is missing.
	effect bool
	// background calls are nobody's who waits: they leave a part of the budget to the others.
	background bool
}

// do makes the call and reads the answer into a value. The error says what it means for the next attempt. A call that
// ShipBob refuses for what is in it is a [*refusal].
func (a *account) do(ctx context.Context, c call, into any) error {
	if err := ctx.Err(); err != nil {
		return &provider.Error{Class: provider.Retryable, Message: "ShipBob was not asked to " + c.what, Cause: err}
	}
	if err := a.budget.take(c.background); err != nil {
		return err
	}
	request, err := a.request(ctx, c)
	if err != nil {
		return err
	}
	response, err := a.http.Do(request)
	if err != nil {
		return c.failed(err)
	}
	defer func() { _ = response.Body.Close() }()
	a.budget.heard(response.Header)
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		a.date = date
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer+1))
	switch {
	case response.StatusCode == http.StatusTooManyRequests:
		return a.budget.exhausted(response.Header)
	case err != nil:
		return c.failed(err)
	case response.StatusCode < 200 || response.StatusCode > 299:
		return c.refused(response.StatusCode, body)
	case len(body) > longestAnswer:
		return c.unreadable("it is longer than %d bytes", longestAnswer)
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		// The error has no part of the body in it but a character.
		return c.unreadable("%s", err)
	}
	return nil
}

func (a *account) request(ctx context.Context, c call) (*http.Request, error) {
	address := a.base + c.path
	if len(c.query) > 0 {
		address += "?" + c.query.Encode()
	}
	var body io.Reader
	if c.body != nil {
		encoded, err := json.Marshal(c.body)
		if err != nil {
			return nil, refuse("write the request to %s: %s", c.what, err)
		}
		body = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, c.method, address, body)
	if err != nil {
		return nil, refuse("the address of ShipBob's API: %s", err)
	}
	request.Header.Set("Authorization", "Bearer "+a.token)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", userAgent)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.channel != "" {
		// The name has underscores, and is sent as ShipBob writes it.
		request.Header["shipbob_channel_id"] = []string{string(c.channel)}
	}
	return request, nil
}

// lost is the class of a call whose answer is missing: it may have happened, if it is one that does something.
func (c call) lost() provider.Class {
	if c.effect {
		return provider.UnknownOutcome
	}
	return provider.Retryable
}

// failed is the error of a call that broke. One that never reached ShipBob has done nothing.
func (c call) failed(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // Without the address, which may have references in it.
	}
	var dialled *net.OpError
	if errors.As(err, &dialled) && dialled.Op == "dial" {
		return &provider.Error{Class: provider.Retryable, Message: "ShipBob can't be reached", Cause: err}
	}
	return &provider.Error{Class: c.lost(), Message: "ShipBob gave no answer when asked to " + c.what, Cause: err}
}

// unreadable is the error of a good answer that means nothing.
func (c call) unreadable(format string, args ...any) error {
	return &provider.Error{
		Class: c.lost(), Message: "ShipBob's answer when asked to " + c.what + ": " + fmt.Sprintf(format, args...),
	}
}

// refused is the error for a status that is none of success.
func (c call) refused(status int, body []byte) error {
	e := &provider.Error{Class: provider.Permanent}
	answered := fmt.Sprintf("ShipBob answered %d when asked to %s", status, c.what)
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.Message = answered + ": its token is wrong, or may not do that"
	case status == http.StatusRequestTimeout || status >= 500:
		e.Class, e.Message = c.lost(), answered
	case status < 400:
		e.Message = answered + ": its address is another, see PACKHORSE_SHIPBOB_URL"
	default:
		r := &refusal{Status: status, Said: readRefusal(body)}
		e.Message, e.Cause = answered, r
	}
	return e
}

// refusal is what ShipBob says of a call with which something is wrong (400, 404, 409, 422).
type refusal struct {
	Status int
	Said   []said
}

// said is one text, and the field that it is about: "" is the whole.
type said struct{ Field, Text string }

func (r *refusal) Error() string {
	if len(r.Said) == 0 {
		return "it does not say why"
	}
	texts := make([]string, len(r.Said))
	for i, s := range r.Said {
		texts[i] = s.Text
		if s.Field != "" {
			texts[i] = s.Field + ": " + s.Text
		}
	}
	return strings.Join(texts, "; ")
}

// notTaken are the statuses of what ShipBob does not take for what is in it.
var notTaken = []int{http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity}

// refusedWith is the refusal with one of these statuses in an error; nil: it is none.
func refusedWith(err error, statuses ...int) *refusal {
	var r *refusal
	if !errors.As(err, &r) {
		return nil
	}
	for _, status := range statuses {
		if r.Status == status {
			return r
		}
	}
	return nil
}
