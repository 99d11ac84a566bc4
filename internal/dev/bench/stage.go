package bench

// Stage is a place where an order's time goes, as the worker's metrics tell it. Stages overlap: a workflow task holds
// the commits that it makes.
type Stage struct {
	Name     string  `json:"name"`
	PerOrder float64 `json:"perOrder"` // how often it happens in an order's life
	Mean     float64 `json:"mean"`     // seconds, each time
	Seconds  float64 `json:"seconds"`  // per order: PerOrder × Mean
}

// stages are the metrics of the stages, in the order of a workflow task, then of an activity.
var stages = []struct{ name, metric, label, value string }{
	{"workflow task waits for the worker", "temporal_workflow_task_schedule_to_start_latency_seconds", "", ""},
	{"workflow task is worked on", "temporal_workflow_task_execution_latency_seconds", "", ""},
	{"· commit as local activity", "temporal_local_activity_execution_latency_seconds", "", ""},
	{"· of that, in PostgreSQL", "packhorse_commit_seconds", "mode", "local"},
	{"workflow task is replayed", "temporal_workflow_task_replay_latency_seconds", "", ""},
	{"workflow task is handed in", "temporal_request_latency_seconds", "operation", "RespondWorkflowTaskCompleted"},
	{"activity waits for the worker", "temporal_activity_schedule_to_start_latency_seconds", "", ""},
	{"activity runs", "temporal_activity_execution_latency_seconds", "", ""},
	{"· of that, the provider", "packhorse_provider_call_seconds", "", ""},
	{"activity's result is handed in", "temporal_request_latency_seconds", "operation", "RespondActivityTaskCompleted"},
	{"other requests to Temporal", "", "", ""},
}

// stagesOf is what happened between two scrapes, for so many orders.
func stagesOf(before, after scrape, orders int) []Stage {
	const requests = "temporal_request_latency_seconds"
	rest := after.total(requests, "", "").minus(before.total(requests, "", ""))
	var all []Stage
	for _, s := range stages {
		t := rest
		if s.metric != "" {
			t = after.total(s.metric, s.label, s.value).minus(before.total(s.metric, s.label, s.value))
		}
		if s.metric == requests {
			rest = rest.minus(t)
		}
		stage := Stage{Name: s.name, PerOrder: t.count / float64(orders), Seconds: t.sum / float64(orders)}
		if t.count > 0 {
			stage.Mean = t.sum / t.count
		}
		all = append(all, stage)
	}
	return all
}
