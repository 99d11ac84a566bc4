package worker_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	enums "go.temporal.io/api/enums/v1"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker"
	"packhorse/internal/worker/workertest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// labelMaker is a provider whose first answer is lost, though it has made a label. It tells by itself that it shipped.
type labelMaker struct {
	manual.Provider // for options

	host provider.Host
	ran  chan error // gets what Run returned

	mu      sync.Mutex
	created []time.Time
	looked  []time.Time
	made    chan provider.Request
}

func (*labelMaker) ID() string { return "label-maker" }

func (l *labelMaker) answer() provider.Answer {
	return provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: "shp_1",
		Labels: []fulfillment.Label{{TrackingNumber: "1Z999", LabelURL: "https://labels.example/1Z999.pdf"}},
		Documents: []provider.Document{{Content: []byte("%PDF-1.7 Ada, Kai 1"), Document: fulfillment.Document{
			Kind: fulfillment.DocumentLabel, Name: "1Z999.pdf", ContentType: "application/pdf"}}},
		Data: map[string]any{"shipment": "shp_1", "apiKey": "secret"}}
}

func (l *labelMaker) Create(_ context.Context, r provider.Request) (provider.Answer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.created = append(l.created, time.Now())
	if len(l.created) == 1 {
		return provider.Answer{}, errors.New("connection reset")
	}
	l.made <- r
	return l.answer(), nil
}

// Lookup lags: it finds nothing.
func (l *labelMaker) Lookup(context.Context, provider.Query) ([]provider.Found, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.looked = append(l.looked, time.Now())
	return nil, nil
}

func (l *labelMaker) Run(ctx context.Context) (err error) {
	defer func() { l.ran <- err }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case r := <-l.made:
			shipped := provider.News{
				ID: r.Key + "/shipped", About: provider.Subject{FulfillmentOrderID: r.FulfillmentOrderID},
				Service: r.ServiceID, Command: &fulfillment.CreateFulfillment{},
			}
			for ctx.Err() == nil { // The answer is on its way: it is refused until then.
				if _, err := provider.Tell(ctx, l.host.Reporter, l.ID(), shipped); err == nil {
					break
				}
			}
		}
	}
}

// TestProviderFromTheCatalogue: the worker knows nothing of a provider but its entry. It waits for its Settle, keeps
// what comes with its answer, runs it, and closes it.
func TestProviderFromTheCatalogue(t *testing.T) {
	t.Parallel()
	const settle = 3 * time.Second
	maker := &labelMaker{ran: make(chan error, 1), made: make(chan provider.Request, 1)}
	closed := 0
	s := workertest.Start(t)
	s.StopWorker()
	s.Settings.Providers = append(s.Settings.Providers, provider.Entry{
		ID: maker.ID(), What: "Makes labels", Settle: settle, Queue: &provider.Queue{Concurrency: 1}, Offline: maker,
		Open: func(_ context.Context, host provider.Host) (provider.Provider, func(), error) {
			maker.host = host
			return maker, func() { closed++ }, nil
		},
	})
	s.Settings.Worker.Providers = config.Names{fulfillment.ManualProvider, maker.ID()}
	s.StartWorker()
	service := s.Service(fulfillment.Service{Name: "Labels", Provider: maker.ID()})
	id := s.Order(service.LocationID, 2)
	s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
	fo := s.Eventually(id, "shipped by the provider itself", (*fulfillment.FulfillmentOrder).Shipped)

	kept := fo.RequestAttachments
	if kept == nil || len(kept.Labels) != 1 || kept.Labels[0].TrackingNumber != "1Z999" || len(kept.Documents) != 1 ||
		kept.Documents[0].Name != "1Z999.pdf" || len(kept.Data) != 1 || kept.Data["shipment"] != "shp_1" {
		t.Errorf("kept %+v; want the label, the document without its content, and the data without the secret", kept)
	}
	steps, err := s.Store.Transitions(t.Context(), id, postgres.Page{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	told := false
	for _, step := range steps.Items {
		told = told || step.Kind == fulfillment.KindAccepted && step.Details.Attachments != nil &&
			step.Details.Attachments.Labels[0].TrackingNumber == "1Z999"
	}
	if !told {
		t.Errorf("no transition tells of the label: %+v", steps.Items)
	}
	documents, err := s.Store.DocumentsOf(t.Context(), []fulfillment.ID{id})
	if err != nil || len(documents[id]) != 1 || documents[id][0].TrackingNumber != "1Z999" {
		t.Fatalf("the documents are %+v (%v), want the label, once", documents[id], err)
	}
	content, err := s.Store.PrintDocument(t.Context(), documents[id][0].ID, "test")
	if err != nil || string(content) != "%PDF-1.7 Ada, Kai 1" {
		t.Errorf("the label is %q (%v)", content, err)
	}
	history := s.Temporal.GetWorkflowHistory(
		t.Context(), temporalio.FulfillmentOrderID(id), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT,
	)
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			t.Fatal(err)
		}
		encoded := base64.StdEncoding.EncodeToString([]byte("%PDF-1.7 Ada, Kai 1"))
		if text := event.String(); strings.Contains(text, "Kai 1") || strings.Contains(text, encoded) {
			t.Errorf("the history has the label: %s", text)
		}
	}

	maker.mu.Lock()
	if len(maker.created) != 2 || len(maker.looked) == 0 || maker.created[1].Sub(maker.created[0]) < settle {
		t.Errorf("called at %v, looked up at %v; want it called again only after %s",
			maker.created, maker.looked, settle)
	}
	maker.mu.Unlock()

	s.StopWorker()
	if err := <-maker.ran; err != nil || closed != 1 {
		t.Errorf("it ran until %v, and was closed %d times", err, closed)
	}
}

func TestWorkerRefusesUnknownProvider(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	s.StopWorker()
	s.Settings.Worker.Providers = config.Names{"robots"}
	want := "PACKHORSE_PROVIDERS: Could not find a fulfillment provider with id: robots; there are manual, simulated"
	if err := worker.Run(t.Context(), s.Settings, t.Output()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}
