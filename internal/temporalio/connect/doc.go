// Package connect makes a client of the Temporal service from the settings. It is apart from package temporalio because
// workflows, which have no settings, need the rest of that.
package connect
