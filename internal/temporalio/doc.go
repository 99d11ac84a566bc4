// Package temporalio is what Packhorse and the Temporal service say to each other: a client from the settings, the names
// and IDs of workflows, their payloads, the search attributes, and how a refusal crosses the wire.
package temporalio
