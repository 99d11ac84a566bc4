package endtoend

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/callback"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/postgres"
)

const askForCallbacks = `{ shop { fulfillmentServices { serviceName callbackUrl callbackProblem callbacks {
	kind calledAt succeededAt status error failingSince nextCallAt note
} } } }`

// TestCallbacksOfAService: an app sees how the calls of its own service stand, and why it is not called; another app,
// which may read what the service ships, sees neither that nor where it is called.
func TestCallbacksOfAService(t *testing.T) {
	t.Parallel()
	// Without an engine nobody calls it meanwhile.
	url := devstacktest.Database(t, postgres.Migrate)
	s := gatewaytest.Serve(t, url, nil, gatewaytest.Options{})
	store, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	app := s.App("App", access.WriteAssigned)
	other := s.App("Other", access.ReadThirdParty, access.ReadFulfillments)
	service, err := store.AddService(t.Context(), fulfillment.Service{
		Name: "North", Provider: fulfillment.ManualProvider, AppID: app.ID, CallbackURL: "https://example.com/cb",
	})
	if err != nil {
		t.Fatal(err)
	}
	const services = "shop.fulfillmentServices"
	page := app.Must(t, askForCallbacks, nil)
	if got := fmt.Sprint(gatewaytest.Get[any](t, page, services+".0.callbacks")); got != "[]" {
		t.Errorf("before anybody has called it: %s", got)
	}
	following, err := store.FollowService(t.Context(), service.ID)
	if err != nil {
		t.Fatal(err)
	}
	at := following.Now.UTC().Truncate(time.Second)
	ping := callback.Standing{
		Call: callback.FulfillmentRequest, CalledAt: new(at), FailingSince: new(at.Add(-time.Minute)),
		NextAt: new(at.Add(time.Minute)), Status: http.StatusBadRequest, Error: "400 Bad Request",
	}
	stock := callback.Standing{
		Call: callback.Stock, CalledAt: new(at), SucceededAt: new(at), Status: http.StatusOK,
		Note: "No SKU with a whole number: B.",
	}
	progress := callback.Progress{
		ServiceID: service.ID, Epoch: following.Epoch, URL: following.URL,
		Calls: []callback.Standing{stock, {Call: callback.TrackingNumbers}, ping},
	}
	if _, err := store.NoteCalls(t.Context(), progress); err != nil {
		t.Fatal(err)
	}
	page = app.Must(t, askForCallbacks, nil)
	when := func(since time.Duration) string { return at.Add(since).Format(time.RFC3339) }
	for path, want := range map[string]string{
		"callbackProblem": "<nil>", "callbacks.0.kind": "FULFILLMENT_REQUEST", "callbacks.0.status": "400",
		"callbacks.0.error": "400 Bad Request", "callbacks.0.calledAt": when(0), "callbacks.0.succeededAt": "<nil>",
		"callbacks.0.failingSince": when(-time.Minute), "callbacks.0.nextCallAt": when(time.Minute),
		"callbacks.0.note": "<nil>", "callbacks.1.kind": "FETCH_STOCK", "callbacks.1.error": "<nil>",
		"callbacks.1.succeededAt": when(0), "callbacks.1.note": "No SKU with a whole number: B.",
		"callbacks.1.nextCallAt": "<nil>",
	} {
		if got := fmt.Sprint(gatewaytest.Get[any](t, page, services+".0."+path)); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	if n := len(gatewaytest.Get[[]any](t, page, services+".0.callbacks")); n != 2 {
		t.Errorf("%d calls are told of: %s", n, page.Body)
	}
	progress.Stopped = "It answered 410."
	if _, err := store.NoteCalls(t.Context(), progress); err != nil {
		t.Fatal(err)
	}
	page = app.Must(t, askForCallbacks, nil)
	if got := gatewaytest.Get[string](t, page, services+".0.callbackProblem"); got != "It answered 410." {
		t.Errorf("it is not called because of %q", got)
	}
	if got := gatewaytest.Get[any](t, page, services+".0.callbacks.0.nextCallAt"); got != nil {
		t.Errorf("although it is not called it is, at %v", got)
	}
	refused := string(other.Do(t, askForCallbacks, nil).Body)
	if strings.Contains(refused, "FETCH_STOCK") || strings.Contains(refused, "example.com") ||
		!strings.Contains(refused, "Access denied for callbacks field. Required access: The app must own the fulfillment service.") {
		t.Errorf("another app is told %s", refused)
	}
}
