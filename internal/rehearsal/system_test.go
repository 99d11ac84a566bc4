package rehearsal

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/routing"
	"packhorse/internal/temporalio"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// desk is a system without workflows: the domain and the store alone, one command after the other. What it was asked
// every so often gets no answer, although it was done: a connection that broke at the worst time.
type desk struct {
	t      *testing.T
	store  *postgres.Store
	ledger simulated.Ledger
	minter fulfillment.Minter

	mu      sync.Mutex
	calls   int
	broken  int // every so many-th answer is lost; 0: none
	fos     []fulfillment.ID
	refuse  func(fulfillment.Command) bool // may be nil
	stuck   bool                           // finished fulfillment orders keep their workflow
	crashed bool                           // one workflow failed
}

func newDesk(t *testing.T) (*desk, System) {
	t.Helper()
	url := devstacktest.Database(t, postgres.Migrate)
	store, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	pool := devstacktest.Pool(t, url)
	d := &desk{t: t, store: store, ledger: &simulated.MemoryLedger{}}
	return d, System{Commands: d, Store: store, Database: pool, Workflows: d, Ledger: d.ledger}
}

// answer loses the answer now and then. A refusal is an answer, too.
func (d *desk) answer(err error) error {
	d.calls++
	if d.broken > 0 && d.calls%d.broken == 0 {
		return errors.New("connection reset")
	}
	return err
}

func (d *desk) CreateOrder(ctx context.Context, order fulfillment.Order) (fulfillment.OrderCreated, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ids, err := d.create(ctx, order)
	return fulfillment.OrderCreated{OrderID: order.ID, FulfillmentOrderIDs: ids}, d.answer(err)
}

func (d *desk) create(ctx context.Context, order fulfillment.Order) ([]fulfillment.ID, error) {
	now := time.Now().UTC()
	if err := order.Complete(now); err != nil {
		return nil, err
	}
	fos, err := d.store.FulfillmentOrdersOf(ctx, order.ID)
	if err != nil {
		return nil, err
	}
	if len(fos) == 0 {
		env := fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(order.FirstID)}
		order.AssignIDs(env.IDs)
		locations, err := d.store.Locations(ctx)
		if err != nil {
			return nil, err
		}
		assignments, err := routing.Route(&order, locations, now)
		if err != nil {
			return nil, err
		}
		var transitions []fulfillment.Transition
		if fos, transitions, err = fulfillment.NewFulfillmentOrders(&order, assignments, env); err != nil {
			return nil, err
		}
		if _, err := d.store.CreateOrder(ctx, &order, fos, transitions); err != nil {
			return nil, err
		}
	}
	var ids []fulfillment.ID
	for _, fo := range fos {
		ids = append(ids, fo.ID)
		if !slices.Contains(d.fos, fo.ID) {
			d.fos = append(d.fos, fo.ID)
		}
	}
	return ids, nil
}

func (d *desk) Send(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse != nil && d.refuse(cmd) {
		return fulfillment.Result{}, &fulfillment.Error{Code: fulfillment.CodeInvalidState, Message: "Not today."}
	}
	result, err := d.decide(ctx, id, cmd)
	return result, d.answer(err)
}

func (d *desk) decide(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error) {
	fo, err := d.store.Load(ctx, id)
	if err != nil {
		return fulfillment.Result{}, err
	}
	decision, err := fo.Decide(cmd, fulfillment.Env{Now: time.Now().UTC(), IDs: fulfillment.NewIDs(d.minter.Mint())})
	if err != nil {
		return fulfillment.Result{}, err
	}
	if len(decision.Transitions) > 0 {
		if _, err := d.store.Commit(ctx, fulfillment.CommitOf(decision.State, decision)); err != nil {
			return fulfillment.Result{}, err
		}
	}
	for _, effect := range decision.State.DueEffects() {
		kind := map[fulfillment.EffectKind]simulated.Kind{
			fulfillment.EffectRequest: simulated.KindCreate, fulfillment.EffectCancel: simulated.KindCancel,
		}[effect.Kind]
		_, err := d.ledger.Record(ctx, simulated.Effect{Key: effect.Key, Kind: kind, RequestKey: effect.For,
			FulfillmentOrderID: id,
			Answer:             provider.Answer{Outcome: fulfillment.OutcomePending}}, nil, "", false)
		if err != nil {
			return fulfillment.Result{}, err
		}
		answer := &fulfillment.ProviderAnswer{Key: effect.Key, Outcome: fulfillment.OutcomePending}
		answer.CommandID, answer.Actor = effect.Key+"/answer", fulfillment.System
		if _, err := d.decide(ctx, id, answer); err != nil {
			return fulfillment.Result{}, err
		}
	}
	return decision.Result, nil
}

func (d *desk) CancelOrder(ctx context.Context, cmd fulfillment.CancelOrder) (fulfillment.OrderCancelled, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return fulfillment.OrderCancelled{OrderID: cmd.OrderID}, d.answer(d.cancel(ctx, cmd))
}

