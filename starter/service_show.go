package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// servicePage is a service with how its calls stand, as it is answered to programs.
type servicePage struct {
	fulfillment.Service
	// ProviderProblem is why nobody calls its system.
	ProviderProblem string       `json:"providerProblem,omitempty"`
	Problem         string       `json:"callbackProblem,omitempty"` // why it is not called
	Calls           []calledPage `json:"callbacks"`
	// Stock are the levels of the first SKUs, and StockedSKUs counts all.
	Stock       []postgres.StockLevel `json:"stock,omitempty"`
	StockedSKUs int                   `json:"stockedSkus,omitempty"`
}

// shownLevels is how many levels of its stock are shown of a service.
const shownLevels = 20

// calledPage is how one call stands.
type calledPage struct {
	Kind         callback.Call `json:"kind"`
	CalledAt     *time.Time    `json:"calledAt,omitempty"`
	Status       int           `json:"status,omitempty"`
	Milliseconds int64         `json:"milliseconds,omitempty"`
	Error        string        `json:"error,omitempty"`
	FailingSince *time.Time    `json:"failingSince,omitempty"`
	SucceededAt  *time.Time    `json:"succeededAt,omitempty"`
	NextCallAt   *time.Time    `json:"nextCallAt,omitempty"`
	Note         string        `json:"note,omitempty"`
}

func (a *app) newServiceShow() *cobra.Command {
	return &cobra.Command{
		Use: "show SERVICE", Short: "Show a fulfillment service, who serves it, and how its calls stand",
		Args:    oneArgument("service's ID, name or handle", nil),
		Example: `  packhorse service show north`,
		RunE: func(c *cobra.Command, args []string) error {
			b, err := a.backend.book(c.Context())
			if err != nil {
				return err
			}
			s, err := findService(c.Context(), b, args[0])
			if err != nil {
				return err
			}
			calls, stopped, err := b.ServiceCalls(c.Context(), s.ID)
			if err != nil {
				return err
			}
			levels, all, err := b.StockLevels(c.Context(), s.LocationID, shownLevels)
			if err != nil {
				return err
			}
			problem, pages := callback.Problem(s, stopped), calledPages(s, stopped, calls)
			unserved := a.providerProblems(c.Context(), s)[s.Provider]
			if a.json() {
				return writeJSON(a.out, servicePage{s, unserved, problem, pages, levels, all})
			}
			apps, err := b.Apps(c.Context())
			if err != nil {
				return err
			}
			if err := a.serviceHead(s, unserved, problem, handlesOf(apps)[s.AppID]); err != nil {
				return err
			}
			if err := a.callTable(pages); err != nil {
				return err
			}
			return a.stockTable(levels, all)
		},
	}
}

func findService(ctx context.Context, b book, name string) (fulfillment.Service, error) {
	services, err := b.Services(ctx)
	if err != nil {
		return fulfillment.Service{}, err
	}
	return only(services, name, "service", func(s fulfillment.Service) []string {
		return []string{s.ID.String(), s.Handle, s.Name}
	})
}

// serviceID is the ID of a service that is named to choose by; 0 when none is.
func serviceID(ctx context.Context, b book, name string) (fulfillment.ID, error) {
	if name == "" {
		return 0, nil
	}
	s, err := findService(ctx, b, name)
	return s.ID, err
}

// calledPages are the calls for which there was a reason, in a fixed order.
func calledPages(of fulfillment.Service, stopped string, calls []callback.Standing) []calledPage {
	pages := []calledPage{}
	for _, kind := range callback.Calls {
		for _, s := range calls {
			if s.Call == kind && (s.CalledAt != nil || s.NextAt != nil) {
				pages = append(pages, calledPage{
					kind, s.CalledAt, s.Status, s.Took.Milliseconds(), s.Error, s.FailingSince, s.SucceededAt,
					s.Next(of, stopped), s.Note,
				})
			}
		}
	}
	return pages
}

func (a *app) serviceHead(s fulfillment.Service, unserved, problem, app string) error {
	fmt.Fprintf(a.out, "Fulfillment service %s\n", s.ID)
	yes := map[bool]string{true: "yes", false: "no"}
	t := a.newTable()
	t.pair("name", s.Name)
	t.pair("handle", s.Handle)
	t.pair("app", app)
	t.pair("provider", s.Provider)
	t.pair("provider problem", unserved)
	t.pair("location", s.LocationID.String())
	if s.AcceptWithin > 0 {
		within, _ := s.AcceptWithin.MarshalText() // It never fails.
		t.pair("answers within", fmt.Sprintf("%s, else %s", within, s.AcceptPolicy))
	}
	t.pair("callback URL", cmp.Or(s.CallbackURL, "none"))
	if s.CallbackURL != "" {
		t.pair("asked for tracking", yes[s.TrackingSupport])
		t.pair("asked for stock", yes[s.InventoryManagement])
		t.pair("not called", problem)
	}
	return t.flush()
}

func (a *app) callTable(calls []calledPage) error {
	if len(calls) == 0 {
		return nil
	}
	fmt.Fprint(a.out, "\nIts calls\n")
	t := a.newTable("CALL", "LAST", "ANSWER", "FAILING SINCE", "NEXT", "NOTES")
	for _, c := range calls {
		answer := c.Error
		if answer == "" && c.CalledAt != nil {
			answer = fmt.Sprintf("%d in %d ms", c.Status, c.Milliseconds)
		}
		t.row(string(c.Kind), a.when(c.CalledAt), answer, a.when(c.FailingSince), a.when(c.NextCallAt), c.Note)
	}
	return t.flush()
}

func (a *app) stockTable(levels []postgres.StockLevel, all int) error {
	if all == 0 {
		return nil
	}
	fmt.Fprint(a.out, "\nWhat it said that it has\n")
	t := a.newTable("SKU", "UNITS", "READ")
	for _, l := range levels {
		t.row(l.SKU, strconv.FormatInt(l.Available, 10), a.when(&l.ReadAt))
	}
	if err := t.flush(); err != nil {
		return err
	}
	if more := all - len(levels); more > 0 {
		fmt.Fprintf(a.out, "and %s more\n", count(more, "SKU"))
	}
	return nil
}
