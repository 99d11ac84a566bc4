package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"packhorse/internal/config"
	"packhorse/internal/operation"
	"packhorse/internal/pooler"
	"packhorse/internal/provider"
	"packhorse/internal/provider/http"
	"packhorse/internal/rehearsal"
)

// outageEvery is how often a rehearsal tells that it waits for the system.
const outageEvery = 10 * time.Second

var runPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,39}$`)

// rehearser is a backend that recorded orders can be played on.
type rehearser interface {
	rehearsal(ctx context.Context, repeats func(error)) (system rehearsal.System, done func(), err error)
}

func (a *app) newRehearse() *cobra.Command {
	var file, from, to string
	options := rehearsal.Options{}
	var warehouses rehearsal.Warehouses
	c := &cobra.Command{
		Use:   "rehearse --file FILE --from DAY --to DAY",
		Short: "Run recorded orders through the live system, and compare", Args: cobra.NoArgs,
		Long: `Runs recorded orders through the live system on a compressed clock, and then compares what the store says with what the
file says, order by order. The file has one JSON object a line, also compressed with gzip:

  {"id", "status", "purchased_at", "approved_at", "carrier_at", "delivered_at", "estimated_at",
   "customer": {"city", "state", "zip"},
   "items": [{"product_id", "seller_id", "quantity", "price", "shipping_limit_at"}]}

Times are "2006-01-02 15:04:05" (read as UTC) or RFC 3339; what didn't happen is null. The status is created, approved,
processing, invoiced, shipped, delivered, unavailable (the seller rejects, out of stock) or canceled. Every seller
becomes a fulfillment service on the simulated provider, and the items that an order has of one seller one fulfillment
order. The order is created when it was purchased, requested and accepted when it was approved, shipped, delivered and
cancelled when the record says; events keep their recorded times. Orders purchased from --from to --to are played, to
their ends, however late.

With --http, a seller is a warehouse that speaks Packhorse's contract over HTTP instead: it takes requests by signed
calls, and tells what becomes of them by signed callbacks to the API. The warehouse is in this process, on 127.0.0.1.
Workers must serve the provider http with PACKHORSE_CALLBACK_ALLOW_PRIVATE=true, and they, the API and this command must
have the secret that --secret names. Such a seller is a new service in each rehearsal.

