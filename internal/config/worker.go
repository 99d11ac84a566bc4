package config

import (
	"log/slog"
	"time"
)

// Worker is what a worker process can be told beside its Database, Temporal and its providers' own settings.
type Worker struct {
	MetricsAddress string        `envconfig:"PACKHORSE_METRICS_ADDRESS" default:"127.0.0.1:9091" required:"true" desc:"host:port of /metrics, /livez and /readyz; port 0: any"`
	StopTimeout    time.Duration `envconfig:"PACKHORSE_STOP_TIMEOUT" default:"25s" min:"1s" max:"1h" desc:"how long running work may go on after SIGTERM; keep it below the grace of what stops the process"`

	StickyCacheSize            int `envconfig:"PACKHORSE_STICKY_CACHE_SIZE" default:"1000" min:"1" max:"100000" desc:"workflows kept in memory between their tasks"`
	MaxConcurrentWorkflowTasks int `envconfig:"PACKHORSE_MAX_CONCURRENT_WORKFLOW_TASKS" default:"200" min:"2" max:"10000" desc:"workflow tasks at the same time"`
	MaxConcurrentActivities    int `envconfig:"PACKHORSE_MAX_CONCURRENT_ACTIVITIES" default:"200" min:"1" max:"10000" desc:"activities at the same time, provider calls aside"`
	WorkflowPollers            int `envconfig:"PACKHORSE_WORKFLOW_POLLERS" default:"32" min:"2" max:"100" desc:"connections that wait for workflow tasks"`
	ActivityPollers            int `envconfig:"PACKHORSE_ACTIVITY_POLLERS" default:"16" min:"1" max:"100" desc:"connections that wait for activities"`

	Providers           Names   `envconfig:"PACKHORSE_PROVIDERS" default:"manual,simulated" desc:"fulfillment providers this worker serves, with commas"`
	ProviderConcurrency int     `envconfig:"PACKHORSE_PROVIDER_CONCURRENCY" default:"50" min:"1" max:"10000" desc:"calls to one provider at the same time"`
	ProviderRate        float64 `envconfig:"PACKHORSE_PROVIDER_RATE" default:"0" min:"0" max:"100000" desc:"calls to one provider per second, over all workers; 0: no limit"`

	WatchInterval time.Duration `envconfig:"PACKHORSE_WATCH_INTERVAL" default:"30s" min:"0s" max:"1h" desc:"how often one of the workers looks for fulfillment orders whose workflow is gone or behind the database; 0: never"`
	WatchGrace    time.Duration `envconfig:"PACKHORSE_WATCH_GRACE" default:"1m" min:"0s" max:"24h" desc:"how long something may be due before the watch looks why it has not happened"`
	ParcelSilence time.Duration `envconfig:"PACKHORSE_PARCEL_SILENCE" default:"168h" min:"0s" max:"87600h" desc:"how long nothing may be heard of a service's parcel that is on its way before the watch alerts people; 0: never"`

	FeedRetention time.Duration `envconfig:"PACKHORSE_FEED_RETENTION" default:"720h" min:"1h" max:"87600h" desc:"how long events are kept in the feed at least; the last 100,000 stay longer"`

	LogLevel  slog.Level `envconfig:"PACKHORSE_LOG_LEVEL" default:"info" allowed:"debug,info,warn,error" desc:"least severe messages to log"`
	LogFormat string     `envconfig:"PACKHORSE_LOG_FORMAT" default:"text" allowed:"text,json" desc:"how log lines are written"`

	DeploymentName string `envconfig:"TEMPORAL_DEPLOYMENT_NAME" desc:"worker deployment this worker belongs to; with a build ID, turns worker versioning on"`
	BuildID        string `envconfig:"TEMPORAL_WORKER_BUILD_ID" desc:"version of this worker within its deployment"`
}

// Versioned tells whether the worker belongs to a worker deployment.
func (w Worker) Versioned() bool { return w.DeploymentName != "" && w.BuildID != "" }

func (w Worker) problems() []string {
	if (w.DeploymentName == "") != (w.BuildID == "") {
		return []string{
			"TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID belong together: set both, or none to run " +
				"unversioned",
		}
	}
	return nil
}
