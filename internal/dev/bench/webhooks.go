package bench

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/seal"
	"packhorse/internal/webhook"
)

// WebhooksPart is something that is measured of webhooks.
type WebhooksPart string

// The parts, in the order of a run. A backlog is made of events that there are, so it is nearer to life after the cost
// was measured.
const (
	WebhooksCost    WebhooksPart = "cost"    // orders/s with and without subscriptions
	WebhooksLatency WebhooksPart = "latency" // from the commit to the arrival, at a steady rate
	WebhooksBacklog WebhooksPart = "backlog" // deliveries/s, against an activity for each delivery
)

// WebhooksParts are all.
var WebhooksParts = []WebhooksPart{WebhooksCost, WebhooksLatency, WebhooksBacklog}

// WebhooksOptions say what RunWebhooks measures. All fields but those that say otherwise must be set.
type WebhooksOptions struct {
	Parts                    []WebhooksPart
	Rounds, InFlight, Orders int           // of the cost; orders of each round
	Rate                     float64       // orders/s of the latency
	For                      time.Duration // how long
	Backlog                  int           // events
	OneByOne                 int           // deliveries with an activity each

	NoFsync bool   // lets PostgreSQL not wait for the disk
	Profile string // file for a CPU profile of the worker; empty: none
	Logs    string // folder for what the processes say; empty: not kept
	Self    string // this program

	Progress Progress // optional
}

// RunWebhooks starts a stack, measures what webhooks cost and take, and stops it. The receiver is in this process, and
// takes everything at once.
func RunWebhooks(ctx context.Context, o WebhooksOptions) (_ *WebhooksReport, err error) {
	if o.Progress == nil {
		o.Progress = silent{}
	}
	r := &WebhooksReport{
		At: time.Now().UTC(), Machine: Machine{CPUs: runtime.NumCPU(), Go: runtime.Version()}, Fsync: !o.NoFsync,
	}
	s, err := startSubscribers(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close(context.WithoutCancel(ctx))) }()
	r.Topics = s.topics
	for _, part := range o.Parts {
		measure := map[WebhooksPart]func(context.Context, *WebhooksReport) error{
			WebhooksCost: s.cost, WebhooksLatency: s.latency, WebhooksBacklog: s.backlog,
		}[part]
		if err := measure(ctx, r); err != nil {
			return nil, errors.Join(fmt.Errorf("measure the %s: %w", part, err), s.failed())
		}
	}
	r.Targets = r.targets()
	return r, nil
}

// subscribers are a stack with an app that can be told of everything.
type subscribers struct {
	*stack
	o        WebhooksOptions
	store    *postgres.Store // that can read the app's secret
	app      access.App
	receiver *receiver
	topics   []string // of which a life has events, the one with the most first
}

func startSubscribers(ctx context.Context, o WebhooksOptions) (_ *subscribers, err error) {
	s := &subscribers{o: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close(context.WithoutCancel(ctx)))
		}
	}()
	if s.receiver, err = startReceiver(); err != nil {
		return nil, err
	}
	key := seal.NewKey()
	options := Options{
		Variants: []Variant{Packhorse}, NoFsync: o.NoFsync, Profile: o.Profile, Logs: o.Logs, Self: o.Self,
		Progress: o.Progress,
		Env:      map[string]string{"PACKHORSE_SECRETS_KEYS": key, "PACKHORSE_CALLBACK_ALLOW_PRIVATE": "true"},
	}
	if s.stack, err = startStack(ctx, options); err != nil {
		return nil, err
	}
	keys, err := seal.ParseKeys(key)
	if err != nil {
		return nil, err
	}
	if s.store, err = postgres.Open(
		ctx, s.lab.DatabaseURL(), postgres.Options{MaxConns: 2, Secrets: keys},
	); err != nil {
		return nil, err
	}
	s.app, err = s.store.CreateApp(ctx, access.App{Handle: "ear", Name: "Ear", Scopes: access.Scopes()})
	if err != nil {
		return nil, err
	}
	if err := s.warmUp(ctx, options); err != nil {
		return nil, err
	}
	s.topics, err = s.raised(ctx)
	return s, err
}

func (s *subscribers) close(ctx context.Context) error {
	var errs []error
	if s.store != nil {
		s.store.Close()
	}
	if s.stack != nil {
		errs = append(errs, s.stack.close(ctx))
	}
	if s.receiver != nil {
		errs = append(errs, s.receiver.close())
	}
	return errors.Join(errs...)
}

// raised lists the topics of all events, the one with the most first.
func (s *subscribers) raised(ctx context.Context) ([]string, error) {
	counts := map[string]int{}
	rows, err := s.pool.Query(ctx, `SELECT topic, count(*) FROM events WHERE topic <> '' GROUP BY topic`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var topic string
		var count int
		if err := rows.Scan(&topic, &count); err != nil {
			return nil, err
		}
		counts[topic] = count
	}
	topics := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(topics, func(a, b string) int { return counts[b] - counts[a] })
	return topics, rows.Err()
}

// subscribe has the app told of topics, and waits until somebody delivers; the end of it is returned.
func (s *subscribers) subscribe(ctx context.Context, topics ...string) (end func() error, err error) {
	var ids []fulfillment.ID
	for _, topic := range topics {
		sub, err := s.add(ctx, topic)
		if err != nil {
			return nil, err
		}
		ids = append(ids, sub.ID)
		if err := s.deliver(ctx, sub.ID); err != nil {
			return nil, err
		}
	}
	err = s.until(ctx, `SELECT NOT EXISTS (SELECT FROM webhook_subscriptions WHERE followed_at IS NULL)`)
	return func() error {
		for _, id := range ids {
			if err := s.store.DeleteSubscription(ctx, id); err != nil {
				return err
			}
		}
		return nil
	}, err
}

func (s *subscribers) add(ctx context.Context, topic string) (webhook.Subscription, error) {
	return s.store.AddSubscription(ctx, webhook.Subscription{
		AppID: s.app.ID, Topic: webhook.TopicOf(topic), URI: s.receiver.url + "/" + topic, Format: webhook.FormatJSON,
		APIVersion: "2026-07",
	})
}

func (s *subscribers) deliver(ctx context.Context, id fulfillment.ID) error {
	return s.drivers[Packhorse].(*packhorseDriver).command.Deliver(ctx, id)
}

// newest is the newest position of the feed, once everything has one.
func (s *subscribers) newest(ctx context.Context) (position int64, err error) {
	if err := s.until(ctx, `SELECT NOT EXISTS (SELECT FROM outbox)`); err != nil {
		return 0, err
	}
	return position, s.pool.QueryRow(ctx, `SELECT position FROM feed_cursor`).Scan(&position)
}

// arrived waits until everything after a position that is of these topics has arrived, and tells how much that is.
func (s *subscribers) arrived(ctx context.Context, after int64, topics ...string) (events int, err error) {
	if _, err := s.newest(ctx); err != nil {
		return 0, err
	}
	if err := s.pool.QueryRow(
		ctx, `SELECT count(*) FROM feed WHERE position > $1 AND topic = ANY ($2)`, after, topics,
	).Scan(&events); err != nil {
		return 0, err
	}
	return events, s.receiver.await(ctx, events)
}
