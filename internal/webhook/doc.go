// Package webhook is what apps subscribe to and what they are sent: subscriptions and what is wrong with one, which
// events a subscription's filter lets through, and what its list of fields leaves of a body. It has no database and
// makes no calls.
package webhook
