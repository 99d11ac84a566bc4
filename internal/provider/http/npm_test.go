package http_test

import (
	"encoding/json"
	"io"
	nethttp "net/http"
	"strings"
	"testing"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/dev/npmtest"
	"packhorse/internal/provider"
	"packhorse/internal/provider/http"
	"packhorse/internal/provider/providertest"
)

// TestReferenceImplementationAgrees: the library that warehouses use believes what we send, also while the secret is
// rotated, and we believe what it signs.
func TestReferenceImplementationAgrees(t *testing.T) {
	t.Parallel()
	const old = callbackSecret
	type message struct {
		Secret  string            `json:"secret"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	}
	var sent message
	server := serve(t, nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = message{Headers: map[string]string{}, Body: string(body)}
		for name := range r.Header {
			sent.Headers[strings.ToLower(name)] = r.Header.Get(name)
		}
		answer(201, nil, `{"outcome":"ACCEPTED"}`)(w, r, nil)
	}))
	var messages []message
	add := func(secret string) {
		m := sent
		m.Secret = secret
		messages = append(messages, m)
	}
	for _, rotated := range []bool{false, true} {
		p := http.New(http.Config{
			Rules:    callback.Rules{AllowPrivate: true},
			Defaults: http.Settings{URL: server.URL, SecretName: "WAREHOUSE"},
			Secrets: func(string) (string, error) {
				if rotated {
					return secret + "\n" + old, nil
				}
				return secret, nil
			},
		})
		defer p.Close()
		request := providertest.Request("fulfillment-order/7#12")
		request.Message = "Grüße"
		if _, err := p.Create(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		add(secret)
		add(old)
	}
	const body = `{"type":"request.accepted","key":"fo-7-12","sequence":1,"data":{"message":"Grüße"}}`
	text, err := json.Marshal(messages)
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Split(strings.TrimSpace(npmtest.Run(t, "testdata/standardwebhooks.mjs", "MESSAGES="+string(text),
		"SECRET="+callbackSecret, "BODY="+body)), "\n")
	if len(said) != len(messages)+1 {
		t.Fatalf("it says %q", said)
	}
	for i, want := range []bool{true, false, true, true} {
		if believed := said[i] == "believed"; believed != want {
			t.Errorf("message %d: it says %q, want believed %t", i, said[i], want)
		}
	}
	headers := map[string]string{}
	if err := json.Unmarshal([]byte(said[len(messages)]), &headers); err != nil {
		t.Fatal(err)
	}
	d := provider.Delivery{Service: 8, Header: nethttp.Header{}, Body: []byte(body), ReceivedAt: time.Now()}
	for name, value := range headers {
		d.Header.Set(name, value)
	}
	p := newProvider(t, server.URL)
	if key, err := p.Verify(t.Context(), d); err != nil || key != "8/msg_npm" {
		t.Errorf("what it signed: %q, %v", key, err)
	}
	d.Body = []byte(body + " ")
	if _, err := p.Verify(t.Context(), d); err == nil {
		t.Error("another body than it signed is believed")
	}
}
