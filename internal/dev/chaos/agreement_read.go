package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/shipbob"
)

// waiting says in what the book and the systems do not agree yet, or what is not told; "": nothing.
func (s *systems) waiting(ctx context.Context, stage *stage) (string, error) {
	if time.Since(s.hurried) > hurryEvery {
		if err := s.hurry(ctx, stage); err != nil {
			return "", err
		}
	}
	a, err := s.agreement(ctx, stage)
	if err != nil {
		return "", err
	}
	for _, one := range a.check() {
		if len(one.Violations) > 0 {
			return fmt.Sprintf("%s: fulfillment order %d: %s (and %d more)", one.Name,
				one.Violations[0].FulfillmentOrderID, one.Violations[0].What, len(one.Violations)-1), nil
		}
	}
	return "", nil
}

// agreement reads the book, and then what the systems have: they don't act by themselves any more.
func (s *systems) agreement(ctx context.Context, stage *stage) (*agreement, error) {
	a := &agreement{kept: map[string]keptDelivery{}}
	if err := a.readBook(ctx, stage, s.services()); err != nil {
		return nil, err
	}
	if err := a.readNews(ctx, stage, s.services()); err != nil {
		return nil, err
	}
	a.letters, _, a.refused = s.herald.posted()
	s.labels.tell(a)
	s.depot.tellAll(a)
	return a, nil
}

