// Package fulfillment is the domain of Packhorse: what a fulfillment order is, which commands it takes, and what
// each command does to it.
//
// It is a functional core. [FulfillmentOrder.Decide] takes the present state, a [Command] and an [Env] (the time, and
// the IDs that new things get) and returns a [Decision]: the new state, the transitions that led there, and the
// sibling fulfillment orders that were made. A refused command returns an [*Error] and changes nothing. There is no
// clock, no randomness and no I/O here, so the same inputs always give the same decision: that is what lets a
// Temporal workflow replay it.
//
// The rules are those of Shopify's fulfillment orders. Two axes describe one: [Status] (the work) and
// [RequestStatus] (the conversation between the merchant and the fulfillment service).
package fulfillment
