package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"

	"packhorse/internal/audit"
	"packhorse/internal/callback"
	"packhorse/internal/config"
	"packhorse/internal/dev/lab"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/seal"
	"packhorse/internal/temporalio/connect"
)

// stage is everything a run plays on: the servers, the links between them and those who use them, the two workers, and
// the actors' own connections.
type stage struct {
	lab      *lab.Lab
	secrets  string // what the secrets of apps are sealed with
	links    map[string]*proxy
	crew     *crew
	store    *postgres.Store
	straight client.Client // to Temporal, past the links
	linked   client.Client // to Temporal, through the actors' link
	sources  audit.Sources
	ledger   *simulated.PostgresLedger
	provider *pgxpool.Pool // the simulated provider's own database, which may be the store's
	systems  *systems      // nil: there are none
}

// databaseConnections is how many connections to the database all actors have together, and the checks as many.
const databaseConnections = 16

// startStage starts all of it and waits until both workers take work.
func startStage(ctx context.Context, o Options, logs string) (_ *stage, err error) {
	s := &stage{links: map[string]*proxy{}, secrets: seal.NewKey()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close(context.WithoutCancel(ctx)))
		}
	}()
	if s.lab, err = lab.Start(ctx, lab.Options{Logs: logs, Notice: o.Notice, ApartLedger: o.mayLose()}); err != nil {
		return nil, err
	}
	if !o.mayLose() {
		if s.systems, err = openSystems(); err != nil {
			return nil, err
		}
	}
	if err := s.startLinks(); err != nil {
		return nil, err
	}
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	s.crew = newCrew(s, o)
	return s, s.crew.start(ctx)
}

func (s *stage) startLinks() error {
	server := newProxyServer()
	database, err := url.Parse(s.lab.DatabaseURL())
	if err != nil {
		return fmt.Errorf("read the database's URL: %w", err)
	}
	for name, upstream := range map[string]string{
		link(onWorker1, onPostgres): database.Host, link(onWorker2, onPostgres): database.Host,
		link(onWorker1, onTemporal): s.lab.Temporal.Address(), link(onWorker2, onTemporal): s.lab.Temporal.Address(),
		link(actors, onTemporal): s.lab.Temporal.Address(),
	} {
		if s.links[name], err = startProxy(server, name, upstream); err != nil {
			return err
		}
	}
	return nil
}

// connect connects the actors and the checks. The actors read the database without a link of their own: it goes away
// often enough.
func (s *stage) connect(ctx context.Context) (err error) {
	if s.straight, err = s.lab.Dial(ctx); err != nil {
		return err
	}
	linked := config.Temporal{Address: s.links[link(actors, onTemporal)].address, Namespace: s.lab.Temporal.Namespace()}
	if s.linked, err = connect.Dial(ctx, linked, nil, nil); err != nil {
		return err
	}
	keys, err := seal.ParseKeys(s.secrets)
	if err != nil {
		return err
	}
	if s.store, err = postgres.Open(ctx, s.lab.DatabaseURL(), postgres.Options{
		MaxConns: databaseConnections, Secrets: keys,
		Callbacks: callback.Rules{AllowPrivate: true}, Webhooks: callback.Rules{AllowPrivate: true},
	}); err != nil {
		return err
	}
	if s.ledger, err = simulated.OpenLedger(ctx, s.lab.LedgerURL()); err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, s.lab.DatabaseURL())
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	if s.provider, err = pgxpool.New(ctx, s.lab.LedgerURL()); err != nil {
		return fmt.Errorf("open the provider's database: %w", err)
	}
	s.sources = audit.Sources{
		Database: pool, Store: s.store, Temporal: s.straight, Namespace: s.lab.Temporal.Namespace(), Ledger: s.ledger,
	}
	return nil
}

// commands is a client that sends commands through this connection, as the API does.
func (s *stage) commands(connection client.Client) *operation.Commands {
	return operation.NewCommands(connection, s.store, operation.Options{})
}

// databaseURL is the database through a link.
func (s *stage) databaseURL(name string) (string, error) {
	u, err := url.Parse(s.lab.DatabaseURL())
	if err != nil {
		return "", fmt.Errorf("read the database's URL: %w", err)
	}
	u.Host = s.links[name].address
	return u.String(), nil
}

// heal makes everything whole again, whatever the monkey has left, and waits until both workers take work.
func (s *stage) heal(ctx context.Context) error {
	for _, name := range links {
		if err := s.links[name].heal(); err != nil {
			return err
		}
	}
	if err := s.lab.Postgres.Start(ctx); err != nil {
		return fmt.Errorf("heal PostgreSQL: %w", err)
	}
	if err := s.lab.Temporal.Start(ctx); err != nil {
		return fmt.Errorf("heal Temporal: %w", err)
	}
	return s.crew.heal(ctx)
}

// closeTimeout bounds how long everything may take to end.
const closeTimeout = 90 * time.Second

// close ends everything that was started, whatever state it is in.
func (s *stage) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	if s.crew != nil {
		s.crew.close()
	}
	if s.sources.Database != nil {
		s.sources.Database.Close()
	}
	if s.provider != nil {
		s.provider.Close()
	}
	if s.ledger != nil {
		s.ledger.Close()
	}
	if s.store != nil {
		s.store.Close()
	}
	for _, c := range []client.Client{s.linked, s.straight} {
		if c != nil {
			c.Close()
		}
	}
	for _, p := range s.links {
		if p != nil {
			p.Stop()
		}
	}
	err := s.systems.close()
	if s.lab != nil {
		return errors.Join(err, s.lab.Close(ctx))
	}
	return err
}
