package chaos

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	providers "packhorse/internal/provider/catalogue"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/easypost/easyposttest"
	"packhorse/internal/provider/shipbob"
	"packhorse/internal/provider/shipbob/shipbobtest"
	"packhorse/internal/serve"
)

// systems are those of fulfillment services that are run elsewhere, and called over HTTP: pretended ones, with lives of
// their own. A drill has none.
type systems struct {
	labels *labelMaker
	depot  *depot
	herald *herald

	endReceivers func()
	hurried      time.Time // when looks that wait were last had happen
}

func openSystems() (_ *systems, err error) {
	s := new(systems)
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.labels, err = openLabels(); err != nil {
		return s, err
	}
	s.depot, err = openDepot()
	return s, err
}

func (s *systems) close() error {
	if s == nil {
		return nil
	}
	var errs []error
	if s.herald != nil {
		errs = append(errs, s.herald.close())
	}
	if s.endReceivers != nil {
		s.endReceivers()
	}
	if s.labels != nil {
		errs = append(errs, s.labels.Close())
	}
	if s.depot != nil {
		errs = append(errs, s.depot.Close())
		s.depot.fake.Close()
	}
	return errors.Join(errs...)
}

// secrets are those of the services, by their names.
var secrets = map[string]string{
	"EASYPOST_API_KEY": easyposttest.Key, "EASYPOST_WEBHOOK_SECRET": labelSecret,
	"SHIPBOB_TOKEN": shipbobtest.Token, "SHIPBOB_WEBHOOK_SECRET": shipbobtest.WebhookSecret,
}

// env is what workers need to call them.
func (s *systems) env() map[string]string {
	if s == nil {
		return nil
	}
	env := map[string]string{
		"PACKHORSE_PROVIDERS":           "manual,simulated,easypost,shipbob",
		"PACKHORSE_EASYPOST_URL":        s.labels.url + "/v2",
		"PACKHORSE_EASYPOST_TIMEOUT":    callPatience.String(),
		"PACKHORSE_EASYPOST_LOOK_EVERY": "5s",
		"PACKHORSE_SHIPBOB_URL":         s.depot.url + "/2026-01",
		"PACKHORSE_SHIPBOB_TIMEOUT":     callPatience.String(),
		"PACKHORSE_SHIPBOB_SETTLE":      depotSettles.String(),
	}
	for name, value := range secrets {
		env["PACKHORSE_SECRET_"+name] = value
	}
	return env
}

// receivers are what the API verifies with what the systems send.
func (s *systems) receivers(ctx context.Context, databaseURL string) (_ map[string]provider.Receiver, err error) {
	if s == nil {
		return nil, nil
	}
	entries := providers.Catalogue{
		easypost.Entry(new(easypost.Environment)), shipbob.Entry(new(shipbob.Environment)),
	}
	var receivers map[string]provider.Receiver
	receivers, s.endReceivers, err = serve.OpenReceivers(ctx, entries, provider.Host{
		DatabaseURL: databaseURL, Logger: slog.New(slog.DiscardHandler),
		Secrets: func(name string) (string, error) { return secrets[name], nil },
	})
	return receivers, err
}

// add adds their services to the shop.
func (s *systems) add(ctx context.Context, store *postgres.Store, shop *shop) error {
	add := func(service fulfillment.Service) (fulfillment.Service, error) {
		added, err := store.AddService(ctx, service)
		if err != nil {
			return added, fmt.Errorf("add the service %s: %w", service.Name, err)
		}
		if shop.apart == nil {
			shop.apart = map[fulfillment.ID]bool{}
		}
		shop.apart[added.ID] = true
		return added, nil
	}
	for _, service := range s.labels.list() {
		added, err := add(service)
		if err != nil {
			return err
		}
		s.labels.services = append(s.labels.services, added)
	}
	for _, service := range s.depot.list() {
		added, err := add(service)
		if err != nil {
			return err
		}
		s.depot.service = added
	}
	return nil
}

// services are all of theirs.
func (s *systems) services() []fulfillment.Service {
	return append(s.labels.services[:len(s.labels.services):len(s.labels.services)], s.depot.service)
}

// of is the front of what a fault is done to; nil: it is none of them.
func (s *systems) of(f Fault) *front {
	switch {
	case s == nil:
	case f.On == onLabels:
		return s.labels.front
	case f.On == onDepot:
		return s.depot.front
	}
	return nil
}

// listen has the API listen to what they tell.
func (s *systems) listen(api http.Handler, seed uint64) (err error) {
	s.herald, err = openHerald(api, seed)
	return err
}

// lives are what goes on at the systems, and what a merchant asks of their services, until the context ends. What is
// told then goes on being told until the other one ends.
func (s *systems) lives(stage *stage, seed uint64) []func(ctx, telling context.Context) {
	rng := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 4100+n)) }
	lives := []func(ctx, telling context.Context){
		func(ctx, telling context.Context) { s.labels.live(ctx, telling, rng(0), s.herald, stage.accepts) },
		func(ctx, telling context.Context) { s.depot.live(ctx, telling, rng(1), s.herald, stage.accepts) },
	}
	for i, service := range s.services() {
		c := &customer{stage: stage, of: service, rng: rng(uint64(10 + i))}
		lives = append(lives, func(ctx, _ context.Context) { c.live(ctx) })
	}
	return lives
}

// accepts tells whether the request with a reference stands accepted in the book. Until then, nobody packs it: whoever
// takes it back would have to see to it that it is not shipped, and there are no people for that.
type accepts func(ctx context.Context, reference string) bool

