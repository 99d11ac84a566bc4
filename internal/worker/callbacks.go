package worker

import (
	"context"
	"net/url"
	"time"

	"go.temporal.io/sdk/client"

	"packhorse/activities"
	"packhorse/internal/callback"
	"packhorse/internal/config"
	"packhorse/internal/delivery"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/servicecall"
	"packhorse/internal/temporalio"
)

// serviceLine calls fulfillment services. It must be closed.
func serviceLine(s Settings, store *postgres.Store) *delivery.ServiceLine {
	return &delivery.ServiceLine{
		Store: store, ShopDomain: s.Webhooks.ShopDomain, GIDNamespace: s.Webhooks.GIDNamespace,
		Client: delivery.NewClient(s.Callbacks.Rules(), delivery.Options{Timeout: s.Webhooks.WebhookTimeout}),
	}
}

func pace(w config.Webhooks) callback.Pace {
	p := callback.Pace{Ping: w.PingInterval, Fetch: w.FetchInterval, Retries: w.WebhookRetries}
	if p.Ping == 0 {
		p.Ping = time.Minute
	}
	if p.Fetch == 0 {
		p.Fetch = time.Hour
	}
	if p.Retries == nil {
		p.Retries = delivery.Retries
	}
	return p
}

// callbacks are the activities of the callbacks of fulfillment services.
func callbacks(c servicecall.Config, connection client.Client) *activities.Callbacks {
	return &activities.Callbacks{
		Follow: func(
			ctx context.Context, id fulfillment.ID, report func(temporalio.CallbackReport),
		) (temporalio.Called, error) {
			c := c
			c.Report = func(r servicecall.Report) { report(callbackReport(r)) }
			outcome, err := servicecall.Follow(ctx, c, id)
			last := callbackReport(outcome.Last)
			if outcome.Stopped != "" {
				last.State, last.Reason = temporalio.DeliveryDisabled, outcome.Stopped
				for i := range last.Calls { // Nothing is tried again.
					last.Calls[i].NextAt = time.Time{}
				}
			}
			return temporalio.Called{CallbackReport: last, Gone: outcome.Gone}, err
		},
		Tell: func(ctx context.Context, id fulfillment.ID, report temporalio.CallbackReport) error {
			return connection.SignalWorkflow(
				ctx, temporalio.ServiceCallbacksID(id), "", temporalio.ReportSignal, report,
			)
		},
	}
}

func callbackReport(r servicecall.Report) temporalio.CallbackReport {
	report := temporalio.CallbackReport{
		State: temporalio.DeliveryEnabled, Name: r.Service.Name, Cursor: r.Cursor, At: time.Now().UTC(),
	}
	if u, err := url.Parse(r.Service.CallbackURL); err == nil {
		report.Host = callback.Host(u) // The rest may be meant for the service alone.
	}
	for _, s := range r.Calls {
		called := temporalio.CallbackCalled{
			Call: string(s.Call), CalledAt: known(s.CalledAt), Status: s.Status, Error: s.Error,
			FailingSince: known(s.FailingSince), NextAt: known(s.NextAt), Note: s.Note,
		}
		if s.Error != "" {
			report.State = temporalio.DeliveryFailing
		}
		report.Calls = append(report.Calls, called)
	}
	return report
}

func known(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.UTC()
}
