package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"packhorse/internal/audit"
	"packhorse/internal/fulfillment"
	"packhorse/internal/pooler"
	"packhorse/internal/provider/simulated"
)

// shownViolations is how many violations of an assertion people are shown; programs get all that are kept.
const shownViolations = 20

// auditInFlight is how many requests an audit has under way by default: few, because the system is at work.
const auditInFlight = 8

// auditable is a backend that can be audited.
type auditable interface {
	audit(ctx context.Context) (sources audit.Sources, done func(), err error)
}

func (a *app) newAudit() *cobra.Command {
	var order string
	inFlight := auditInFlight
	c := &cobra.Command{
		Use: "audit", Short: "Tell whether the store, the workflows and the provider agree", Args: cobra.NoArgs,
		Long: `Tells whether the store agrees with itself, with the workflows that wrote it, and with what the simulated provider
did. It only reads, so that a user of the database with no more than SELECT will do, and may run on a live system: what
looks wrong is looked at four times within seven seconds, and what is under way is said as such. Orders that come
meanwhile are left out. A worker must run, because workflows are asked for their states.

What it costs: for every order about ten requests to Temporal, and for every fulfillment order a replay of its history
by a worker; --in-flight bounds how many at a time. It needs the memory for a hundred orders, however many there are.
The database reads every row once, and all transitions once more at the end.

What callers were answered is nowhere noted, so the assertions about that are not looked at; nor is what the server
does not keep any more of lives that are over.

Exit status: 0 no violation, 1 violations, or something could not be read, 2 wrong usage.`,
		Example: `  packhorse audit
  packhorse audit --order '#1001'
  packhorse audit --output json | jq '.assertions[] | select(.violations != [])'`,
	}
	c.Flags().StringVar(&order, "order", "", "look at this `ORDER` only: its ID, name or source identifier")
	completesFlag(c, "order", a.openOrders())
	c.Flags().IntVar(&inFlight, "in-flight", inFlight, "ask Temporal at most `N` things at the same time")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if inFlight < 1 {
			return &usageError{errors.New("--in-flight must be at least 1")}
		}
		if c.Flags().Changed("order") && order == "" {
			return &usageError{errors.New("--order names no order")}
		}
		return a.audit(c.Context(), order, inFlight)
	}
	return c
}

func (a *app) audit(ctx context.Context, order string, inFlight int) error {
	var options audit.Options
	if order != "" {
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		record, err := findOrder(ctx, b, order)
		if err != nil {
			return err
		}
		options.OrderID = record.ID
	}
	backend, ok := a.backend.(auditable)
	if !ok {
		return errors.New("there is no live system to audit")
	}
	sources, done, err := backend.audit(ctx)
	if err != nil {
		return err
	}
	defer done()
	sources.InFlight = inFlight
	var shown progress
	options.Progress = func(what string, done, total int) {
		if shown == nil {
			shown = a.newProgress(int64(max(total, 1)), what)
		}
		shown.describe(what)
		if total > 0 {
			shown.to(int64(done))
		}
	}
	report, err := audit.Live(ctx, sources, options)
	if shown != nil {
		shown.end()
	}
	if err != nil && report.Orders == 0 {
		return err
	}
	if told := a.tellAudit(report, err == nil); told != nil {
		return told
	}
	switch found := report.Found(); {
	case err != nil:
		return &stoppedError{err, "What was looked at until then is shown. Audit again.", true}
	case found > 0:
		const goOn = "See how it came there: packhorse order show ORDER, packhorse fulfillment-order history ID"
		return &stoppedError{errors.New(count(found, "violation")), goOn, false}
	}
	return nil
}

// auditPage is what an audit found, as programs get it.
type auditPage struct {
	Assertions        []auditedAssertion `json:"assertions"`
	Orders            int                `json:"orders"` // that were looked at
	FulfillmentOrders int                `json:"fulfillmentOrders"`
	WorkflowRuns      int                `json:"workflowRuns"`
	Violations        int                `json:"violations"` // also those that are omitted
	Complete          bool               `json:"complete"`   // all was read
	Lost              []lost             `json:"lost"`       // what the database has lost since it was set back
}

type auditedAssertion struct {
	Name       string      `json:"name"`
	Checked    int         `json:"checked"`
	Violations []violation `json:"violations"`
	Omitted    int         `json:"omitted,omitempty"` // violations beyond those in the list
	UnderWay   []violation `json:"underWay,omitempty"`
	Unchecked  string      `json:"unchecked,omitempty"` // why it was not looked at, or not at all of it
}

type violation struct {
	OrderID            fulfillment.ID `json:"orderId,omitempty"`
	FulfillmentOrderID fulfillment.ID `json:"fulfillmentOrderId,omitempty"`
	What               string         `json:"what"`
}