func (s *stage) accepts(ctx context.Context, reference string) bool {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	fo, err := s.store.Load(ctx, fulfillmentOrderOf(reference))
	return err == nil && provider.PathKey(fo.RequestKey) == reference &&
		fo.RequestStatus == fulfillment.RequestAccepted
}

// selectNow has looks happen now that wait for the lease of somebody who died, or for the pause after an attempt that
// failed: nobody waits for as long as in production. What waits to be found by its name is left to that.
const selectNow = `
WITH told AS (UPDATE news SET next_at = clock_timestamp() WHERE state = 'PENDING' AND next_at > clock_timestamp()),
read AS (UPDATE news_deliveries SET next_at = clock_timestamp() WHERE state = 'PENDING')
UPDATE news_polls SET next_at = clock_timestamp(), attempts = 0`

// heal makes them well, and waits until what was asked of them has had its effect, and what they tell is taken.
func (s *systems) heal(ctx context.Context, stage *stage) error {
	s.labels.settle()
	s.depot.settle()
	ending, cancel := context.WithTimeout(ctx, lastAnswers)
	defer cancel()
	for _, waiting, _ := s.herald.posted(); waiting > 0; _, waiting, _ = s.herald.posted() {
		if !sleep(ending, time.Second/4) {
			break // That it is not taken is a violation.
		}
	}
	for {
		err := s.hurry(ending, stage)
		if err == nil || !sleep(ending, time.Second/2) {
			return err
		}
	}
}

// hurryEvery is for how long looks may wait while the system comes to rest.
const hurryEvery = 10 * time.Second

// hurry has looks happen now.
func (s *systems) hurry(ctx context.Context, stage *stage) error {
	if _, err := stage.sources.Database.Exec(ctx, selectNow); err != nil {
		return fmt.Errorf("have what waits be looked at: %w", err)
	}
	s.hurried = time.Now()
	return nil
}

// customer asks for what one of these services does, takes it back, and asks to stop.
type customer struct {
	*stage
	of  fulfillment.Service
	rng *rand.Rand
}

// live does so until the context ends. What fails is tried with the next one.
func (c *customer) live(ctx context.Context) {
	commands := c.commands(c.straight)
	for n := 0; sleep(ctx, time.Duration(c.rng.Int64N(int64(2*pace)))); n++ {
		trying, cancel := context.WithTimeout(ctx, apiTimeout)
		waiting, err := c.store.WaitingAt(trying, c.of.LocationID, 0, 250)
		if err == nil && chance(c.rng, 0.35) {
			_, _ = commands.CreateOrder(trying, c.order(n))
		}
		if len(waiting) > 0 {
			fo := oneOf(c.rng, waiting)
			if next := c.next(fo); next != nil {
				_, _ = commands.Send(trying, fo.ID, next)
			}
		}
		cancel()
	}
}

func (c *customer) order(n int) fulfillment.Order {
	return fulfillment.Order{
		SourceIdentifier: fmt.Sprintf("%s-%d", c.of.Handle, n), CurrencyCode: "BRL",
		ShippingAddress: &fulfillment.Address{
			FirstName: "Ana", Address1: "Rua Augusta 12", City: "São Paulo", Zip: "01305", CountryCode: "BR",
		},
		LineItems: []fulfillment.LineItem{
			{Title: "Cup", SKU: "CUP", Quantity: 1 + c.rng.IntN(3), LocationID: c.of.LocationID, UnitPrice: "10.00"},
			{Title: "Plate", SKU: "PLATE", Quantity: 1, LocationID: c.of.LocationID, UnitPrice: "10.00"},
		},
	}
}

// next is what happens to a fulfillment order of the service; nil: nothing.
func (c *customer) next(fo *fulfillment.FulfillmentOrder) fulfillment.Command {
	switch {
	case fo.Status == fulfillment.StatusOpen && fo.RequestStatus == fulfillment.RequestSubmitted:
		if chance(c.rng, 0.1) {
			return &fulfillment.Cancel{} // Its request is withdrawn.
		}
	case fo.Status == fulfillment.StatusOpen:
		return &fulfillment.SubmitFulfillmentRequest{NotifyCustomer: chance(c.rng, 0.5)}
	case fo.RequestStatus == fulfillment.RequestAccepted:
		if chance(c.rng, 0.2) {
			return &fulfillment.SubmitCancellationRequest{}
		}
	case fo.RequestStatus == fulfillment.RequestCancellationRequested:
		if chance(c.rng, 0.1) {
			return &fulfillment.Cancel{}
		}
	}
	return nil
}

// keeps is what the systems of these services alone do, and nobody in their place: then what they know would not be
// what there is.
var keeps = map[fulfillment.Verb]bool{
	fulfillment.VerbAcceptFulfillmentRequest: true, fulfillment.VerbRejectFulfillmentRequest: true,
	fulfillment.VerbAcceptCancellationRequest: true, fulfillment.VerbRejectCancellationRequest: true,
	fulfillment.VerbCreateFulfillment: true, fulfillment.VerbCancelFulfillment: true, fulfillment.VerbClose: true,
	fulfillment.VerbUpdateTracking: true, fulfillment.VerbRecordEvent: true, fulfillment.VerbReportProgress: true,
}

// may leaves out what only the service's own system does.
func (s *shop) may(fo *fulfillment.FulfillmentOrder, verbs []fulfillment.Verb) []fulfillment.Verb {
	if !s.apart[fo.AssignedLocation.ServiceID] {
		return verbs
	}
	var left []fulfillment.Verb
	for _, verb := range verbs {
		if !keeps[verb] {
			left = append(left, verb)
		}
	}
	return left
}
