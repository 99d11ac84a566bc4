// Package temporalio connects to the Temporal service: a client from the settings,
// and the search attributes that Packhorse's workflows use.
package temporalio
