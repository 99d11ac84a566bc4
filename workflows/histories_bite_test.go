package workflows_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// TestDoctoredHistories makes sure that a history that is not what the code does is noticed, whatever differs.
func TestDoctoredHistories(t *testing.T) {
	t.Parallel()
	all := readCorpus(t, corpusFolder)
	const requested, created = "joint-commands/requested-by-update/fulfillment-order-1.json",
		"joint-commands/created-at-two-locations/order-1.json"
	for name, c := range map[string]struct {
		history string
		doctor  func(t *testing.T, h *historypb.History)
		answers bool // the SDK would not notice
	}{
		"without a commit": {
			requested, func(t *testing.T, h *historypb.History) { drop(t, h, enumspb.EVENT_TYPE_MARKER_RECORDED) },
			false,
		},
		"without a timer": {
			requested, func(t *testing.T, h *historypb.History) { drop(t, h, enumspb.EVENT_TYPE_TIMER_STARTED) }, false,
		},
		"without search attributes": {requested, func(t *testing.T, h *historypb.History) {
			drop(t, h, enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES)
		}, false},
		"without a provider call": {"joint-commands/provider-rejects/fulfillment-order-1.json", func(
			t *testing.T, h *historypb.History,
		) {
			drop(t, h, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
		}, false},
		"without a child": {created, func(t *testing.T, h *historypb.History) {
			drop(t, h, enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED)
		}, false},
		"with another local activity": {requested, func(t *testing.T, h *historypb.History) {
			data := first(
				t, h, enumspb.EVENT_TYPE_MARKER_RECORDED,
			).GetMarkerRecordedEventAttributes().Details["data"].Payloads[0]
			data.Data = bytes.Replace(data.Data, []byte(`"Commit"`), []byte(`"Load"`), 1)
		}, false},
		"with another activity": {"joint-commands/order-cancelled/order-1.json", func(
			t *testing.T, h *historypb.History,
		) {
			first(
				t, h, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
			).GetActivityTaskScheduledEventAttributes().ActivityType.Name = "Reserve"
		}, false},
		"in another order": {requested, func(t *testing.T, h *historypb.History) {
			i := firstEvent(
				t, h, func(e *historypb.HistoryEvent) bool { return e.EventType == enumspb.EVENT_TYPE_TIMER_STARTED },
			)
			a, b := h.Events[i-1], h.Events[i]
			a.EventId, b.EventId = b.EventId, a.EventId
			h.Events[i-1], h.Events[i] = b, a
		}, false},
		"that ended": {requested, func(_ *testing.T, h *historypb.History) {
			ended := new(historypb.WorkflowExecutionCompletedEventAttributes)
			h.Events = append(h.Events[:len(h.Events):len(h.Events)], &historypb.HistoryEvent{
				EventId: int64(len(h.Events) + 1), EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
				Attributes: &historypb.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
					WorkflowExecutionCompletedEventAttributes: ended,
				},
			})
		}, true},
		"with another answer": {requested, func(t *testing.T, h *historypb.History) {
			done := first(
				t, h, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
			).GetWorkflowExecutionUpdateCompletedEventAttributes()
			answer := done.Outcome.GetSuccess().Payloads[0]
			answer.Data = bytes.Replace(answer.Data, []byte(`"sequence":2`), []byte(`"sequence":3`), 1)
		}, true},
		"with another command": {requested, func(t *testing.T, h *historypb.History) {
			for _, e := range h.Events {
				request := e.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest()
				if request.GetInput().GetName() == "RejectCancellationRequest" {
					request.Input.Name = "AcceptCancellationRequest"
				}
			}
		}, false},
		"with other search attributes": {requested, func(t *testing.T, h *historypb.History) {
			last := len(h.Events) - 1 - slices.IndexFunc(reversed(h.Events), func(e *historypb.HistoryEvent) bool {
				return e.EventType == enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
			})
			fields := h.Events[last].GetUpsertWorkflowSearchAttributesEventAttributes().SearchAttributes.IndexedFields
			fields["FulfillmentOrderStatus"].Data = []byte(`"OPEN"`)
		}, true},
		"with another result": {created, func(_ *testing.T, h *historypb.History) {
			result := h.Events[len(h.Events)-1].GetWorkflowExecutionCompletedEventAttributes().Result.Payloads[0]
			result.Data = bytes.Replace(
				result.Data, []byte(`"fulfillmentOrderIds":[`), []byte(`"fulfillmentOrderIds":[4711,`), 1,
			)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorded := proto.CloneOf(all.named(t, c.history))
			id := recorded.Events[0].GetWorkflowExecutionStartedEventAttributes().WorkflowId
			if err := replay(id, recorded); err != nil {
				t.Fatalf("before it is doctored: %v", err)
			}
			c.doctor(t, recorded)
			err := replay(id, recorded)
			if err == nil {
				t.Fatal("it replays")
			}
			if isNondeterminism(err) == c.answers {
				t.Errorf("noticed by something else: %v", err)
			}
		})
	}
}

