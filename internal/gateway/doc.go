// Package gateway is the HTTP front of the APIs: who asks, how much they may ask, what they ask, once, and how it is
// answered, logged and counted. What is asked for is an operation to it, whichever API it comes through; an API
// translates its requests into operations, as graphql.go does with documents. What the answer says is up to the schema
// that it is given.
package gateway
