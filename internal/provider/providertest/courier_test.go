package providertest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
	"packhorse/internal/provider/providertest"
)

// courier is a Receiver and Runner that keeps all rules. What its system sends is signed with HMAC-SHA256.
type courier struct{ manual.Provider }

const signatureHeader = "X-Signature"

func sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte("the courier's secret"))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// deliveries are genuine ones: two pieces of news, and an event that is of no interest.
func deliveries() []provider.Delivery {
	var list []provider.Delivery
	for _, body := range []string{
		`{"id":"evt_1","type":"parcel","number":"1Z1","status":"IN_TRANSIT"}`,
		`{"id":"evt_2","type":"parcel","number":"1Z1","status":"DELIVERED"}`,
		`{"id":"evt_3","type":"invoice"}`,
	} {
		list = append(list, provider.Delivery{
			Service: 7, Method: http.MethodPost, Header: http.Header{signatureHeader: {sign([]byte(body))}},
			Body: []byte(body), ReceivedAt: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC),
		})
	}
	return list
}

type event struct {
	ID     string                  `json:"id"`
	Type   string                  `json:"type"`
	Number string                  `json:"number"`
	Status fulfillment.EventStatus `json:"status"`
}

func (courier) Verify(_ context.Context, d provider.Delivery) (string, error) {
	if !hmac.Equal([]byte(d.Header.Get(signatureHeader)), []byte(sign(d.Body))) {
		return "", provider.Forged("the signature is not the courier's")
	}
	var e event
	_ = json.Unmarshal(d.Body, &e)
	return e.ID, nil
}

func (courier) Read(_ context.Context, d provider.Delivery) ([]provider.News, error) {
	var e event
	if err := json.Unmarshal(d.Body, &e); err != nil {
		return nil, &provider.Error{Class: provider.Permanent, Message: "malformed", Cause: err}
	}
	if e.Type != "parcel" || e.ID == "" || e.Number == "" {
		return nil, nil
	}
	return []provider.News{{ID: e.ID, About: provider.Subject{TrackingNumber: e.Number}, Service: d.Service,
		Command: &fulfillment.RecordEvent{Status: e.Status}}}, nil
}

func (courier) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func TestReceiverAndRunnerPass(t *testing.T) {
	t.Parallel()
	providertest.Run(t, func(*testing.T) provider.Provider { return courier{} }, deliveries()...)
}

type stubborn struct{ courier }

func (stubborn) Run(context.Context) error { select {} }

type sulky struct{ courier }

func (sulky) Run(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

type credulous struct{ courier }

func (credulous) Verify(_ context.Context, d provider.Delivery) (string, error) {
	return fmt.Sprintf("%x", sha256.Sum256(d.Body)), nil
}

type vague struct{ courier }

func (v vague) Verify(ctx context.Context, d provider.Delivery) (string, error) {
	key, err := v.courier.Verify(ctx, d)
	if err != nil {
		return "", errors.New("no")
	}
	return key, nil
}

type monotone struct{ courier }

func (monotone) Verify(ctx context.Context, d provider.Delivery) (string, error) {
	_, err := courier{}.Verify(ctx, d)
	return "delivery", err
}

// altered is a courier whose news is altered before it is told.
type altered struct {
	courier
	alter func(*provider.News)
}

func (a altered) Read(ctx context.Context, d provider.Delivery) ([]provider.News, error) {
	news, err := a.courier.Read(ctx, d)
	for i := range news {
		a.alter(&news[i])
	}
	return news, err
}

type hasty struct{ courier }

func (hasty) Read(_ context.Context, d provider.Delivery) ([]provider.News, error) {
	var e event
	if err := json.Unmarshal(d.Body, &e); err != nil {
		panic(err)
	}
	return nil, nil
}

type indifferent struct{ courier }

func (indifferent) Read(context.Context, provider.Delivery) ([]provider.News, error) { return nil, nil }

type hopeful struct{ courier }

func (hopeful) Read(ctx context.Context, d provider.Delivery) ([]provider.News, error) {
	news, err := courier{}.Read(ctx, d)
	if err != nil {
		return nil, &provider.Error{Class: provider.Retryable, Message: "perhaps later", Cause: err}
	}
	return news, nil
}