The last line is "rehearsal: N orders, M fulfillment orders, D differences". The exit status is 1 if there are differences.`,
		Example: `  packhorse rehearse --file orders.ndjson.gz --from 2024-11-29 --to 2024-11-30 --day 2s
  packhorse rehearse --file orders.ndjson.gz --from 2024-11-29 --to 2024-11-30 --http s-1`,
	}
	flags := c.Flags()
	flags.StringVar(&file, "file", "", "`FILE` with the recorded orders")
	flags.StringVar(&from, "from", "", "first `DAY` of purchase, such as 2024-11-29")
	flags.StringVar(&to, "to", "", "last `DAY` of purchase")
	flags.DurationVar(&options.Day, "day", 2*time.Second, "how long a recorded day lasts")
	flags.IntVar(
		&options.Selection.Limit, "limit", 0, "play at most `N` orders, the first ones of the file (default: all)",
	)
	flags.StringVar(
		&options.Run, "run", "", "`NAME` of the rehearsal, so that several fit on one store (default: a new one)",
	)
	flags.IntVar(&options.InFlight, "in-flight", rehearsal.DefaultInFlight, "do at most `N` things at the same time")
	flags.StringSliceVar(
		&warehouses.Sellers, "http", nil, "`SELLER` that is a warehouse over HTTP; may be given several times",
	)
	flags.StringVar(
		&warehouses.SecretName, "secret", "SAMPLE_WAREHOUSE", "`NAME` of the secret between these and Packhorse",
	)
	flags.StringVar(
		&warehouses.Callbacks, "callbacks", callbacksOf(os.Getenv(apiVariable)), "`URL` that they tell things to, without "+
			"the service at its end (default: that of the API in PACKHORSE_API, else of port 8080 on this machine)",
	)
	for _, name := range []string{"file", "from", "to"} {
		_ = c.MarkFlagRequired(name) // Only fails for a flag that isn't there.
	}
	_ = c.MarkFlagFilename("file")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := rehearsalOptions(&options, from, to); err != nil {
			return &usageError{err}
		}
		if len(warehouses.Sellers) > 0 {
			named := new(config.ProviderSecrets)
			if err := config.Load(named); err != nil {
				return &usageError{err}
			}
			warehouses.Secrets = provider.NamedSecrets(named.Folder)
			if _, err := warehouses.Secrets(warehouses.SecretName); err != nil {
				return &usageError{err}
			}
			options.Warehouses = &warehouses
		}
		return a.rehearse(c.Context(), file, options)
	}
	return c
}

// apiVariable is where a shell beside `make run` has the address of the Admin API.
const apiVariable = "PACKHORSE_API"

// callbacksOf is where the process that serves an API takes what warehouses tell.
func callbacksOf(api string) string {
	at, err := url.Parse(api)
	if err != nil || at.Host == "" {
		at = &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}
	}
	return at.Scheme + "://" + at.Host + "/providers/" + http.ID
}

func rehearsalOptions(o *rehearsal.Options, from, to string) error {
	for _, day := range []struct {
		flag, text string
		into       *time.Time
	}{{"--from", from, &o.Selection.From}, {"--to", to, &o.Selection.To}} {
		at, err := time.Parse(time.DateOnly, day.text)
		if err != nil {
			return fmt.Errorf("%s %q is not a day: write it like 2024-11-29", day.flag, day.text)
		}
		*day.into = at
	}
	switch {
	case o.Selection.To.Before(o.Selection.From):
		return fmt.Errorf("--to %s is before --from %s", to, from)
	case o.Day < time.Millisecond || o.Day > 24*time.Hour:
		return fmt.Errorf("--day %s: a day must last between 1ms and 24h", o.Day)
	case o.Selection.Limit < 0:
		return errors.New("--limit must not be negative")
	case o.InFlight < 1:
		return errors.New("--in-flight must be at least 1")
	case o.Run == "":
		o.Run = strings.ToLower(rand.Text()[:8])
	case !runPattern.MatchString(o.Run):
		return fmt.Errorf("--run %q: use up to 40 lower-case letters, digits, '.', '_' and '-'", o.Run)
	}
	return nil
}

func (a *app) rehearse(ctx context.Context, file string, options rehearsal.Options) error {
	records, err := rehearsal.ReadFile(file, options.Selection)
	if err != nil {
		return err
	}
	backend, ok := a.backend.(rehearser)
	if !ok {
		return errors.New("there is no live system to rehearse on")
	}
	var bar progress
	var mu sync.Mutex
	var told time.Time
	options.Waiting = func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if now := a.now(); now.Sub(told) >= outageEvery {
			told = now
			fmt.Fprintf(a.errOut, "waiting for the system: %s\n", oneLine(err.Error()))
		}
	}
	options.Announce = func(plan rehearsal.Plan) {
		fmt.Fprintf(a.errOut, "rehearsal %s: %s of %s (%d new) in %s, at least %s\n", options.Run,
			count(plan.Orders, "order"),
			count(plan.Sellers, "seller"), plan.Added, count(plan.Steps, "step"), plan.Lasts.Round(time.Second))
		bar = a.newProgress(int64(plan.Steps), "rehearsing")
	}
	options.Progress = func(done, _ int) { bar.to(int64(done)) }
	// What the command's client sends again by itself counts as well.
	resent := &resends{tell: options.Waiting}
	system, done, err := backend.rehearsal(ctx, resent.waiting)
	if err != nil {
		return err
	}
	defer done()
	report, err := rehearsal.Run(ctx, system, records, options)
	if bar != nil {
		bar.end()
	}
	if errors.As(err, new(*rehearsal.ExistsError)) || errors.As(err, new(*rehearsal.UnknownSellerError)) {
		return &usageError{err}
	}
	if err != nil {
		return err
	}
	report.Retries += resent.count()
	if a.json() {
		err = writeJSON(a.out, report)
	} else {
		err = report.Write(a.out)
	}
	if err == nil && len(report.Differences) > 0 {
		err = fmt.Errorf("the system tells %s than the file", count(len(report.Differences), "thing")+" otherwise")
	}
	return err
}

// resends counts how often there was no answer.
type resends struct {
	tell func(error)
	mu   sync.Mutex
	n    int
}

func (r *resends) waiting(err error) {
	r.mu.Lock()
	r.n++
	r.mu.Unlock()
	r.tell(err)
}

func (r *resends) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}

// rehearsal opens everything that a rehearsal needs; done closes what is its own.
func (s *servers) rehearsal(ctx context.Context, repeats func(error)) (rehearsal.System, func(), error) {
	store, err := s.open(ctx)
	if err != nil {
		return rehearsal.System{}, nil, err
	}
	conn, err := s.dial(ctx)
	if err != nil {
		return rehearsal.System{}, nil, err
	}
	settings, err := pooler.ParseConfig(string(s.database.URL))
	if err != nil {
		return rehearsal.System{}, nil, fmt.Errorf("open the database: %w", err)
	}
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return rehearsal.System{}, nil, fmt.Errorf("open the database: %w", err)
	}
	ledger, err := s.ledger(ctx)
	if err != nil {
		pool.Close()
		return rehearsal.System{}, nil, err
	}
	return rehearsal.System{
		// No time-out: a rehearsal waits for a system that is down.
		Commands: operation.NewCommands(conn, store, operation.Options{Repeats: repeats}),
		Store:    store, Database: pool, Workflows: conn, Ledger: ledger,
	}, func() { pool.Close(); ledger.Close() }, nil
}
