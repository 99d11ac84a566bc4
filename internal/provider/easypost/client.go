package easypost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// maxAnswer is how many bytes of an answer are read. A shipment with sixty carriers' rates has some 100 KB.
const maxAnswer = 8 << 20

// client makes the calls of EasyPost's API that a provider needs.
type client struct {
	http *http.Client
	base string // such as https://api.easypost.com/v2, without a slash at its end
	key  string // of the account
	now  func() time.Time
}

// lost is a call without an answer.
type lost struct {
	Sent  bool // false: nothing can have reached EasyPost
	Cause error
}

// Error says what happened.
func (l *lost) Error() string {
	if !l.Sent {
		return "EasyPost can't be reached: " + l.Cause.Error()
	}
	return "EasyPost gave no answer: " + l.Cause.Error()
}

// Unwrap is the cause.
func (l *lost) Unwrap() error { return l.Cause }

// call sends one request. The error is an *apiError or a *lost.
func (c client) call(ctx context.Context, method, path string, body, answer any) error {
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { sent.Store(true) },
	})
	var payload io.Reader
	if body != nil {
		written, err := json.Marshal(body)
		if err != nil {
			return &lost{Cause: fmt.Errorf("write the request: %w", err)}
		}
		payload = bytes.NewReader(written)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, payload)
	if err != nil {
		return &lost{Cause: err}
	}
	request.SetBasicAuth(c.key, "")
	request.Header.Set("User-Agent", "Packhorse")
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return &lost{Sent: sent.Load(), Cause: withoutURL(err)}
	}
	defer response.Body.Close()
	said, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case response.StatusCode >= 300:
		return readError(response, said, c.now()) // Whatever could be read of it.
	case err != nil:
		return &lost{Sent: true, Cause: err}
	case len(said) > maxAnswer:
		return &lost{Sent: true, Cause: fmt.Errorf("it has more than %d bytes", maxAnswer)}
	}
	if err := json.Unmarshal(said, answer); err != nil {
		return &lost{Sent: true, Cause: errors.New("it is no JSON of the kind that was expected")}
	}
	return nil
}

// withoutURL is the error of an HTTP client without its URL, which may have a reference in it.
func withoutURL(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// createShipment costs nothing: it asks the carriers for rates.
func (c client) createShipment(ctx context.Context, s newShipment) (made shipment, err error) {
	err = c.call(ctx, http.MethodPost, "/shipments", map[string]any{"shipment": s}, &made)
	if err == nil && made.ID == "" {
		err = &lost{Sent: true, Cause: errors.New("the shipment has no ID")}
	}
	return made, err
}

// shipment finds a shipment by its ID or by its reference.
func (c client) shipment(ctx context.Context, id string) (found shipment, err error) {
	err = c.call(ctx, http.MethodGet, "/shipments/"+url.PathEscape(id), nil, &found)
	if err == nil && found.ID == "" {
		err = &lost{Sent: true, Cause: errors.New("the shipment has no ID")}
	}
	return found, err
}

// buy buys the label of a shipment, for money.
func (c client) buy(ctx context.Context, id, rateID string) (bought shipment, err error) {
	body := map[string]any{"rate": map[string]any{"id": rateID}}
	err = c.call(ctx, http.MethodPost, "/shipments/"+url.PathEscape(id)+"/buy", body, &bought)
	return bought, err
}

// rerate asks for fresh rates.
func (c client) rerate(ctx context.Context, id string) (rates list[rate], err error) {
	var answer struct {
		Rates list[rate] `json:"rates"`
	}
	err = c.call(ctx, http.MethodPost, "/shipments/"+url.PathEscape(id)+"/rerate", nil, &answer)
	return answer.Rates, err
}

// convertLabel has a label made in another format, PDF, ZPL or EPL2.
func (c client) convertLabel(ctx context.Context, id, format string) (converted shipment, err error) {
	path := "/shipments/" + url.PathEscape(id) + "/label?file_format=" + url.QueryEscape(format)
	err = c.call(ctx, http.MethodGet, path, nil, &converted)
	return converted, err
}

// refund asks for the money back: the label is void from then on. EasyPost decides it days later.
func (c client) refund(ctx context.Context, id string) (refunded shipment, err error) {
	err = c.call(ctx, http.MethodPost, "/shipments/"+url.PathEscape(id)+"/refund", nil, &refunded)
	return refunded, err
}

// createForm has a form made for a shipment that is bought.
func (c client) createForm(ctx context.Context, id, kind string) (with shipment, err error) {
	body := map[string]any{"form": map[string]any{"type": kind}}
	err = c.call(ctx, http.MethodPost, "/shipments/"+url.PathEscape(id)+"/forms", body, &with)
	return with, err
}

// createTracker follows a parcel; one that is followed already is given again.
func (c client) createTracker(ctx context.Context, code, carrier string) (made tracker, err error) {
	of := map[string]any{"tracking_code": code}
	if carrier != "" {
		of["carrier"] = carrier
	}
	err = c.call(ctx, http.MethodPost, "/trackers", map[string]any{"tracker": of}, &made)
	return made, err
}
