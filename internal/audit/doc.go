// Package audit tells whether a store, the workflows that wrote it and the ledger of the simulated provider agree
// with each other and with what the callers of a run were told. It reads and never writes. [Check] is for a system in
// which nothing is under way any more ([AtRest]), such as at the end of a run of chaos; [Live] for one that is at work.
// Both must find nothing.
package audit