// drop takes the first event of this type out, and numbers what follows anew.
func drop(t *testing.T, h *historypb.History, kind enumspb.EventType) {
	t.Helper()
	i := firstEvent(t, h, func(e *historypb.HistoryEvent) bool { return e.EventType == kind })
	dropped := h.Events[i].EventId
	h.Events = slices.Delete(h.Events, i, i+1)
	for _, e := range h.Events {
		renumber(e.ProtoReflect(), dropped)
	}
}

// renumber lowers all numbers of events that came after the dropped one.
func renumber(m protoreflect.Message, dropped int64) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.Kind() == protoreflect.Int64Kind && strings.HasSuffix(string(field.Name()), "event_id") &&
			value.Int() > dropped:
			m.Set(field, protoreflect.ValueOfInt64(value.Int()-1))
		case field.Kind() == protoreflect.MessageKind && !field.IsList() && !field.IsMap():
			renumber(value.Message(), dropped)
		}
		return true
	})
}

func first(t *testing.T, h *historypb.History, kind enumspb.EventType) *historypb.HistoryEvent {
	t.Helper()
	return h.Events[firstEvent(t, h, func(e *historypb.HistoryEvent) bool { return e.EventType == kind })]
}

func reversed(events []*historypb.HistoryEvent) []*historypb.HistoryEvent {
	events = slices.Clone(events)
	slices.Reverse(events)
	return events
}

// TestChangedWorkflows makes sure that a change of the workflows that open runs would not survive is noticed: each is
// made to today's code from outside.
func TestChangedWorkflows(t *testing.T) {
	t.Parallel()
	all := readCorpus(t, corpusFolder)
	for name, change := range map[string]*mutant{
		"commands in another order": {upsert: func(
			out *mutantOut, _ workflow.Context, updates []temporal.SearchAttributeUpdate,
		) error {
			out.heldBack = append(out.heldBack, updates...)
			return nil
		}, timer: func(
			out *mutantOut, ctx workflow.Context, d time.Duration, options workflow.TimerOptions,
		) workflow.Future {
			timer := out.Next.NewTimerWithOptions(ctx, d, options)
			if len(out.heldBack) > 0 {
				_ = out.Next.UpsertTypedSearchAttributes(ctx, out.heldBack...)
				out.heldBack = nil
			}
			return timer
		}},
		"a command less": {
			upsert: func(*mutantOut, workflow.Context, []temporal.SearchAttributeUpdate) error { return nil },
		},
		"a command more": {timer: func(
			out *mutantOut, ctx workflow.Context, d time.Duration, options workflow.TimerOptions,
		) workflow.Future {
			workflow.SideEffect(ctx, func(workflow.Context) any { return 1 })
			return out.Next.NewTimerWithOptions(ctx, d, options)
		}},
		"another local activity": {local: func(name string) string {
			if name == "Commit" {
				return "Load"
			}
			return name
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			noticed := 0
			for _, h := range all.histories {
				if _, err := witnessed(h.started().WorkflowId, h.History, change); isNondeterminism(err) {
					noticed++
				} else if err != nil && noticed == 0 {
					t.Logf("%s: %v", h.name, err)
				}
			}
			if noticed == 0 {
				t.Error("every history replays")
			}
		})
	}
}

// mutant changes what the workflows do; what is nil stays as it is.
type mutant struct {
	interceptor.WorkerInterceptorBase
	upsert func(*mutantOut, workflow.Context, []temporal.SearchAttributeUpdate) error
	timer  func(*mutantOut, workflow.Context, time.Duration, workflow.TimerOptions) workflow.Future
	local  func(name string) string
}

func (m *mutant) InterceptWorkflow(
	_ workflow.Context, next interceptor.WorkflowInboundInterceptor,
) interceptor.WorkflowInboundInterceptor {
	in := &mutantIn{m: m}
	in.Next = next
	return in
}

type mutantIn struct {
	interceptor.WorkflowInboundInterceptorBase
	m *mutant
}

func (i *mutantIn) Init(outbound interceptor.WorkflowOutboundInterceptor) error {
	out := &mutantOut{m: i.m}
	out.Next = outbound
	return i.Next.Init(out)
}

type mutantOut struct {
	interceptor.WorkflowOutboundInterceptorBase
	m        *mutant
	heldBack []temporal.SearchAttributeUpdate
}

func (o *mutantOut) UpsertTypedSearchAttributes(ctx workflow.Context, updates ...temporal.SearchAttributeUpdate) error {
	if o.m.upsert != nil {
		return o.m.upsert(o, ctx, updates)
	}
	return o.Next.UpsertTypedSearchAttributes(ctx, updates...)
}

func (o *mutantOut) NewTimerWithOptions(
	ctx workflow.Context, d time.Duration, options workflow.TimerOptions,
) workflow.Future {
	if o.m.timer != nil {
		return o.m.timer(o, ctx, d, options)
	}
	return o.Next.NewTimerWithOptions(ctx, d, options)
}

func (o *mutantOut) ExecuteLocalActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	if o.m.local != nil {
		name = o.m.local(name)
	}
	return o.Next.ExecuteLocalActivity(ctx, name, args...)
}
