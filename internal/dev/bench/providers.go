package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"packhorse/internal/fulfillment"
)

// ProvidersPart is something that is measured of providers.
type ProvidersPart string

// The parts.
const (
	ProvidersCost ProvidersPart = "cost" // orders/s by the HTTP provider, against the simulated one
	ProvidersSlow ProvidersPart = "slow" // what orders take beside a provider that is slow
)

// ProvidersParts are all.
var ProvidersParts = []ProvidersPart{ProvidersCost, ProvidersSlow}

// ProvidersOptions say what RunProviders measures. All fields but those that say otherwise must be set.
type ProvidersOptions struct {
	Parts            []ProvidersPart
	Rounds           int // of each part
	InFlight, Orders int // of the cost; orders of each round

	Rate   float64       // orders/s beside the slow provider
	For    time.Duration // a round of these
	Delay  time.Duration // of the slow provider's answers
	AtOnce int           // requests that wait for one

	NoFsync bool   // lets PostgreSQL not wait for the disk
	Profile string // file for a CPU profile of the worker; empty: none
	Logs    string // folder for what the processes say; empty: not kept
	Self    string // this program

	Progress Progress // optional
}

// LongestDelay is how slow a provider may be: one that is slower has its calls given up.
const LongestDelay = 24 * time.Second

// RunProviders starts a stack, measures what providers cost, and how one puts up with another, and stops it. The
// warehouses are in this process.
func RunProviders(ctx context.Context, o ProvidersOptions) (_ *ProvidersReport, err error) {
	if o.Progress == nil {
		o.Progress = silent{}
	}
	r := &ProvidersReport{
		At: time.Now().UTC(), Machine: Machine{CPUs: runtime.NumCPU(), Go: runtime.Version()}, Fsync: !o.NoFsync,
	}
	s, err := startVendors(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close(context.WithoutCancel(ctx))) }()
	for _, part := range o.Parts {
		measure := map[ProvidersPart]func(context.Context, *ProvidersReport) error{
			ProvidersCost: s.cost, ProvidersSlow: s.besides,
		}[part]
		if err := measure(ctx, r); err != nil {
			return nil, errors.Join(fmt.Errorf("measure the %s: %w", part, err), s.failed())
		}
	}
	r.Targets = r.targets()
	return r, nil
}

// vendors are a stack with services of two providers.
type vendors struct {
	*stack
	o       ProvidersOptions
	drivers map[Seller]*packhorseDriver
	quick   *warehouse // answers at once
	slow    *warehouse // answers at once, too, until it is told not to
}

// Seller is who ships an order.
type Seller string

// The sellers.
const (
	Simulated Seller = "simulated" // by the simulated provider, which answers at once
	OverHTTP  Seller = "http"      // by a warehouse on loopback that does so
	slowly    Seller = "slow"      // by one that does not
)

func startVendors(ctx context.Context, o ProvidersOptions) (_ *vendors, err error) {
	s := &vendors{o: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close(context.WithoutCancel(ctx)))
		}
	}()
	secret := newWarehouseSecret()
	if s.quick, err = startWarehouse(secret); err != nil {
		return nil, err
	}
	if s.slow, err = startWarehouse(secret); err != nil {
		return nil, err
	}
	options := Options{
		Variants: []Variant{Packhorse}, NoFsync: o.NoFsync, Profile: o.Profile, Logs: o.Logs, Self: o.Self,
		Progress: o.Progress,
		Env: map[string]string{
			"PACKHORSE_PROVIDERS": "manual,simulated,http", "PACKHORSE_CALLBACK_ALLOW_PRIVATE": "true",
			"PACKHORSE_SECRET_" + warehouseSecret: secret,
			"PACKHORSE_PROVIDER_CONCURRENCY":      fmt.Sprint(o.AtOnce),
		},
	}
	if s.stack, err = startStack(ctx, options); err != nil {
		return nil, err
	}
	simulated := s.stack.drivers[Packhorse].(*packhorseDriver)
	s.drivers = map[Seller]*packhorseDriver{Simulated: simulated}
	for seller, w := range map[Seller]*warehouse{OverHTTP: s.quick, slowly: s.slow} {
		service, err := s.store.AddService(ctx, w.service("Warehouse "+string(seller)))
		if err != nil {
			return nil, fmt.Errorf("add a fulfillment service: %w", err)
		}
		s.drivers[seller] = simulated.at(service.LocationID)
	}
	return s, s.warmUpSellers(ctx)
}

func (s *vendors) warmUpSellers(ctx context.Context) error {
	s.o.Progress.Begin("warm-up", warmUpOrders*len(s.drivers))
	for _, d := range s.drivers {
		if _, err := run(ctx, d, warmUpOrders, 32, s.o.Progress.Done); err != nil {
			return errors.Join(err, s.failed())
		}
	}
	return nil
}

func (s *vendors) close(ctx context.Context) error {
	var errs []error
	if s.stack != nil {
		errs = append(errs, s.stack.close(ctx))
	}
	for _, w := range []*warehouse{s.quick, s.slow} {
		if w != nil {
			errs = append(errs, w.close())
		}
	}
	return errors.Join(errs...)
}

// settled waits until every request at a location has its answer in the book.
func (s *vendors) settled(ctx context.Context, location fulfillment.ID) error {
	return s.until(ctx, `SELECT NOT EXISTS (SELECT FROM fulfillment_orders
		WHERE location_id = $1 AND request_status = 'SUBMITTED')`, location)
}
