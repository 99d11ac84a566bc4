package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/audit"
	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/operation"
	"packhorse/internal/webhook"
)

// webhookRetries are the pauses after attempts that failed. They outlast whatever is the matter with a receiver, so
// that only what is never taken is given up.
const webhookRetries = "200ms,500ms,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s"

// post is the webhook subscriptions of a run, and what has arrived at their receivers.
type post struct {
	*stage
	mail
	list    []*subscription
	desk    *desk
	mayLose bool
	tell    func(format string, args ...any)
	waits   audit.Assertion // [promiseTold]
}

// openPost makes the apps that are told of what happens, their services, their subscriptions and their receivers.
func (r *run) openPost(ctx context.Context, shop *shop, api http.Handler) (_ *post, err error) {
	p := &post{stage: r.stage, mayLose: r.mayLose(), tell: r.tell, waits: audit.Assertion{Name: promiseTold}}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	for _, l := range listeners() {
		if err := r.register(ctx, &l.app, api); err != nil {
			return p, err
		}
		by, err := p.store.Subscriber(ctx, l.app.id)
		if err != nil {
			return p, err
		}
		l.services = by.Services
		secret, _, err := p.store.Secrets(ctx, l.app.id)
		if err != nil {
			return p, err
		}
		l.secrets = []string{secret}
		for _, w := range l.wants {
			if err := p.subscribe(ctx, &subscription{wanted: w, by: l}); err != nil {
				return p, err
			}
		}
		if l.name == parcels {
			if p.desk, err = openDesk(ctx, p.stage, l); err != nil {
				return p, err
			}
		}
	}
	shop.locations, err = p.store.Locations(ctx)
	return p, err
}

// subscribe has an app make a subscription, as apps do.
func (p *post) subscribe(ctx context.Context, s *subscription) (err error) {
	if s.receiver, err = openReceiver(s, &p.mail); err != nil {
		return err
	}
	p.list = append(p.list, s)
	if p.mayLose {
		s.poisoned = false // It may be forgotten that it was given up.
	}
	filter := ""
	if s.filter != "" {
		filter = fmt.Sprintf("filter: %q,", s.filter)
	}
	made, err := s.by.mutate(ctx, "webhookSubscriptionCreate", fmt.Sprintf(
		`topic: %s, webhookSubscription: {%s name: %q, uri: %q}`, webhook.TopicOf(s.topic), filter, s.name,
		s.receiver.place.url))
	if err != nil {
		return err
	}
	if s.id, err = admin.ParseGIDOf(made, admin.TypeWebhookSubscription); err != nil {
		return err
	}
	return p.sources.Database.QueryRow(ctx, `SELECT cursor FROM webhook_subscriptions WHERE id = $1`, s.id).
		Scan(&s.since)
}