func (a *app) tellAudit(report audit.Report, complete bool) error {
	if a.json() {
		page := auditPage{Orders: report.Orders, FulfillmentOrders: report.FulfillmentOrders, WorkflowRuns: report.Runs,
			Violations: report.Found(), Complete: complete}
		for _, one := range report.Assertions {
			page.Assertions = append(page.Assertions, auditedAssertion{one.Name, one.Checked,
				violations(one.Violations), one.Omitted, violations(one.UnderWay), one.Unchecked})
		}
		page.Lost = lostList(report.Lost)
		return writeJSON(a.out, page)
	}
	t := a.newTable("ASSERTION", "CHECKED", "VIOLATIONS", "NOTE")
	underWay := 0
	for _, one := range report.Assertions {
		underWay += len(one.UnderWay)
		checked, found, note := number(one.Checked), number(len(one.Violations)+one.Omitted), ""
		switch {
		case one.Unchecked != "" && one.Checked == 0:
			checked, found, note = "", "", "not looked at: "+one.Unchecked
		case one.Unchecked != "":
			note = "in part: " + one.Unchecked
		}
		t.row(one.Name, checked, found, note)
	}
	if err := t.flush(); err != nil {
		return err
	}
	a.tellViolations("Violations:", report, func(one audit.Assertion) ([]audit.Violation, int) {
		return one.Violations, one.Omitted
	})
	a.tellViolations("Still under way, no violation:", report, func(one audit.Assertion) ([]audit.Violation, int) {
		return one.UnderWay, 0
	})
	a.tellLost(report.Lost)
	last := fmt.Sprintf("\naudit: %s, %s, %s looked at: %s", count(report.Orders, "order"),
		count(report.FulfillmentOrders, "fulfillment order"), count(report.Runs, "workflow run"),
		count(report.Found(), "violation"))
	if underWay > 0 {
		last += fmt.Sprintf(", %d still under way", underWay)
	}
	fmt.Fprintln(a.out, last)
	return nil
}

// tellViolations lists violations under a title, or nothing where there are none.
func (a *app) tellViolations(title string, report audit.Report, of func(audit.Assertion) ([]audit.Violation, int)) {
	for _, one := range report.Assertions {
		all, omitted := of(one)
		if len(all) == 0 {
			continue
		}
		if title != "" {
			fmt.Fprintf(a.out, "\n%s\n", title)
			title = ""
		}
		fmt.Fprintf(a.out, "  %s\n", one.Name)
		for i, v := range all {
			if i == shownViolations {
				fmt.Fprintf(a.out, "    %d more\n", len(all)-i+omitted)
				break
			}
			whom := "order " + idText(v.OrderID)
			if v.OrderID == 0 {
				whom = "no order"
			}
			if v.FulfillmentOrderID != 0 {
				whom += ", fulfillment order " + v.FulfillmentOrderID.String()
			}
			fmt.Fprintf(a.out, "    %s: %s\n", whom, oneLine(v.What))
		}
	}
}

// tellLost lists what the database has lost since it was set back, with what the simulated provider has of it.
func (a *app) tellLost(all []audit.Loss) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintln(a.out, "\nLost when the database was set back, no violation:")
	for i, loss := range all {
		if i == shownViolations {
			fmt.Fprintf(a.out, "    %d more\n", len(all)-i)
			break
		}
		whom := "order " + idText(loss.OrderID)
		if loss.FulfillmentOrderID != 0 {
			whom += ", fulfillment order " + loss.FulfillmentOrderID.String()
		}
		fmt.Fprintf(a.out, "    %s: %s\n", whom, oneLine(loss.What))
		for _, effect := range loss.Effects {
			fmt.Fprintf(a.out, "      the provider has %s %s, %s\n", effect.Kind, effect.Key, effect.Answer.Outcome)
		}
	}
}

// lost is what the database has lost, as programs get it.
type lost struct {
	OrderID            fulfillment.ID     `json:"orderId"`
	FulfillmentOrderID fulfillment.ID     `json:"fulfillmentOrderId,omitempty"`
	FulfillmentID      fulfillment.ID     `json:"fulfillmentId,omitempty"`
	What               string             `json:"what"`
	Effects            []simulated.Effect `json:"providerHas,omitempty"`
}

func lostList(all []audit.Loss) []lost {
	list := make([]lost, len(all))
	for i, l := range all {
		list[i] = lost(l)
	}
	return list
}

func violations(all []audit.Violation) []violation {
	list := make([]violation, len(all))
	for i, v := range all {
		list[i] = violation{v.OrderID, v.FulfillmentOrderID, v.What}
	}
	return list
}

// audit opens everything that an audit needs; done closes what is its own. The database is told that nothing is
// written.
func (s *servers) audit(ctx context.Context) (audit.Sources, func(), error) {
	store, err := s.open(ctx)
	if err != nil {
		return audit.Sources{}, nil, err
	}
	conn, err := s.dial(ctx)
	if err != nil {
		return audit.Sources{}, nil, err
	}
	settings, err := pooler.ParseConfig(string(s.database.URL))
	if err != nil {
		return audit.Sources{}, nil, fmt.Errorf("open the database: %w", err)
	}
	if !pooler.Between(settings.ConnConfig) { // A pooler takes none that it does not know.
		settings.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	}
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return audit.Sources{}, nil, fmt.Errorf("open the database: %w", err)
	}
	ledger, err := s.ledger(ctx)
	if err != nil {
		pool.Close()
		return audit.Sources{}, nil, err
	}
	return audit.Sources{Database: pool, Store: store, Temporal: conn, Namespace: s.temporal.Namespace, Ledger: ledger},
		func() { pool.Close(); ledger.Close() }, nil
}
