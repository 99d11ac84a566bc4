package workflows_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// What `make histories` says.
var (
	recordTo = flag.String(
		"record", "",
		"keep the histories that TestRecordHistories records under testdata/histories/`version`; "+nextVersion+
			": see there",
	)
	recordAgain = flag.Bool("record-again", false, "replace the version that is there")
	recordLives = flag.String(
		"lives", "", "live only those whose names match this `pattern`; whether others are missing is not checked then",
	)
)

// nextVersion stands for the patch that has no histories yet. When all have, nothing is kept.
const nextVersion = "next"

// life is one way in which the life of an order can go. All of them together are what a fulfillment order can meet.
type life struct {
	name string
	live func(r *recorder)
}

// atATime is how many lives are lived at the same time, whatever -parallel says: most of them wait most of the time.
const atATime = 16

// TestRecordHistories lives every kind of life on real servers, replays its histories, and checks that nothing is
// missing among them. With -record they are kept: `make histories`.
func TestRecordHistories(t *testing.T) {
	t.Parallel()
	version := versionToRecord(t)
	folder := t.TempDir()
	s := workertest.Start(t)
	berlin, hamburg := s.Warehouse("Berlin").ID, s.Warehouse("Hamburg").ID
	var together errgroup.Group
	together.SetLimit(atATime)
	wanted := regexp.MustCompile(*recordLives)
	for _, l := range allLives() {
		if !wanted.MatchString(l.name) {
			continue
		}
		together.Go(func() error {
			t.Run(l.name, func(t *testing.T) {
				r := &recorder{Stack: s.For(t), t: t, berlin: berlin, hamburg: hamburg}
				l.live(r)
				r.write(filepath.Join(folder, l.name))
			})
			return nil
		})
	}
	_ = together.Wait() // A life that goes wrong fails its test.
	if t.Failed() {
		return
	}
	recorded := readCorpus(t, folder)
	seen := recorded.kinds(t)
	for _, kind := range wantedKinds(t) {
		if !seen[kind] && *recordLives == "" {
			t.Errorf("nobody lived %s", kind)
		}
	}
	if t.Failed() || version == "" {
		t.Logf("%d histories of %d kinds, not kept", len(recorded.histories), len(seen))
		return
	}
	target := filepath.Join(corpusFolder, version)
	if err := os.RemoveAll(target); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(target, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%d histories of %d kinds are in workflows/%s\n", len(recorded.histories), len(seen), target)
}

// versionToRecord is the version that was asked for, empty for none. What is recorded is what the code of that time
// did: no other code may take its place by accident.
func versionToRecord(t *testing.T) string {
	t.Helper()
	version := *recordTo
	if version == nextVersion {
		version = ""
		for _, id := range patches(t) {
			if _, err := os.Stat(filepath.Join(corpusFolder, id)); os.IsNotExist(err) {
				version = id
			}
		}
		if version == "" {
			fmt.Println(
				"The histories of every patch are there: these are checked, and not kept. VERSION=<name> keeps them.",
			)
			return ""
		}
	}
	if version == "" {
		return ""
	}
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`).MatchString(version) {
		t.Fatalf("VERSION=%q: a version is lower-case letters, digits, dots and dashes", version)
	}
	if _, err := os.Stat(filepath.Join(corpusFolder, version)); err == nil && !*recordAgain {
		t.Fatalf(
			"workflows/%s is there already, recorded by the code of its time; name another VERSION, or add FORCE=1 "+
				"to lose it",
			filepath.Join(corpusFolder, version),
		)
	}
	return version
}

// recorder lives one life and keeps the histories of its workflows.
type recorder struct {
	*workertest.Stack
	t               *testing.T
	berlin, hamburg fulfillment.ID // locations of the merchant's own
	signals         bool           // commands are signalled
	orders          []fulfillment.ID
	kept            []keptRun
}

type keptRun struct{ workflowID, runID string }

// apart lets a life have servers' databases and a worker of its own.
func (r *recorder) apart() {
	r.t.Helper()
	r.Stack, r.berlin, r.hamburg = workertest.Start(r.t), 0, 0
}

// order creates an order and gives its fulfillment orders.
func (r *recorder) order(order fulfillment.Order) []fulfillment.ID {
	r.t.Helper()
	created, err := r.Command.CreateOrder(r.t.Context(), order)
	if err != nil {
		r.t.Fatal(err)
	}
	r.orders = append(r.orders, created.OrderID)
	return created.FulfillmentOrderIDs
}

// units creates an order of one line at a location.
func (r *recorder) units(location fulfillment.ID, quantity int) fulfillment.ID {
	r.t.Helper()
	return r.order(fulfillment.Order{LineItems: []fulfillment.LineItem{
		{Title: "Blanket", SKU: "BLANKET", Quantity: quantity, LocationID: location}}})[0]
}

// part is some units of a fulfillment order's first line.
func (r *recorder) part(id fulfillment.ID, units int) []fulfillment.Quantity {
	r.t.Helper()
	return []fulfillment.Quantity{{ID: r.Load(id).Lines[0].ID, Quantity: units}}
}

// service is a fulfillment service whose people answer; with options, one that the simulated provider answers for.
func (r *recorder) service(options map[string]any) fulfillment.ID {
	r.t.Helper()
	service := fulfillment.Service{Name: "Service of " + r.t.Name(), Provider: fulfillment.ManualProvider}
	if options != nil {
		service.Provider, service.Options = "simulated", options
	}
	return r.Service(service).LocationID
}

// give sends a command and waits until it is carried out. A signalled one gives no result.
func (r *recorder) give(id fulfillment.ID, cmd fulfillment.Command) fulfillment.Result {
	r.t.Helper()
	if !r.signals {
		return r.Send(id, cmd)
	}
	before := r.Load(id).Sequence
	if err := r.Temporal.SignalWorkflow(
		r.t.Context(), temporalio.FulfillmentOrderID(id), "", string(cmd.Verb()), cmd,
	); err != nil {
		r.t.Fatalf("signal %s: %v", cmd.Verb(), err)
	}
	fo := r.Eventually(
		id, "changed by "+string(cmd.Verb()),
		func(fo *fulfillment.FulfillmentOrder) bool { return fo.Sequence > before },
	)
	if fo.LastRefusal != nil {
		r.t.Fatalf("signal %s: %+v", cmd.Verb(), fo.LastRefusal)
	}
	return fulfillment.Result{}
}

// joint gives an order a command on several of its fulfillment orders.
func (r *recorder) joint(orderID fulfillment.ID, cmd fulfillment.Joint) []fulfillment.Result {
	r.t.Helper()
	results, err := r.Command.Joint(r.t.Context(), orderID, cmd)
	if err != nil {
		r.t.Fatalf("%s: %v", cmd.Verb(), err)
	}
	r.keep(temporalio.OrderID(orderID))
	return results
}

// until waits for a state.
func (r *recorder) until(
	id fulfillment.ID, status fulfillment.Status, request fulfillment.RequestStatus,
) *fulfillment.FulfillmentOrder {
	r.t.Helper()
	return r.Eventually(id, fmt.Sprintf("%s/%s", status, request), func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.Status == status && fo.RequestStatus == request
	})
}

// keep remembers the present run of a workflow. The last runs of an order and of its fulfillment orders need not be
// kept by hand; runs before those do.
func (r *recorder) keep(workflowID string) {
	r.t.Helper()
	described, err := r.Temporal.DescribeWorkflowExecution(r.t.Context(), workflowID, "")
	if err != nil {
		r.t.Fatalf("%s: %v", workflowID, err)
	}
	run := keptRun{workflowID, described.WorkflowExecutionInfo.Execution.RunId}
	for _, other := range r.kept {
		if other == run {
			return
		}
	}
	r.kept = append(r.kept, run)
}

// write puts the histories of a life into a folder: of every run that was kept, and of the last run of everything that
// belongs to its orders. Of the orders that were only created, one life has enough.
func (r *recorder) write(folder string) {
	r.t.Helper()
	for _, id := range r.orders {
		r.keep(temporalio.OrderID(id))
		fos, err := r.Store.FulfillmentOrdersOf(r.t.Context(), id)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, fo := range fos {
			if fo.Finished() {
				closes(r.t, r.Stack, temporalio.FulfillmentOrderID(fo.ID))
			}
			r.keep(temporalio.FulfillmentOrderID(fo.ID))
		}
	}
	numbers := map[string]int{}
	for _, run := range r.kept {
		recorded := r.atRest(run)
		kind, _, _ := strings.Cut(run.workflowID, "/")
		if kind == "order" && !commanded(recorded) &&
			last(recorded) == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED && len(r.kept) > 1 &&
			!strings.HasPrefix(filepath.Base(folder), "created") {
			continue
		}
		numbers[kind]++
		writeHistory(r.t, filepath.Join(folder, fmt.Sprintf("%s-%d.json", kind, numbers[kind])), recorded)
	}
}

func commanded(recorded *historypb.History) bool {
	return count(recorded.Events, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED) > 0
}

// last is the type of the event with which a history ends.
func last(recorded *historypb.History) enumspb.EventType {
	return recorded.Events[len(recorded.Events)-1].EventType
}

// atRest reads the history of a run once it waits for nothing but commands and time.
func (r *recorder) atRest(run keptRun) *historypb.History {
	r.t.Helper()
	workertest.WaitFor(r.t, run.workflowID+" at rest", func() bool {
		described, err := r.Temporal.DescribeWorkflowExecution(r.t.Context(), run.workflowID, run.runID)
		if err != nil {
			r.t.Fatal(err)
		}
		order := strings.HasPrefix(run.workflowID, "order/") // It ends by itself.
		running := described.WorkflowExecutionInfo.Status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		return !running || !order && described.PendingWorkflowTask == nil && len(described.PendingActivities) == 0
	})
	recorded := &historypb.History{}
	events := r.Temporal.GetWorkflowHistory(
		r.t.Context(), run.workflowID, run.runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT,
	)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			r.t.Fatal(err)
		}
		recorded.Events = append(recorded.Events, e)
	}
	return recorded
}

// soon is a deadline that a life waits for.
const soon = 1200 * time.Millisecond
