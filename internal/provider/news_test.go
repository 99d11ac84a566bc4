package provider_test

import (
	"context"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

func TestCommandID(t *testing.T) {
	t.Parallel()
	for news, want := range map[string]string{
		"evt_1":                        "easypost/evt_1",
		"fulfillment-order/1#2/ship-1": "easypost/fulfillment-order/1#2/ship-1",
		strings.Repeat("x", 246):       "easypost/" + strings.Repeat("x", 246),
	} {
		if got := provider.CommandID("easypost", news); got != want {
			t.Errorf("%s: got %s, want %s", news, got, want)
		}
	}
	seen := make(map[string]bool)
	for _, news := range []string{strings.Repeat("x", 247), strings.Repeat("x", 248), "a\x00", "a\xff", "a\xfe"} {
		id := provider.CommandID("easypost", news)
		again := provider.CommandID("easypost", news)
		if !strings.HasPrefix(id, "easypost/sha256:") || len(id) > 255 || seen[id] || id != again {
			t.Errorf("%.20q has the command ID %q, which no command can have, or which is another's", news, id)
		}
		seen[id] = true
	}
}

// reporter is a Reporter that remembers what it was told last.
type reporter struct {
	id  fulfillment.ID
	cmd fulfillment.Command
}

func (r *reporter) Send(_ context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error) {
	r.id, r.cmd = id, cmd
	return fulfillment.Result{FulfillmentOrderID: id}, nil
}

// TestTell: news is a command of the service, with an ID that follows from the news and from nothing else.
func TestTell(t *testing.T) {
	t.Parallel()
	r := new(reporter)
	cmd := &fulfillment.AcceptFulfillmentRequest{Meta: fulfillment.Meta{CommandID: "mine", Actor: fulfillment.System}}
	about := provider.Subject{FulfillmentOrderID: 7, Reference: "W-7"}
	news := provider.News{ID: "evt_1", Service: 8, Command: cmd, About: about}
	result, err := provider.Tell(t.Context(), r, "easypost", news)
	want := fulfillment.Meta{CommandID: "easypost/evt_1",
		Actor: fulfillment.Actor{Role: fulfillment.RoleService, App: "easypost", ServiceID: 8}}
	if err != nil || result.FulfillmentOrderID != 7 || r.id != 7 || *r.cmd.Envelope() != want {
		t.Errorf("%v: told %d %+v, want 7 %+v", err, r.id, *r.cmd.Envelope(), want)
	}
	// A decision is about the request that it names, whatever has become of that; a shipment has left all the same.
	news.About.RequestKey = "fulfillment-order/7#2"
	for cmd, key := range map[fulfillment.Command]string{
		&fulfillment.AcceptFulfillmentRequest{}: news.About.RequestKey, &fulfillment.Close{}: news.About.RequestKey,
		&fulfillment.RejectCancellationRequest{}: news.About.RequestKey, &fulfillment.CreateFulfillment{}: "",
	} {
		news.Command = cmd
		if _, err := provider.Tell(t.Context(), r, "easypost", news); err != nil || r.cmd.Envelope().ForRequest != key {
			t.Errorf("%v: told of request %q, want %q", err, r.cmd.Envelope().ForRequest, key)
		}
	}
	// What ships with the answer to the request ships for that.
	news.WithAnswer, news.Command = true, &fulfillment.CreateFulfillment{}
	if _, err := provider.Tell(t.Context(), r, "easypost", news); err != nil ||
		r.cmd.Envelope().ForRequest != news.About.RequestKey {
		t.Errorf("%v: shipped for request %q", err, r.cmd.Envelope().ForRequest)
	}
	news.About.FulfillmentOrderID = 0
	r.cmd = nil
	_, err = provider.Tell(t.Context(), r, "easypost", news)
	refused, ok := fulfillment.AsError(err)
	if !ok || refused.Code != fulfillment.CodeNotFound || refused.Retryable() || r.cmd != nil {
		t.Errorf("%v, sent %v; want a refusal: nobody knows what it is about", err, r.cmd)
	}
}
