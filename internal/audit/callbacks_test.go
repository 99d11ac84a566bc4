package audit

import (
	"fmt"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
)

// TestCallbacks: requests that wait for a service with a callback URL are told there, or it is known why not; its
// callbacks are not ahead of the feed; and fetched numbers are what it has answered. What is noted of a healthy service
// is found to be so.
func TestCallbacks(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	app, err := s.Store.CreateApp(t.Context(), access.App{
		Handle: "north", Name: "North", Scopes: []access.Scope{access.ReadAssigned},
	})
	if err != nil {
		t.Fatal(err)
	}
	service := s.Service(fulfillment.Service{Name: "North", Provider: fulfillment.ManualProvider, AppID: app.ID})
	newOrder, newOne := s.order(service.LocationID, 1)
	s.send(newOne, &fulfillment.SubmitFulfillmentRequest{})
	stopOrder, stopped := s.order(service.LocationID, 1)
	s.send(stopped, &fulfillment.SubmitFulfillmentRequest{})
	s.send(stopped, &fulfillment.AcceptFulfillmentRequest{})
	s.send(stopped, &fulfillment.SubmitCancellationRequest{})
	trackedOrder, tracked := s.order(service.LocationID, 1)
	shipment := s.send(tracked, &fulfillment.CreateFulfillment{}).FulfillmentID
	from := callback.Untracked{ID: shipment, UpdatedAt: time.Now()}
	s.send(tracked, &fulfillment.UpdateTracking{
		Meta: fulfillment.Meta{
			CommandID: from.CommandID([]string{"1Z5", "1Z6"}),
			Actor:     fulfillment.Actor{Role: fulfillment.RoleService, ServiceID: service.ID},
		},
		FulfillmentID: shipment, Tracking: fulfillment.TrackingInput{Numbers: []string{"1Z5", "1Z6"}}, IfNone: true,
	})
	comesToRest(t, s.on(t, string(s.Settings.Database.URL)))
	frozen := s.frozen(t)

	called := fmt.Sprintf(`UPDATE services SET callback_url = 'https://example.com/cb' WHERE id = %d`, service.ID)
	followed := fmt.Sprintf(`INSERT INTO service_callbacks (service_id, url, cursor, epoch, followed_at)
		SELECT %d, 'https://example.com/cb', position, 1, now() FROM feed_cursor`, service.ID)
	noted := fmt.Sprintf(`INSERT INTO service_calls (service_id, call, next_at, owed, fresh, number, position, about,
		repeats, attempts, suffix, called_at, took, status, error, note)
		SELECT %d, call, now() + interval '1 minute', false, false, 1, 1, '{}', 0, 0, '', now(), '0', 200, '', ''
		FROM unnest('{FULFILLMENT_REQUEST,CANCELLATION_REQUEST,FETCH_TRACKING_NUMBERS}'::text[]) AS call`, service.ID)
	ping := func(set, call string) string {
		return fmt.Sprintf(`UPDATE service_calls SET %s WHERE call = '%s'`, set, call)
	}
	healthy := func(but ...string) []string { return append([]string{called, followed, noted}, but...) }
	const request, cancellation = "FULFILLMENT_REQUEST", "CANCELLATION_REQUEST"
	untold := []blame{{RequestsTold, newOrder, newOne}, {RequestsTold, stopOrder, stopped}}
	unasked := blame{NumbersFetched, trackedOrder, tracked}
	for name, c := range map[string]struct {
		sql  []string
		want []blame
	}{
		"healthy":              {healthy(), nil},
		"called by nobody":     {[]string{called}, append([]blame{unasked}, untold...)},
		"without callback URL": {[]string{followed, noted}, nil},
		"gone": {
			healthy(
				`UPDATE service_callbacks SET stopped = 'It answered 410.'`, `UPDATE service_calls SET next_at = NULL`,
			), nil,
		},
		"left by whoever called it": {
			healthy(`UPDATE service_callbacks SET followed_at = now() - interval '2 minutes'`), untold,
		},
		"nothing noted":    {healthy(`DELETE FROM service_calls WHERE call = '` + request + `'`), untold[:1]},
		"failing":          {healthy(ping(`error = 'It answered 500.'`, request)), nil},
		"not told again":   {healthy(ping("next_at = NULL", cancellation)), untold[1:]},
		"overdue":          {healthy(ping("next_at = now() - interval '1 hour'", request)), untold[:1]},
		"owed and not due": {healthy(ping("next_at = NULL, owed = true", request)), untold[:1]},
		"older than the service may take": {
			healthy(ping("next_at = NULL", request), `UPDATE services SET accept_within = '1 microsecond'`), nil,
		},
		"not read yet": {healthy(`UPDATE service_callbacks SET cursor = 0`), untold},
		"ahead of the feed": {
			healthy(`UPDATE service_callbacks SET cursor = cursor + 1`), []blame{{CallbacksBehind, 0, 0}},
		},
		"numbers of nobody": {healthy(`DELETE FROM service_calls WHERE call LIKE 'FETCH%'`), []blame{unasked}},
		"numbers that were not answered": {
			healthy(fmt.Sprintf(`UPDATE transitions SET details = replace(details::text, '1Z6', '1Z7')::jsonb
				WHERE fulfillment_order_id = %d AND kind = 'TRACKING_UPDATED'`, tracked)),
			[]blame{unasked, {EventsOnce, trackedOrder, tracked}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAuditor(s.broken(t, frozen, c.sql...))
			a.strict = true
			report, err := a.run(t.Context(), s.saw, 0)
			if err != nil {
				t.Fatal(err)
			}
			requireBlames(t, blamesOf(report), c.want...)
		})
	}
}
