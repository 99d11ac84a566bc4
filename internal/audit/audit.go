package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/api/workflowservice/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
)

// Options say how to audit a live system.
type Options struct {
	OrderID fulfillment.ID // look at this order only; 0: at all
	// Pause is how long what looks wrong is left alone before it is looked at again; every further pause is twice as
	// long. Default [DefaultPause].
	Pause time.Duration
	// Progress is told what is being done, and how many of all orders were looked at. Default: nobody is.
	Progress func(what string, done, total int)
}

const (
	// DefaultPause is the default of Options.Pause.
	DefaultPause = time.Second
	// looks is how often something is looked at before it is reported.
	looks = 4
	// batch is how many orders are read at a time.
	batch = 100
	// keptViolations is how many violations of an assertion a report of a live system keeps; the others are counted.
	keptViolations = 1000
)

// Check audits a system at rest: whatever is not as it must be is a violation, also what would pass by itself. The
// error tells that something couldn't be read, never that something is wrong. It needs a live worker: workflows are
// asked for their states.
func Check(ctx context.Context, from Sources, saw Witness) (Report, error) {
	a := newAuditor(from)
	a.strict = true
	return a.run(ctx, saw, 0)
}

// Live audits a system that is at work. What looks wrong is looked at four times; what was wrong every time, and the
// very same at last, is a violation, and what is under way even then is said as such. An order that comes meanwhile is
// left out. A report keeps 1000 violations of an assertion, so that a store in ruins does not fill the memory. The
// error tells that something couldn't be read; the report has what was found until then.
func Live(ctx context.Context, from Sources, o Options) (Report, error) {
	a := newAuditor(from)
	if o.Pause > 0 {
		a.pause = o.Pause
	}
	if o.Progress != nil {
		a.progress = o.Progress
	}
	return a.run(ctx, Witness{}, o.OrderID)
}

// auditor is an audit in progress. It reads a few orders at a time, so that it needs no more memory for more of them.
type auditor struct {
	from      Sources
	saw       testimony
	strict    bool // the system is at rest
	batch     int
	pause     time.Duration
	progress  func(what string, done, total int)
	noLedger  string // why the ledger is not read
	retention time.Duration

	report   Report
	suspects []suspect               // of a live system, to be looked at again
	looked   map[fulfillment.ID]bool // what the store does not have and was looked at
}

func newAuditor(from Sources) *auditor {
	return &auditor{from: from, batch: batch, pause: DefaultPause, progress: func(string, int, int) {},
		looked: map[fulfillment.ID]bool{}}
}

func (a *auditor) run(ctx context.Context, saw Witness, only fulfillment.ID) (Report, error) {
	for _, assertion := range assertions {
		a.report.Assertions = append(a.report.Assertions, Assertion{Name: assertion.name})
	}
	err := a.prepare(ctx, saw)
	if err == nil && only != 0 {
		err = a.look(ctx, scope{orders: []fulfillment.ID{only}})
	} else if err == nil {
		err = a.all(ctx)
	}
	err = errors.Join(err, a.lookAgain(ctx))
	if err == nil {
		err = a.tellLost(ctx, only)
	}
	a.explain(ctx)
	if err != nil {
		return a.report, fmt.Errorf("read what is to be checked: %w", err)
	}
	return a.report, nil
}

// prepare learns what there is to be read.
func (a *auditor) prepare(ctx context.Context, saw Witness) (err error) {
	if a.saw, err = saw.byOrder(ctx, a.from.Database); err != nil {
		return err
	}
	namespace, err := a.from.Temporal.WorkflowService().DescribeNamespace(ctx,
		&workflowservice.DescribeNamespaceRequest{Namespace: a.from.Namespace})
	if err != nil {
		return fmt.Errorf("describe namespace %s: %w", a.from.Namespace, err)
	}
	a.retention = namespace.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration()
	if a.from.Ledger == nil {
		a.noLedger = "there is no ledger of the simulated provider"
		return nil
	}
	_, err = a.from.Ledger.EffectsAfter(ctx, "", 1)
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		const undefinedTable, undefinedSchema, mayNot = "42P01", "3F000", "42501" // SQLSTATE
		switch answer.Code {
		case undefinedTable, undefinedSchema:
			a.noLedger, err = "there is no ledger of the simulated provider", nil
		case mayNot:
			a.noLedger, err = "this user of the database may not read the ledger of the simulated provider", nil
		}
	}
	return err
}

