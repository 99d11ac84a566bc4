// Package rehearsal runs recorded orders through the live system on a compressed clock, and then compares what the
// store says with what the record says, order by order.
//
// Every order is created when it was purchased, requested and accepted when it was approved, shipped when the carrier
// got it, delivered, and cancelled when the record says so, on the system's own workflows, timers, store and provider
// queue. The rehearsal plays the merchant and every seller; each seller is a fulfillment service whose provider is
// the simulated one, told to leave the answers to the service, or a warehouse that speaks the contract over HTTP and
// tells by callbacks.
//
// The commands have IDs that follow from the order and the step, and are sent until they are answered, so a system
// that is stopped in the middle delays a rehearsal but doesn't change its result.
package rehearsal