// readBook reads requests with their answers, and shipments.
func (a *agreement) readBook(ctx context.Context, stage *stage, services []fulfillment.Service) error {
	rows, err := stage.sources.Database.Query(ctx, `SELECT snapshot FROM fulfillment_orders ORDER BY id`)
	if err != nil {
		return fmt.Errorf("read the fulfillment orders: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[*fulfillment.FulfillmentOrder])
	if err != nil {
		return fmt.Errorf("read the fulfillment orders: %w", err)
	}
	answers, err := readAnswers(ctx, stage)
	if err != nil {
		return err
	}
	providers := map[fulfillment.ID]string{}
	for _, service := range services {
		providers[service.ID] = service.Provider
	}
	for _, fo := range all {
		for _, call := range fo.Asked {
			id := providers[call.ServiceID]
			if call.Kind == fulfillment.EffectRequest && id != "" {
				answer := answers[call.Key]
				r := asked{key: call.Key, provider: id, fo: fo, accepted: answer.accepted || answer.late}
				for _, end := range fo.Asked {
					if end.For == call.Key {
						r.stopped = r.stopped || answers[end.Key].stopped || answers[end.Key].late
						r.accepted = r.accepted || answers[end.Key].accepted // It keeps what was to be taken back.
					}
				}
				a.asked = append(a.asked, r)
			}
		}
		for i := range fo.Fulfillments {
			if f := &fo.Fulfillments[i]; providers[f.ServiceID] != "" && f.HomeID == 0 {
				a.booked = append(a.booked, booked{f, fo, providers[f.ServiceID]})
			}
		}
	}
	return nil
}

// said is what a system said to a call.
type said struct {
	accepted bool // it keeps the request
	stopped  bool // it lets go of it
	late     bool // yes to what was asked, when nobody waited for it any more
}

// readAnswers reads what transitions say that systems answered, by the keys of the calls; whether anybody waited for it
// or not.
func readAnswers(ctx context.Context, stage *stage) (map[string]said, error) {
	rows, err := stage.sources.Database.Query(ctx, `
SELECT command_id, kind, reason FROM transitions WHERE command_id LIKE '`+fulfillment.EffectKeyPrefix+`%/%'`)
	if err != nil {
		return nil, fmt.Errorf("read the answers of systems: %w", err)
	}
	answers := map[string]said{}
	var commandID, reason string
	var kind fulfillment.Kind
	_, err = pgx.ForEachRow(rows, []any{&commandID, &kind, &reason}, func() error {
		key := commandID[:strings.LastIndex(commandID, "/")]
		says := answers[key]
		switch kind {
		case fulfillment.KindAccepted:
			says.accepted = true
		case fulfillment.KindCancellationAccepted, fulfillment.KindTakenBack, fulfillment.KindHeld:
			says.stopped = true // By its policy, what is taken back is held: the answer's ID is that of the last step.
		case fulfillment.KindProviderLate:
			yes := strings.HasPrefix(reason, "Answer "+string(fulfillment.OutcomeAccepted))
			says.late = says.late || yes
		}
		answers[key] = says
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the answers of systems: %w", err)
	}
	return answers, nil
}

// readNews reads which deliveries are kept, and what was not told of all news.
func (a *agreement) readNews(ctx context.Context, stage *stage, services []fulfillment.Service) error {
	var ids []fulfillment.ID
	for _, service := range services {
		ids = append(ids, service.ID)
	}
	rows, err := stage.sources.Database.Query(ctx, `
SELECT service_id, key, state, times FROM news_deliveries WHERE service_id = ANY($1)`, ids)
	if err == nil {
		var l letter
		var kept keptDelivery
		_, err = pgx.ForEachRow(rows, []any{&l.service, &l.key, &kept.state, &kept.times}, func() error {
			a.kept[l.place()] = kept
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("read the deliveries of systems: %w", err)
	}
	filter := postgres.NewsFilter{States: []news.State{news.Pending, news.Unmatched, news.Refused, news.Ignored}}
	for _, service := range services {
		filter.ServiceID = service.ID
		for page, more := (postgres.Page{Limit: 250}), true; more; {
			found, err := stage.store.NewsList(ctx, filter, page)
			if err != nil {
				return err
			}
			a.news = append(a.news, found.Items...)
			page.After, more = found.Next, found.HasMore
		}
	}
	return nil
}

// tell adds what EasyPost has sold, and what carriers have of it.
func (m *labelMaker) tell(a *agreement) {
	m.mu.Lock()
	defer m.mu.Unlock()
	onTheWay := m.services[1].ID
	for _, sh := range m.fake.Shipments() {
		if !sh.Bought() {
			continue
		}
		label := standing{
			provider: easypost.ID, reference: sh.Reference, name: sh.ID,
			void: sh.RefundStatus == "submitted" || sh.RefundStatus == "refunded",
		}
		a.standing = append(a.standing, label)
		scans := m.scans[sh.TrackingCode]
		if label.void || !moved(scans) && a.serviceOf(sh.Reference) == onTheWay {
			continue
		}
		a.parcels = append(a.parcels, consignment{of: label, number: sh.TrackingCode, events: append(
			[]fulfillment.EventStatus{fulfillment.EventLabelPurchased}, scans...)})
	}
}

// serviceOf is the service that a request was asked of, by its reference; 0: none.
func (a *agreement) serviceOf(reference string) fulfillment.ID {
	for _, r := range a.asked {
		for _, call := range r.fo.Asked {
			if call.Key == r.key && r.reference() == reference {
				return call.ServiceID
			}
		}
	}
	return 0
}

// tellAll adds the orders at ShipBob, and what of them has left.
func (d *depot) tellAll(a *agreement) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, o := range d.fake.All() {
		there := standing{
			provider: shipbob.ID, reference: o.Reference, name: fmt.Sprint(o.ID), void: o.Status == "Cancelled",
			byItself: d.gaveUp[o.Reference],
		}
		a.standing = append(a.standing, there)
		for _, sh := range o.Shipments {
			events := []fulfillment.EventStatus{fulfillment.EventLabelPrinted}
			switch sh.Status {
			case "LabeledCreated":
			case "Completed":
				events = append(events, fulfillment.EventCarrierPickedUp)
			default:
				continue
			}
			for _, scan := range sh.Scans {
				i := slices.IndexFunc(ride, func(step struct {
					status string
					means  fulfillment.EventStatus
				}) bool {
					return step.status == scan.Status
				})
				events = append(events, ride[i].means)
			}
			units := 0
			for _, n := range sh.Units {
				units += n
			}
			a.parcels = append(a.parcels, consignment{of: there, number: sh.Tracking, units: units, events: events})
		}
	}
}
