// Package telemetry is how a Packhorse process tells what it does: structured
// logs without personal data, Prometheus metrics (ours and the Temporal SDK's)
// in a registry of their own, and the HTTP server for probes and scrapes.
package telemetry
