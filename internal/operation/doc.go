// Package operation is what Packhorse does for those who ask: a function for each thing that an API, the command line
// or a test asks for, in words of the domain. It asks whether the caller of the context may do that
// ([access.WithCaller]), at the place where it would be done; finds out which fulfillment order or order the command is
// for, and whether it concerns one or several; and names what is new after the idempotency key of the context
// ([WithKey]), so that the same, asked for again, is the same.
//
// What is denied comes back as an *access.Denied. What is refused comes back as a *fulfillment.Error, or as
// fulfillment.Refusals where there may be more than one.
package operation
