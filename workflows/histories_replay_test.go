package workflows_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	updatepb "go.temporal.io/api/update/v1"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/workflows"
)

// replay runs a history against today's code again. It is stricter than the SDK, which compares the kinds and the order
// of commands and hardly what is in them: callers must get the answers that they got, and the search attributes must
// become what they became. A decision that comes out differently is noticed by that.
func replay(workflowID string, recorded *historypb.History) error {
	_, err := witnessed(workflowID, recorded)
	return err
}

// witnessed is [replay] that also tells what the code did meanwhile. Changes are made to the code before, see [mutant].
func witnessed(
	workflowID string, recorded *historypb.History, changes ...interceptor.WorkerInterceptor,
) (*witness, error) {
	recorded = proto.CloneOf(recorded) // The SDK writes the search attributes of later events into the first one.
	saw := &witness{
		answers: map[string]answered{}, kinds: map[fulfillment.Kind]bool{},
		patches: map[string]map[workflow.Version]bool{},
	}
	replayer, err := worker.NewWorkflowReplayerWithOptions(
		// A busy machine with the race detector takes longer than a second for the largest states.
		worker.WorkflowReplayerOptions{Interceptors: append(changes, saw), DisableDeadlockDetection: true},
	)
	if err != nil {
		return nil, err
	}
	replayer.RegisterWorkflowWithOptions(workflows.Order, workflow.RegisterOptions{Name: temporalio.OrderType})
	replayer.RegisterWorkflowWithOptions(
		workflows.FulfillmentOrder, workflow.RegisterOptions{Name: temporalio.FulfillmentOrderType},
	)
	replayer.RegisterWorkflowWithOptions(
		workflows.ServiceDeletion, workflow.RegisterOptions{Name: temporalio.ServiceDeletionType},
	)
	replayer.RegisterWorkflowWithOptions(
		workflows.WebhookSubscription, workflow.RegisterOptions{Name: temporalio.WebhookSubscriptionType},
	)
	replayer.RegisterWorkflowWithOptions(
		workflows.ServiceCallbacks, workflow.RegisterOptions{Name: temporalio.ServiceCallbacksType},
	)
	replayer.RegisterWorkflowWithOptions(workflows.Return, workflow.RegisterOptions{Name: temporalio.ReturnType})
	run := workflow.Execution{ID: workflowID, RunID: runOf(recorded)}
	if err := replayer.ReplayWorkflowHistoryWithOptions(
		silent, recorded, worker.ReplayWorkflowHistoryOptions{OriginalExecution: run},
	); err != nil {
		return saw, err
	}
	return saw, errors.Join(saw.sameAnswers(recorded), saw.sameAttributes(recorded), saw.sameResult(recorded))
}

// silent is the replayer's logger: what it has to say is in its error.
var silent = log.NewStructuredLogger(slog.New(slog.DiscardHandler))

// runOf is the ID of the run that a history is of. A run that was reset begins with the events of the run before.
func runOf(recorded *historypb.History) string {
	id := recorded.Events[0].GetWorkflowExecutionStartedEventAttributes().GetOriginalExecutionRunId()
	for _, e := range recorded.Events {
		if next := e.GetWorkflowTaskFailedEventAttributes().GetNewRunId(); next != "" {
			id = next
		}
	}
	return id
}

// witness sees what a workflow does in a replay.
type witness struct {
	interceptor.WorkerInterceptorBase

	mu         sync.Mutex
	answers    map[string]answered // by update ID
	result     answered            // of the workflow, when it is over
	attributes []map[string]string // of each upsert, as JSON, without those that it takes away
	kinds      map[fulfillment.Kind]bool
	patches    map[string]map[workflow.Version]bool // what GetVersion said, by change ID
}

type answered struct {
	answer any
	err    error
}

func (w *witness) InterceptWorkflow(
	_ workflow.Context, next interceptor.WorkflowInboundInterceptor,
) interceptor.WorkflowInboundInterceptor {
	in := &witnessIn{w: w}
	in.Next = next
	return in
}

type witnessIn struct {
	interceptor.WorkflowInboundInterceptorBase
	w *witness
}

func (i *witnessIn) Init(outbound interceptor.WorkflowOutboundInterceptor) error {
	out := &witnessOut{w: i.w}
	out.Next = outbound
	return i.Next.Init(out)
}

func (i *witnessIn) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	result, err := i.Next.ExecuteWorkflow(ctx, in)
	i.w.mu.Lock()
	defer i.w.mu.Unlock()
	i.w.result = answered{result, err}
	return result, err
}

func (i *witnessIn) ExecuteUpdate(ctx workflow.Context, in *interceptor.UpdateInput) (any, error) {
	answer, err := i.Next.ExecuteUpdate(ctx, in)
	i.w.mu.Lock()
	defer i.w.mu.Unlock()
	i.w.answers[workflow.GetCurrentUpdateInfo(ctx).ID] = answered{answer, err}
	return answer, err
}

type witnessOut struct {
	interceptor.WorkflowOutboundInterceptorBase
	w *witness
}

func (o *witnessOut) GetVersion(
	ctx workflow.Context, changeID string, lowest, highest workflow.Version,
) workflow.Version {
	version := o.Next.GetVersion(ctx, changeID, lowest, highest)
	o.w.mu.Lock()
	defer o.w.mu.Unlock()
	if o.w.patches[changeID] == nil {
		o.w.patches[changeID] = map[workflow.Version]bool{}
	}
	o.w.patches[changeID][version] = true
	return version
}

