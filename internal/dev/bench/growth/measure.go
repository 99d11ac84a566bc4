package growth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/dev/devstack"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

const (
	runsInARound    = 5
	commitsInARound = 10 // a hold and its release, so often
	warmUps         = 10 // prepares statements, and makes up the server's mind about their plans
)

// store is one of those that are compared.
type store struct {
	*postgres.Store
	Loaded
	tracer     *tracer
	cursors    map[string]string // of far pages, by query
	took       map[string][]time.Duration
	statements map[string]int // most of a run, by query
	trips      int            // most of a commit
}

// measureStores loads the stores, measures, and writes a table.
func measureStores(ctx context.Context, server *devstack.Postgres, o Options, result *Result, out io.Writer) error {
	stores, err := loadStores(ctx, server, o.Sizes, out)
	defer func() {
		for _, s := range stores {
			s.Close()
		}
	}()
	if err != nil {
		return err
	}
	return measure(ctx, stores, o, result, out)
}

// measure lets the stores take turns, so that noise hits all alike.
func measure(ctx context.Context, stores []*store, o Options, result *Result, out io.Writer) error {
	all := queries()
	for round := range o.Rounds + 1 { // The first one is not counted.
		for _, q := range all {
			for i := range stores {
				s := stores[(i+round)%len(stores)]
				if err := s.ask(ctx, q, round == 0); err != nil {
					return fmt.Errorf("%s among %d: %w", q.name, s.Size, err)
				}
			}
		}
		for i := range stores {
			s := stores[(i+round)%len(stores)]
			if err := s.commitSome(ctx, round == 0); err != nil {
				return fmt.Errorf("commit among %d: %w", s.Size, err)
			}
		}
	}
	result.summarize(all, stores)
	return result.table(out)
}

// loadStores makes one for each of the sizes.
func loadStores(ctx context.Context, server *devstack.Postgres, sizes []int, out io.Writer) ([]*store, error) {
	rows, err := readLives(ctx, server, "growth_lives")
	if err != nil {
		return nil, err
	}
	var stores []*store
	for _, size := range sizes {
		lives := len(rows[0].lives)
		size = (size + lives - 1) / lives * lives
		s, err := loadStore(ctx, server, rows, size)
		if s != nil {
			stores = append(stores, s)
		}
		if err != nil {
			return stores, fmt.Errorf("load %d fulfillment orders: %w", size, err)
		}
		if _, err := fmt.Fprintf(
			out, "loaded %d fulfillment orders: %d rows, %d MB, in %v\n", size, s.Rows, s.Bytes>>20,
			s.Took.Round(time.Second/10),
		); err != nil {
			return stores, err
		}
	}
	return stores, nil
}

func loadStore(ctx context.Context, server *devstack.Postgres, rows []table, size int) (*store, error) {
	database := fmt.Sprint("growth_", size)
	s := &store{Loaded: Loaded{Size: size}, tracer: &tracer{}, cursors: map[string]string{},
		took: map[string][]time.Duration{}, statements: map[string]int{}}
	var err error
	// One connection, as each has plans of its own.
	if s.Store, err = newStore(ctx, server, database, postgres.Options{MaxConns: 1, Tracer: s.tracer}); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := load(ctx, server.AdminURL(database), rows, size); err != nil {
		return s, err
	}
	s.Took = time.Since(began)
	conn, err := pgx.Connect(ctx, server.URL(database))
	if err != nil {
		return s, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = conn.QueryRow(
		ctx, `SELECT pg_database_size(current_database()), (SELECT sum(n_live_tup)::bigint FROM pg_stat_user_tables)`,
	).
		Scan(&s.Bytes, &s.Rows)
	return s, err
}

// ask runs a query some times.
func (s *store) ask(ctx context.Context, q query, warmUp bool) error {
	runs := runsInARound
	if warmUp {
		runs = warmUps
	}
	for range runs {
		s.tracer.reset()
		began := time.Now()
		found, err := q.run(ctx, s)
		took := time.Since(began)
		if err != nil {
			return err
		}
		if found == 0 {
			return errors.New("nothing was found")
		}
		if !warmUp {
			s.took[q.name] = append(s.took[q.name], took)
			_, statements := s.tracer.reset()
			s.statements[q.name] = max(s.statements[q.name], statements)
		}
	}
	return nil
}

// commitName is that of the query that a commit is.
const commitName = "commit"

// commitSome holds fulfillment orders at random, and releases them: the store remains as it is, but for its history.
func (s *store) commitSome(ctx context.Context, warmUp bool) error {
	lives := lives()
	open := slices.IndexFunc(lives, func(l life) bool { return len(l.commands) == 0 && l.at.ServiceID == 0 })
	for range commitsInARound / 2 {
		number := firstCopy + rand.Int64N(int64(s.Size/len(lives)))*int64(len(lives)) + int64(open)
		state, err := s.Load(ctx, fulfillmentOrderOf(number))
		if err != nil {
			return err
		}
		for _, cmd := range []fulfillment.Command{
			&fulfillment.PlaceHold{Reason: fulfillment.HoldOther}, &fulfillment.ReleaseHold{},
		} {
			cmd.Envelope().CommandID = fmt.Sprintf("commit-%d", state.Sequence)
			ids := fulfillment.NewIDs(fulfillment.ID(number*idsOfOrder + 1000 + state.Sequence))
			s.tracer.reset()
			began := time.Now()
			if state, err = commit(ctx, s.Store, state, cmd, fulfillment.Env{Now: began.UTC(), IDs: ids}); err != nil {
				return err
			}
			took := time.Since(began)
			if warmUp {
				continue
			}
			trips, statements := s.tracer.reset()
			s.took[commitName] = append(s.took[commitName], took)
			s.trips, s.statements[commitName] = max(s.trips, trips), max(s.statements[commitName], statements)
		}
	}
	return nil
}
