package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"sync"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
)

// desk is the server of a fulfillment service: it is told of requests, and asked for tracking numbers. The monkey says
// how well it is, and where.
type desk struct {
	*stage
	by    *listener
	of    fulfillment.Service
	place *place   // changed by do alone
	left  []*place // where it was

	mu      sync.Mutex
	mood    Kind // what is the matter; empty: it is well
	n       int  // requests
	pings   []ping
	numbers map[string]string // that it gave, by the names of shipments
}

// ping is a call that tells of something.
type ping struct {
	header http.Header
	body   string
	taken  bool // it is answered with 2xx, in time or not
}

// openDesk starts the server of an app's service, and has it called there.
func openDesk(ctx context.Context, s *stage, by *listener) (*desk, error) {
	d := &desk{stage: s, by: by, numbers: map[string]string{}}
	services, err := s.store.Services(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(services, func(one fulfillment.Service) bool { return one.AppID == by.app.id })
	if i < 0 {
		return nil, fmt.Errorf("%s has no service", by.name)
	}
	d.of = services[i]
	if d.place, err = d.open(); err != nil {
		return nil, err
	}
	return d, d.readdress(ctx)
}

func (d *desk) open() (*place, error) { return openPlace(parcels, d.receive) }

func (d *desk) close() error {
	var err error
	for _, p := range append(d.left, d.place) {
		err = p.Close()
	}
	return err
}

// become has the server be in a mood; empty: well.
func (d *desk) become(mood Kind) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mood = mood
}

// receive keeps what arrived, and says how it is answered.
func (d *desk) receive(p *place, request *http.Request, body string) http.HandlerFunc {
	d.mu.Lock()
	defer d.mu.Unlock()
	mood, n := d.mood, d.n
	d.n++
	if p.gone.Load() {
		mood = MoveReceiver
	}
	if request.Method == http.MethodPost {
		d.pings = append(d.pings, ping{request.Header, body, mood == "" || mood == LateReceiver})
	} else if asked := path.Base(request.URL.Path); mood == "" && asked != callback.TrackingNumbers.Path() {
		return http.NotFound
	} else if mood == "" {
		given := map[string]string{}
		for _, name := range request.URL.Query()["order_names[]"] {
			given[name] = numberOf(name)
			d.numbers[name] = given[name]
		}
		return func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]any{"tracking_numbers": given, "success": true})
		}
	}
	return answers(mood, n)
}

// numberOf is the number that the service gives a shipment.
func numberOf(name string) string { return "DESK-" + name }

// do does what the monkey does to the server, and undoes it after its time.
func (d *desk) do(
	ctx context.Context, f Fault, insist func(context.Context, func(context.Context) error) error,
) error {
	if f.Kind != MoveReceiver {
		d.become(f.Kind)
		sleep(ctx, f.For)
		d.become("")
		return nil
	}
	next, err := d.open()
	if err != nil {
		return err
	}
	last := d.place
	d.place, d.left = next, append(d.left, last)
	if f.Much == 1 {
		last.gone.Store(true)
	} else if err := last.Close(); err != nil {
		return err
	}
	sleep(ctx, f.For)
	_ = insist(context.WithoutCancel(ctx), d.readdress) // What was not done is done at the end.
	return nil
}

// readdress says where the service is called.
func (d *desk) readdress(ctx context.Context) error {
	update := fulfillment.ServiceUpdate{ID: d.of.ID, CallbackURL: &d.place.url}
	if _, err := d.store.UpdateService(ctx, update); err != nil {
		return err
	}
	d.commands(d.straight).ServiceChanged(ctx, d.of.ID)
	return nil
}

// waiting says what the service is to be told, or asked for, yet.
func (d *desk) waiting(ctx context.Context) (waits []string, err error) {
	var cursor, newest int64
	err = d.sources.Database.QueryRow(ctx, `SELECT coalesce(max(c.cursor), -1), max(f.position)
FROM feed_cursor f LEFT JOIN service_callbacks c ON c.service_id = $1`, d.of.ID).Scan(&cursor, &newest)
	if err != nil {
		return nil, fmt.Errorf("look how far the calls of a service are: %w", err)
	}
	calls, stopped, err := d.store.ServiceCalls(ctx, d.of.ID)
	if err != nil {
		return nil, err
	}
	untracked, err := d.store.Untracked(ctx, d.of.ID, 0)
	if err != nil {
		return nil, err
	}
	for _, c := range calls {
		if c.Call.IsPing() && c.Owed {
			waits = append(waits, fmt.Sprintf("%s of %s waits: attempt %d, %s", c.Call, d.of.Name, c.Attempts, c.Error))
		}
	}
	if stopped != "" || cursor < newest || len(untracked) > 0 {
		waits = append(waits, fmt.Sprintf("calls of %s are at position %d of %d (%q), with %d shipments to ask for",
			d.of.Name, cursor, newest, stopped, len(untracked)))
	}
	return waits, nil
}

// called reads what the service was to be told, what it was, and what its shipments have.
func (d *desk) called(ctx context.Context) (*called, error) {
	c := &called{secrets: d.by.secrets, shipments: map[string][]string{}}
	for after, more := int64(0), true; more; {
		var events []callback.Event
		var err error
		if events, after, more, _, err = d.store.ServiceEvents(ctx, d.of.LocationID, after); err != nil {
			return nil, err
		}
		c.events = append(c.events, events...)
	}
	rows, err := d.sources.Database.Query(ctx, `
SELECT name, ARRAY(SELECT coalesce(t->>'number', '') FROM jsonb_array_elements(tracking) t) FROM fulfillments
WHERE service_id = $1 AND status = 'SUCCESS'`, d.of.ID)
	if err != nil {
		return nil, fmt.Errorf("read the shipments of a service: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var numbers []string
		if err := rows.Scan(&name, &numbers); err != nil {
			return nil, fmt.Errorf("read the shipments of a service: %w", err)
		}
		c.shipments[name] = numbers
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	c.pings = slices.Clone(d.pings)
	return c, rows.Err()
}
