package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"packhorse/internal/config"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/catalogue"
	"packhorse/internal/temporalio"
)

func (a *app) newMigrate() *cobra.Command {
	c := &cobra.Command{
		Use: "migrate", Short: "Bring the database and Temporal's search attributes up to date", Args: cobra.NoArgs,
		Long: `Brings the database to this version's schema and registers the search attributes in the Temporal namespace. It changes
only what is missing, so it may run before every start, and several may run at the same time.`,
		Example: "  PACKHORSE_DATABASE_URL=postgres://packhorse@localhost/packhorse packhorse migrate",
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		done := []string{}
		err := a.backend.migrate(c.Context(), func(what string) {
			done = append(done, what)
			if !a.json() {
				fmt.Fprintln(a.out, what)
			}
		})
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, map[string][]string{"done": done})
		}
		return nil
	}
	return c
}

func (s *servers) migrate(ctx context.Context, done func(what string)) error {
	if err := s.settings(); err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, string(s.database.URL)); err != nil {
		if isUnreachable(err) {
			return s.databaseProblem(err)
		}
		return err
	}
	providers := catalogue.New()
	for _, group := range providers.Settings() {
		if err := config.Load(group.Settings); err != nil {
			return err
		}
	}
	if err := providers.Migrate(ctx, string(s.database.URL)); err != nil {
		return err
	}
	done(fmt.Sprintf("database: up to date at %s", s.databaseAddress()))
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	if err := temporalio.RegisterSearchAttributes(ctx, conn, s.temporal.Namespace); err != nil {
		return err
	}
	done(
		fmt.Sprintf(
			"search attributes: %d registered in namespace %s at %s", len(temporalio.SearchAttributes()),
			s.temporal.Namespace, s.temporal.Address,
		),
	)
	return nil
}
