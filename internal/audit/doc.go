// Package audit tells whether a store, the workflows that wrote it and the ledger of the simulated provider agree
// with each other and with what the callers of a run were told. It reads and never writes: a run of chaos, a
// rehearsal or an operator may ask it at any time, and once nothing is under way any more (AtRest) it must find
// nothing.
package audit