// mutate does something to a subscription, and gives its ID.
func (a *app) mutate(ctx context.Context, name, arguments string) (string, error) {
	body := a.ask(ctx, fmt.Sprintf(
		`mutation { it: %s(%s) { webhookSubscription { id } userErrors { field message } } }`, name, arguments), nil)
	var answer struct {
		Data struct {
			It struct {
				WebhookSubscription struct {
					ID string `json:"id"`
				} `json:"webhookSubscription"`
			} `json:"it"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Data.It.WebhookSubscription.ID == "" {
		return "", fmt.Errorf("%s of %s is answered %s", name, a.name, body)
	}
	return answer.Data.It.WebhookSubscription.ID, nil
}

// close ends all receivers.
func (p *post) close() error {
	var errs []error
	for _, s := range p.list {
		for _, place := range append(s.left, s.receiver.place) {
			errs = append(errs, place.Close())
		}
	}
	if p.desk != nil {
		errs = append(errs, p.desk.close())
	}
	return errors.Join(errs...)
}

// concerns tells whether a fault is one of webhooks.
func (p *post) concerns(f Fault) bool {
	return f.On == onSecrets || f.On == onService || p.of(f) != nil
}

func (p *post) of(f Fault) *subscription {
	for _, s := range p.list {
		if receiverOf(s.name) == f.On {
			return s
		}
	}
	return nil
}

// do does what the monkey does to receivers and subscriptions, and undoes it after its time.
func (p *post) do(ctx context.Context, f Fault) error {
	always := context.WithoutCancel(ctx)
	if f.On == onService {
		return p.desk.do(ctx, f, p.insist)
	}
	s := p.of(f)
	switch f.Kind {
	case RotateSecret:
		return p.rotate(ctx, p.list[0].by, f.For)
	case MoveReceiver:
		if err := s.receiver.move(f.Much == 1); err != nil {
			return err
		}
		sleep(ctx, f.For)
		_ = p.insist(always, func(ctx context.Context) error { return p.readdress(ctx, s) })
	case PauseWebhooks:
		s.paused = true
		_ = p.insist(ctx, func(ctx context.Context) error {
			_, err := p.operators().Pause(byOperator(ctx), s.id, "The receiver moves.")
			return err
		})
		sleep(ctx, f.For)
		_ = p.insist(always, func(ctx context.Context) error { return p.resume(ctx, s) })
	default:
		s.receiver.become(f.Kind)
		sleep(ctx, f.For)
		s.receiver.become("")
	}
	return nil
}

// insistFor is how long somebody tries to change a subscription while the database is away. Whatever was not done is
// done at the end.
const insistFor = 40 * time.Second

func (p *post) insist(ctx context.Context, what func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, insistFor)
	defer cancel()
	for {
		err := what(ctx)
		if err == nil || !sleep(ctx, time.Second/2) {
			return err
		}
	}
}

// readdress has the app say where its receiver is.
func (p *post) readdress(ctx context.Context, s *subscription) error {
	_, err := s.by.mutate(ctx, "webhookSubscriptionUpdate", fmt.Sprintf(
		`id: %q, webhookSubscription: {uri: %q}`, gid(admin.TypeWebhookSubscription, s.id), s.receiver.place.url))
	return err
}

func (p *post) resume(ctx context.Context, s *subscription) error {
	_, err := p.operators().Resume(byOperator(ctx), s.id)
	if err == nil {
		s.paused = false
	}
	return err
}

// operators is what the command line does with subscriptions.
func (p *post) operators() operation.Subscriptions {
	return operation.Subscriptions{
		Store: p.store, Rules: webhook.Rules{Callbacks: p.store.Webhooks()}, Delivery: p.commands(p.straight),
	}
}

func byOperator(ctx context.Context) context.Context {
	return access.WithCaller(ctx, access.Trusted(operator))
}

// rotate gives an app a new secret, and revokes the old one after a while.
func (p *post) rotate(ctx context.Context, l *listener, d time.Duration) error {
	_ = p.insist(ctx, func(ctx context.Context) error {
		made, err := p.store.RotateSecret(ctx, l.app.id)
		if _, again := fulfillment.AsError(err); again { // The answer to the first time was lost.
			made.Current, made.Previous, err = p.store.Secrets(ctx, l.app.id)
		}
		if err == nil {
			l.secrets = append(l.secrets, made.Current)
		}
		return err
	})
	sleep(ctx, d)
	_ = p.insist(context.WithoutCancel(ctx), func(ctx context.Context) error {
		_, err := p.store.RevokeOldSecret(ctx, l.app.id)
		return err
	})
	return nil
}

// heal makes all receivers well, and has every subscription go to where its receiver is. That one is not enabled by
// then is a violation, unless the monkey left it so, or that may have been lost.
func (p *post) heal(ctx context.Context) error {
	for _, s := range p.list {
		s.receiver.become("")
		if err := p.insist(ctx, func(ctx context.Context) error { return p.readdress(ctx, s) }); err != nil {
			return err
		}
		var found []*webhook.Subscription
		if err := p.insist(ctx, func(ctx context.Context) (err error) {
			found, err = p.store.SubscriptionsByID(ctx, []fulfillment.ID{s.id})
			return err
		}); err != nil {
			return err
		}
		p.waits.Checked++
		if found[0].State == webhook.Enabled {
			continue
		}
		if !s.paused && !p.mayLose {
			p.waits.Violations = append(p.waits.Violations, audit.Violation{What: fmt.Sprintf(
				"%s is %s, although its receiver is there: %s", s.name, found[0].State, found[0].StateReason)})
		}
		if err := p.insist(ctx, func(ctx context.Context) error { return p.resume(ctx, s) }); err != nil {
			return err
		}
	}
	p.desk.become("")
	if err := p.insist(ctx, p.desk.readdress); err != nil {
		return err
	}
	return p.insist(ctx, p.followPoison)
}

// followPoison has something more happen to an order of which a webhook is given up.
func (p *post) followPoison(ctx context.Context) error {
	for _, s := range p.list {
		never, any := s.receiver.poisoned()
		if !any {
			continue
		}
		order, err := fulfillment.ParseID(never.header.Get("X-Shopify-Order-Id"))
		if err != nil {
			return fmt.Errorf("read which order a webhook is about: %w", err)
		}
		note := "After what was given up."
		if _, err := p.commands(p.straight).UpdateOrder(ctx, fulfillment.UpdateOrder{
			Meta:    fulfillment.Meta{CommandID: "chaos/after/" + s.name, Actor: operator},
			OrderID: order, OrderFields: fulfillment.OrderFields{Note: &note},
		}); err != nil {
			return fmt.Errorf("update order %d: %w", order, err)
		}
		p.tell("the %s never takes what has position %d, of order %d", receiverOf(s.name), never.position(), order)
	}
	return nil
}

// rest waits until everything that there is in the feed was told, or given up.
func (p *post) rest(ctx context.Context, within time.Duration, logs string) error {
	p.tell("waiting until all webhooks have arrived")
	began := time.Now()
	for {
		waits, err := p.waiting(ctx)
		if err == nil {
			var calls []string
			calls, err = p.desk.waiting(ctx)
			waits = append(waits, calls...)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil && len(waits) == 0:
			p.tell("all webhooks have arrived %.1f s later", time.Since(began).Seconds())
			return nil
		case time.Since(began) > within && err != nil:
			return err
		case time.Since(began) > within:
			p.sketch(ctx, logs)
			for _, what := range waits {
				p.waits.Violations = append(p.waits.Violations, audit.Violation{
					What: fmt.Sprintf("after %v %s", within, what),
				})
			}
			return nil
		}
		sleep(ctx, time.Second/2)
	}
}

const selectWaiting = `
SELECT s.id, s.state || ' ' || s.state_reason, s.cursor, f.position, (SELECT count(*) FROM outbox),
	(SELECT count(*) FROM webhook_deliveries d WHERE d.subscription_id = s.id AND d.state = 'PENDING')
FROM webhook_subscriptions s CROSS JOIN feed_cursor f`

// waiting says which subscriptions have something to be told yet.
func (p *post) waiting(ctx context.Context) (waits []string, err error) {
	rows, err := p.sources.Database.Query(ctx, selectWaiting)
	if err != nil {
		return nil, fmt.Errorf("look what waits to be told: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id fulfillment.ID
		var state string
		var cursor, newest int64
		var outbox, pending int
		if err := rows.Scan(&id, &state, &cursor, &newest, &outbox, &pending); err != nil {
			return nil, fmt.Errorf("look what waits to be told: %w", err)
		}
		if cursor < newest || outbox+pending > 0 {
			waits = append(waits, fmt.Sprintf(
				"subscription %s (%s) is at position %d of %d, with %d events to be tried again and %d without a "+
					"position", p.name(id), state, cursor, newest, pending, outbox))
		}
	}
	return waits, rows.Err()
}

func (p *post) name(id fulfillment.ID) string {
	for _, s := range p.list {
		if s.id == id {
			return s.name
		}
	}
	return id.String()
}
