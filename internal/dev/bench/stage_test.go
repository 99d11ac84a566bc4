package bench

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// metricsPage is what a worker says after so many orders, each with two workflow tasks of 30 ms and two requests.
func metricsPage(orders int) string {
	return fmt.Sprintf(`# TYPE temporal_workflow_task_execution_latency_seconds histogram
temporal_workflow_task_execution_latency_seconds_bucket{workflow_type="Order",le="+Inf"} %[1]d
temporal_workflow_task_execution_latency_seconds_sum{workflow_type="Order"} %[2]f
temporal_workflow_task_execution_latency_seconds_count{workflow_type="Order"} %[1]d
temporal_workflow_task_execution_latency_seconds_bucket{workflow_type="FulfillmentOrder",le="+Inf"} %[1]d
temporal_workflow_task_execution_latency_seconds_sum{workflow_type="FulfillmentOrder"} %[3]f
temporal_workflow_task_execution_latency_seconds_count{workflow_type="FulfillmentOrder"} %[1]d
# TYPE temporal_request_latency_seconds histogram
temporal_request_latency_seconds_bucket{operation="RespondWorkflowTaskCompleted",le="+Inf"} %[1]d
temporal_request_latency_seconds_sum{operation="RespondWorkflowTaskCompleted"} %[2]f
temporal_request_latency_seconds_count{operation="RespondWorkflowTaskCompleted"} %[1]d
temporal_request_latency_seconds_bucket{operation="Other",le="+Inf"} %[1]d
temporal_request_latency_seconds_sum{operation="Other"} %[3]f
temporal_request_latency_seconds_count{operation="Other"} %[1]d
# TYPE packhorse_commits_total counter
packhorse_commits_total{result="done"} %[1]d
packhorse_commits_total{result="stale"} 1
`, orders, 0.02*float64(orders), 0.04*float64(orders))
}

func TestStages(t *testing.T) {
	t.Parallel()
	orders := 10
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, metricsPage(orders))
	}))
	defer server.Close()
	before, err := scrapeMetrics(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	orders = 30
	after, err := scrapeMetrics(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if got := after.total("packhorse_commits_total", "result", "done").sum; got != 30 {
		t.Errorf("%v commits, want 30", got)
	}
	found := map[string]Stage{}
	for _, s := range stagesOf(before, after, 20) {
		found[s.Name] = s
	}
	for name, want := range map[string]string{
		"workflow task is worked on":    "2.0 × 30 ms = 60 ms",
		"workflow task is handed in":    "1.0 × 20 ms = 20 ms",
		"other requests to Temporal":    "1.0 × 40 ms = 40 ms",
		"activity waits for the worker": "0.0 × 0 ms = 0 ms",
	} {
		s := found[name]
		if got := fmt.Sprintf("%.1f × %.0f ms = %.0f ms", s.PerOrder, 1000*s.Mean, 1000*s.Seconds); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestScrapeMetricsRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if _, err := scrapeMetrics(t.Context(), server.URL); err == nil {
		t.Error("a page that is not there is read")
	}
}
