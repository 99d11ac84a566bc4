// Package gateway is the HTTP front of the Admin API: who asks, how much they may ask, what they ask, once, and how it
// is answered, logged and counted. What the answer says is up to the schema that it is given.
package gateway
