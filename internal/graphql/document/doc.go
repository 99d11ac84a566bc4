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
// What a document asks for has a cost in points, in the way of Shopify's Admin API, which is known before it is
// executed. The points: scalars and enums are free; an object costs 1; an interface or union costs as much as its most
// expensive possible type; a connection costs 2 and its page size times the cost of one node (the wrappers edges and
// pageInfo are free); a list with a page size or with IDs costs its size times the cost of one object, any other list
// as much as one object; a mutation costs 10, which includes its payload and the objects which the payload names
// directly. Introspection is free and only limited in its nesting.
package document
