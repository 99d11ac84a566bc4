// Package temporalio is what Packhorse and the Temporal service say to each other: the names and IDs of workflows,
// their payloads, the search attributes, and how a refusal crosses the wire.
package temporalio
