// Package document tells everything that can be wrong with a GraphQL request
// before it is executed: its syntax, its choice of an operation, the document
// against the schema, the values of its variables, and what it asks for.
//
// Messages, paths and extension codes are those of graphql-ruby, which runs
// Shopify's Admin API, so that apps which match on them keep working. The rules
// follow graphql-ruby's static validation: each definition is visited once, in
// the order of the document; all errors of all rules are reported; what lies
// inside something unknown is not looked at, so that one mistake makes one error.
//
// What a document asks for has a cost in points, which is known before it is executed: that of Shopify's Admin API, as
// its recorded answers tell it. Scalars and enums are free; an object costs 1, and so does a list, whatever its length;
// an interface or union costs as much as its most expensive possible type; a connection costs 2, and the price of one
// node times floor(2 ln n) for a page of n (the wrappers edges and pageInfo are free); a mutation costs 10, which
// includes its payload and the objects which the payload names directly. A document costs 1 at least. Some fields and
// types have prices of their own.
package document
