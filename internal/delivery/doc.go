// Package delivery brings webhooks to their receivers: what a request says beside its body, how it is signed, and the
// call itself, to addresses that others have named.
package delivery
