// Package workflows is the workflows of Packhorse. What callers need to start and command them from any Temporal
// SDK, the names, IDs and payloads, is in package temporalio.
package workflows
