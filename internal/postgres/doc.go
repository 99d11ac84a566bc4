// Package postgres is the book that everybody reads: orders, fulfillment orders, their history, and the outbox of
// events, in PostgreSQL 15 or later.
//
// Writers are [Store.Commit], [Store.CreateOrder], [Store.EditOrder] and [Store.CancelOrder]. Each is one transaction
// of two round trips that first locks the order's row, so commits of one order's fulfillment orders queue instead of
// deadlocking, and each of them sees the others' units when it derives the order's status. Each may be repeated: a
// repeated one changes nothing and succeeds. Errors that are not one of this package's sentinels are those of the
// connection or the context: try again.
package postgres