func (o *witnessOut) UpsertTypedSearchAttributes(
	ctx workflow.Context, updates ...temporal.SearchAttributeUpdate,
) error {
	shown := map[string]string{}
	attributes := temporal.NewSearchAttributes(updates...)
	for key, value := range attributes.GetUntypedValues() {
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		shown[key.GetName()] = string(text)
	}
	o.w.mu.Lock()
	o.w.attributes = append(o.w.attributes, shown)
	o.w.mu.Unlock()
	return o.Next.UpsertTypedSearchAttributes(ctx, updates...)
}

// ExecuteLocalActivity looks for transitions in what is to be stored, wherever they are: a history says nothing of what
// its local activities were given.
func (o *witnessOut) ExecuteLocalActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	o.w.mu.Lock()
	defer o.w.mu.Unlock()
	for _, arg := range args {
		if body, err := json.Marshal(arg); err == nil {
			var content any
			if json.Unmarshal(body, &content) == nil {
				o.w.addKinds(content)
			}
		}
	}
	return o.Next.ExecuteLocalActivity(ctx, name, args...)
}

// addKinds finds transitions by their look: they have a kind and a sequence.
func (w *witness) addKinds(content any) {
	switch content := content.(type) {
	case []any:
		for _, c := range content {
			w.addKinds(c)
		}
	case map[string]any:
		kind, ok := content["kind"].(string)
		if _, numbered := content["sequence"]; ok && numbered {
			w.kinds[fulfillment.Kind(kind)] = true
		}
		for _, c := range content {
			w.addKinds(c)
		}
	}
}

// sameAnswers checks the answer of each update that the history says was answered.
func (w *witness) sameAnswers(recorded *historypb.History) error {
	var errs []error
	for _, e := range recorded.Events {
		done := e.GetWorkflowExecutionUpdateCompletedEventAttributes()
		if done == nil {
			continue
		}
		id := done.GetMeta().GetUpdateId()
		again, ok := w.answers[id]
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("update %s was answered, and is not any more", id))
		case done.Outcome.GetFailure() != nil && again.err == nil, done.Outcome.GetSuccess() != nil && again.err != nil:
			errs = append(errs, fmt.Errorf("update %s was answered %v, and now %+v", id, done.Outcome, again))
		case again.err == nil:
			if err := within(answerOf(done.Outcome), again.answer); err != nil {
				errs = append(errs, fmt.Errorf("update %s: %w", id, err))
			}
		}
	}
	return errors.Join(errs...)
}

// answerOf is the JSON of an answer; nil if there is none.
func answerOf(outcome *updatepb.Outcome) []byte {
	if payloads := outcome.GetSuccess().GetPayloads(); len(payloads) > 0 {
		return payloads[0].GetData()
	}
	return nil
}

// sameResult checks what the run ended with, if it did: that it failed is no command to the SDK's replayer.
func (w *witness) sameResult(recorded *historypb.History) error {
	end := recorded.Events[len(recorded.Events)-1]
	if end.EventType == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED && w.result.err == nil {
		return fmt.Errorf("the run failed, and now gives %+v", w.result)
	}
	for _, p := range end.GetWorkflowExecutionCompletedEventAttributes().GetResult().GetPayloads() {
		if err := within(p.GetData(), w.result.answer); err != nil {
			return fmt.Errorf("the result: %w", err)
		}
	}
	return nil
}

// within checks that all that was said before is still said. To say more is allowed.
func within(before []byte, now any) error {
	if len(before) == 0 || string(before) == "null" {
		return nil
	}
	body, err := json.Marshal(now)
	if err != nil {
		return err
	}
	read := func(data []byte) (content any, err error) {
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber() // An ID has more digits than a float.
		return content, decoder.Decode(&content)
	}
	a, errA := read(before)
	b, errB := read(body)
	if errA == nil && errB == nil && contains(b, a) {
		return nil
	}
	return errors.Join(fmt.Errorf("was answered %s, and now %s", before, body), errA, errB)
}

func contains(all, some any) bool {
	switch some := some.(type) {
	case map[string]any:
		fields, ok := all.(map[string]any)
		for name, value := range some {
			ok = ok && contains(fields[name], value)
		}
		return ok
	case []any:
		list, ok := all.([]any)
		return ok && slices.EqualFunc(list, some, contains)
	}
	if text, ok := all.(string); ok { // IDs were numbers once.
		if number, ok := some.(json.Number); ok {
			return text == number.String()
		}
	}
	return all == some
}

// changeVersions is the attribute in which the SDK itself keeps the patches.
const changeVersions = "TemporalChangeVersion"

func (w *witness) sameAttributes(recorded *historypb.History) error {
	var before []map[string]string
	for _, e := range recorded.Events {
		upsert := e.GetUpsertWorkflowSearchAttributesEventAttributes()
		fields := upsert.GetSearchAttributes().GetIndexedFields()
		if _, own := fields[changeVersions]; own || upsert == nil {
			continue
		}
		shown := map[string]string{}
		for name, payload := range fields {
			if value := string(payload.GetData()); value != "null" && value != "[]" && value != "" {
				shown[name] = value
			}
		}
		before = append(before, shown)
	}
	if !slices.EqualFunc(before, w.attributes, maps.Equal) {
		return fmt.Errorf("search attributes became %v, and now %v", before, w.attributes)
	}
	return nil
}

// isNondeterminism tells the SDK's word for a workflow that does not do what its history says.
func isNondeterminism(err error) bool {
	return err != nil && bytes.Contains([]byte(err.Error()), []byte("TMPRL1100"))
}
