package worker

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"

	"packhorse/activities"
	"packhorse/internal/config"
	"packhorse/internal/delivery"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/webhook"
)

// courier brings webhooks to their receivers. It must be closed.
func courier(s Settings, store *postgres.Store) *delivery.Courier {
	zone, _ := time.LoadLocation(s.Webhooks.ShopTimeZone) // It was checked when it was loaded.
	return &delivery.Courier{
		Store: store, ShopDomain: s.Webhooks.ShopDomain,
		Shop: webhook.Shop{
			Namespace: s.Webhooks.GIDNamespace, TimeZone: zone, CurrencyCode: s.Webhooks.ShopCurrency,
		},
		Client: delivery.NewClient(s.Callbacks.WebhookRules(), delivery.Options{Timeout: s.Webhooks.WebhookTimeout}),
	}
}

// deliveries are the activities of webhook subscriptions.
func deliveries(c delivery.Config, store *postgres.Store, connection client.Client) *activities.Deliveries {
	// What people are shown now and then is worth a look; a heartbeat is not.
	withAge := func(ctx context.Context, id fulfillment.ID, r temporalio.DeliveryReport) temporalio.DeliveryReport {
		if r.Lag > 0 {
			if standing, err := store.WebhookStanding(ctx, id); err == nil {
				r.LagSeconds = standing.LagSeconds
			}
		}
		return r
	}
	return &activities.Deliveries{
		Follow: func(
			ctx context.Context, id fulfillment.ID, report func(temporalio.DeliveryReport),
		) (temporalio.Delivered, error) {
			c := c
			c.Report = func(r delivery.Report) { report(reportOf(r)) }
			outcome, err := delivery.Follow(ctx, c, id)
			last := reportOf(outcome.Last)
			last.State, last.Reason = string(outcome.State), outcome.Reason
			return temporalio.Delivered{DeliveryReport: withAge(ctx, id, last), Gone: outcome.Gone}, err
		},
		Tell: func(ctx context.Context, id fulfillment.ID, report temporalio.DeliveryReport) error {
			return connection.SignalWorkflow(
				ctx, temporalio.WebhookSubscriptionID(id), "", temporalio.ReportSignal, withAge(ctx, id, report),
			)
		},
	}
}

func reportOf(r delivery.Report) temporalio.DeliveryReport {
	report := temporalio.DeliveryReport{
		State: temporalio.DeliveryEnabled, Topic: r.Topic, App: r.AppID.String(), Cursor: r.Cursor,
		Lag: max(r.Newest-r.Cursor, 0), Parked: r.Parked, LastError: r.LastError, NextAttempt: r.NextAttempt,
		At: time.Now().UTC(),
	}
	if r.Failing {
		report.State = temporalio.DeliveryFailing
	}
	return report
}

// webhookWorker has a queue of its own: a delivery takes a place for as long as there is the subscription.
func webhookWorker(c config.Worker, w config.Webhooks, connection client.Client, f *fleet, onFatal func(error),
) sdkworker.Worker {
	worker := sdkworker.New(connection, temporalio.WebhookTaskQueue, sdkworker.Options{
		DisableWorkflowWorker:              true,
		MaxConcurrentActivityExecutionSize: w.Subscriptions,
		WorkerStopTimeout:                  c.StopTimeout,
		DeploymentOptions:                  deployment(c),
		OnFatalError:                       onFatal,
	})
	worker.RegisterActivityWithOptions(f.deliveries.FollowFeed, activity.RegisterOptions{Name: temporalio.FollowFeed})
	worker.RegisterActivityWithOptions(f.callbacks.CallService, activity.RegisterOptions{Name: temporalio.CallService})
	return worker
}
