package paper

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
	"packhorse/internal/telemetry"
)

// shelf is a store of one document that is to be fetched.
type shelf struct {
	metrics  *telemetry.Metrics
	mu       sync.Mutex
	due      []Document
	content  map[fulfillment.ID]string
	problems []string
	again    []time.Duration
	change   chan struct{}
}

func (s *shelf) KeepDocuments(_ context.Context, found []Found) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range found {
		f.Attempts = 1
		s.due = append(s.due, f.Document)
	}
	return nil
}

func (s *shelf) DueDocuments(context.Context, []string, int, time.Duration) ([]Document, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := s.due
	s.due = nil
	return due, nil
}

func (s *shelf) DocumentFetched(_ context.Context, id fulfillment.ID, content []byte, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.content[id] = string(content)
	s.change <- struct{}{}
	return nil
}

func (s *shelf) DocumentMissed(_ context.Context, _ fulfillment.ID, problem string, again time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problems, s.again = append(s.problems, problem), append(s.again, again)
	s.change <- struct{}{}
	return nil
}

// printer gives documents once more.
type printer struct {
	manual.Provider
	list []provider.Document
	err  error

	asked provider.Query
}

func (*printer) ID() string { return "printer" }

func (p *printer) Documents(
	_ context.Context, of provider.Query, _ fulfillment.DocumentKind,
) ([]provider.Document, error) {
	p.asked = of
	return p.list, p.err
}

// run has a keeper see to the shelf until something has become of its document.
func (s *shelf) run(t *testing.T, fetcher *Fetcher, p provider.Provider, answer provider.Answer) {
	t.Helper()
	s.content, s.change = map[fulfillment.ID]string{}, make(chan struct{}, 10)
	k := NewKeeper(s, fetcher, slog.New(slog.DiscardHandler), p)
	k.Metrics = s.metrics
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()
	if err := k.Keep(t.Context(), Document{
		ID: 7, Provider: "printer", RequestKey: "fulfillment-order/9#3", BroughtBy: 5,
	}, answer); err != nil {
		t.Fatal(err)
	}
	<-s.change
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestKeeperFetches: what an answer only names is fetched at once, and tried again while it may come.
func TestKeeperFetches(t *testing.T) {
	t.Parallel()
	label := func(uri string) provider.Answer {
		return provider.Answer{Labels: []fulfillment.Label{{TrackingNumber: "1", LabelURL: uri}}}
	}
	for rule, c := range map[string]struct {
		handle http.HandlerFunc
		want   string
		says   string
		again  bool
		counts string // as
	}{
		"is_there":      {give(200, pdf), pdf, "", false, telemetry.DocumentFetched},
		"may_come":      {give(404, ""), "", "404", true, telemetry.DocumentAgain},
		"never_will_be": {give(200, "<html>"), "", "none of PDF", false, telemetry.DocumentGivenUp},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			uri, roots := files(t, true, c.handle)
			counted := prometheus.NewRegistry()
			s := &shelf{metrics: telemetry.NewMetrics(counted)}
			s.run(t, NewFetcher(callback.Rules{AllowPrivate: true}, roots), new(printer), label(uri))
			want := "# HELP packhorse_documents_total Attempts to fetch labels and documents of fulfillment services, by how " +
				"that ended.\n# TYPE packhorse_documents_total counter\n" +
				`packhorse_documents_total{outcome="` + c.counts + `",provider="printer"} 1` + "\n"
			if err := testutil.GatherAndCompare(counted, strings.NewReader(want), "packhorse_documents_total"); err != nil {
				t.Error(err)
			}
			if s.content[7] != c.want {
				t.Errorf("the content is %q, want %q", s.content[7], c.want)
			}
			if c.says != "" && (len(s.problems) != 1 || !strings.Contains(s.problems[0], c.says) || (s.again[0] > 0) != c.again) {
				t.Errorf("it says %q, again after %v", s.problems, s.again)
			}
		})
	}
}

// TestKeeperAsksTheProvider: a document without a URL is asked for.
func TestKeeperAsksTheProvider(t *testing.T) {
	t.Parallel()
	named := provider.Answer{Reference: "shp_1", Documents: []provider.Document{document("invoice", "i", "", "")}}
	for rule, c := range map[string]struct {
		printer *printer
		want    string
		says    string
		again   bool
	}{
		"gives_it": {&printer{list: []provider.Document{document("invoice", "i", "", pdf)}}, pdf, "", false},
		"gives_it_among_others": {&printer{list: []provider.Document{
			document("invoice", "x", "", pdf+"x"), document("invoice", "i", "", pdf),
		}}, pdf, "", false},
		"has_none_yet": {new(printer), "", "none of that name", true},
		"is_away":      {&printer{err: errors.New("down")}, "", "does not give it now", true},
		"refuses": {&printer{err: &provider.Error{Class: provider.Permanent, Message: "no such shipment"}}, "",
			"no such shipment", false},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			s := new(shelf)
			s.run(t, NewFetcher(callback.Rules{}, nil), c.printer, named)
			if of := c.printer.asked; of.Reference != "shp_1" || of.RequestKey != "fulfillment-order/9#3" || of.ServiceID != 5 {
				t.Errorf("it was asked for %+v", of)
			}
			if s.content[7] != c.want {
				t.Errorf("the content is %q, want %q", s.content[7], c.want)
			}
			if c.says != "" && (len(s.problems) != 1 || !strings.Contains(s.problems[0], c.says) || (s.again[0] > 0) != c.again) {
				t.Errorf("it says %q, again after %v", s.problems, s.again)
			}
		})
	}
}

// TestKeeperGivesUp: after the last of its pauses a document is not tried any more.
func TestKeeperGivesUp(t *testing.T) {
	t.Parallel()
	s := &shelf{due: []Document{{ID: 7, Provider: "printer", Attempts: len(retries) + 1}}}
	s.run(t, NewFetcher(callback.Rules{}, nil), new(printer), provider.Answer{})
	if len(s.again) != 1 || s.again[0] != 0 {
		t.Errorf("it is tried again after %v", s.again)
	}
}