const selectPage = `SELECT id FROM orders WHERE id > $1 AND created_at <= $2 ORDER BY id LIMIT $3`

// all looks at every order in the store, and at what is of none.
func (a *auditor) all(ctx context.Context) error {
	var total, done int
	var until time.Time // Later orders are left out, or an audit that is slower than they come never ends.
	if err := a.from.Database.QueryRow(ctx, `SELECT count(*), now() FROM orders`).Scan(&total, &until); err != nil {
		return fmt.Errorf("count the orders: %w", err)
	}
	const what = "auditing"
	a.progress(what, 0, total)
	for after := int64(-1 << 63); ; {
		rows, err := a.from.Database.Query(ctx, selectPage, after, until, a.batch)
		if err != nil {
			return fmt.Errorf("list the orders: %w", err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
		if err != nil {
			return fmt.Errorf("list the orders: %w", err)
		}
		if len(ids) == 0 {
			break
		}
		if err := a.look(ctx, scope{orders: ids}); err != nil {
			return err
		}
		after = int64(ids[len(ids)-1])
		done += len(ids)
		a.progress(what, done, max(done, total))
	}
	a.progress("looking for what is of no order", done, max(done, total))
	if err := a.lookAgain(ctx); err != nil { // What is shared by two orders is compared with what was found.
		return err
	}
	return a.strays(ctx)
}

// look reads a scope, asserts, and counts what was looked at.
func (a *auditor) look(ctx context.Context, of scope) error {
	e, found, err := a.judge(ctx, of)
	if err != nil {
		return err
	}
	a.report.Orders += len(e.orders)
	a.report.FulfillmentOrders += len(e.fos)
	a.report.Runs += len(e.allRuns())
	for i, assertion := range found {
		a.report.Assertions[i].Checked += assertion.Checked
		for _, v := range assertion.Violations {
			a.suspect(i, v)
		}
	}
	if len(a.suspects) >= tooManySuspects {
		return a.lookAgain(ctx)
	}
	return nil
}

// judge reads a scope and asserts.
func (a *auditor) judge(ctx context.Context, of scope) (*evidence, []Assertion, error) {
	e, err := a.gather(ctx, of)
	if err != nil {
		return nil, nil, err
	}
	found := make([]Assertion, len(assertions))
	for i, assertion := range assertions {
		assertion.check(e, &found[i])
	}
	return e, found, nil
}

// explain says of the assertions what they were not looked at for.
func (a *auditor) explain(ctx context.Context) {
	because := func(why string, names ...string) {
		for i := range a.report.Assertions {
			if slices.Contains(names, a.report.Assertions[i].Name) && why != "" {
				a.report.Assertions[i].Unchecked = why
			}
		}
	}
	if !a.strict {
		because("nobody noted what callers were answered", CommandsInHistory, CommandsInStore)
	}
	because(a.noLedger, EffectsOnce, EffectsIntended)
	if a.noLedger != "" {
		because("without what the provider did: "+a.noLedger, IntentsResolved)
		return
	}
	var used bool
	const sql = `SELECT EXISTS (SELECT FROM services WHERE provider = $1)`
	err := a.from.Database.QueryRow(ctx, sql, simulated.DefaultID).Scan(&used)
	if err == nil && !used {
		because("no service has the simulated provider", EffectsOnce, EffectsIntended)
	}
}