func (d *desk) cancel(ctx context.Context, cmd fulfillment.CancelOrder) error {
	order, err := d.store.Order(ctx, cmd.OrderID)
	if err != nil {
		return err
	}
	fos, err := d.store.FulfillmentOrdersOf(ctx, cmd.OrderID)
	if err != nil {
		return err
	}
	if refused := fulfillment.CheckCancelOrder(fulfillment.ViewOrder(order.CancelledAt != nil, fos)); refused != nil {
		return refused
	}
	for _, fo := range fos {
		take := &fulfillment.CancelUnits{WholeOrder: true}
		take.CommandID, take.Actor = cmd.CommandID, cmd.Actor
		if _, err := d.decide(ctx, fo.ID, take); err != nil {
			return err
		}
	}
	return d.store.CancelOrder(ctx, cmd.OrderID, time.Now().UTC(), cmd.Reason, cmd.CommandID, cmd.Actor)
}

// ListWorkflow makes up the runs that there would be.
func (d *desk) ListWorkflow(
	ctx context.Context, _ *workflowservice.ListWorkflowExecutionsRequest,
) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	page := &workflowservice.ListWorkflowExecutionsResponse{}
	add := func(id fulfillment.ID, status enums.WorkflowExecutionStatus) {
		page.Executions = append(page.Executions, &workflow.WorkflowExecutionInfo{
			Execution: &common.WorkflowExecution{WorkflowId: temporalio.FulfillmentOrderID(id)}, Status: status})
	}
	for i, id := range d.fos {
		fo, err := d.store.Load(ctx, id)
		if err != nil {
			return nil, err
		}
		if !fo.Finished() || d.stuck {
			add(id, enums.WORKFLOW_EXECUTION_STATUS_RUNNING)
		}
		if d.crashed && i == 0 {
			add(id, enums.WORKFLOW_EXECUTION_STATUS_FAILED)
		}
	}
	return page, nil
}

func TestRun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		broken int
	}{{"answers_come", 0}, {"answers_are_lost", 3}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d, system := newDesk(t)
			d.broken = test.broken
			records := recordedOrders(t)
			var waited int
			var mu sync.Mutex
			done := 0
			options := Options{Run: "r1", Selection: threeDays, Day: 10 * time.Millisecond, RestTimeout: time.Second,
				Waiting:  func(error) { mu.Lock(); waited++; mu.Unlock() },
				Progress: func(n, total int) { done = n - total },
			}
			report, err := Run(t.Context(), system, records, options)
			if err != nil {
				t.Fatal(err)
			}
			for _, difference := range report.Differences {
				t.Error(difference)
			}
			if report.Store != fileTotals(records) {
				t.Errorf("totals\n got %+v\nwant %+v", report.Store, fileTotals(records))
			}
			if done != 0 {
				t.Errorf("progress ended at %d steps before the end", -done)
			}
			if test.broken > 0 && (waited == 0 || report.Retries != waited) {
				t.Errorf("%d retries were told, %d reported", waited, report.Retries)
			}
			if report.Sellers != 3 || report.Added != 3 {
				t.Errorf("%d sellers, %d added, want 3 and 3", report.Sellers, report.Added)
			}
			if got, want := report.Summary(),
				"rehearsal: 16 orders, 17 fulfillment orders, 0 differences"; got != want {
				t.Errorf("summary %q, want %q", got, want)
			}

			// The same name again would mix two rehearsals; another name shares the sellers.
			if _, err := Run(t.Context(), system, records, options); !errors.As(err, new(*ExistsError)) {
				t.Errorf("the same run again: got %v", err)
			}
			options.Run = "r2"
			report, err = Run(t.Context(), system, records[:3], options)
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Differences) > 0 || report.Added != 0 {
				t.Errorf("second run: %d new sellers, differences %v", report.Added, report.Differences)
			}
		})
	}
}

// What goes wrong in the system must be seen.
func TestRunFindsDifferences(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		spoil func(*desk)
		what  string // of one of the differences
	}{
		{"refused_shipment", func(d *desk) {
			d.refuse = func(cmd fulfillment.Command) bool { return cmd.Verb() == fulfillment.VerbCreateFulfillment }
		}, "shipments"},
		{"refused_request", func(d *desk) {
			d.refuse = func(cmd fulfillment.Command) bool {
				return cmd.Verb() == fulfillment.VerbSubmitFulfillmentRequest
			}
		}, "requests that reached the provider"},
		{"stuck_workflow", func(d *desk) { d.stuck = true }, "closed"},
		{"failed_workflow", func(d *desk) { d.crashed = true }, "ended well"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d, system := newDesk(t)
			test.spoil(d)
			report, err := Run(
				t.Context(), system, recordedOrders(t)[:2],
				Options{Run: "r1", Selection: threeDays, Day: time.Millisecond, RestTimeout: 100 * time.Millisecond},
			)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(
				report.Differences, func(d Difference) bool { return d.What == test.what || d.File == test.what },
			) {
				t.Errorf("%q is not among the differences %v", test.what, report.Differences)
			}
		})
	}
}

// A rehearsal that is interrupted ends soon, and says so.
func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	d, system := newDesk(t)
	d.broken = 1 // Nothing is ever answered.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	options := Options{Run: "r1", Selection: threeDays, Day: time.Millisecond, Waiting: func(error) { cancel() }}
	if _, err := Run(ctx, system, recordedOrders(t), options); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
