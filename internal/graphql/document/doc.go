// Package document tells everything that can be wrong with a GraphQL request
// before it is executed: its syntax, its choice of an operation, the document
// against the schema, and the values of its variables.
//
// Messages, paths and extension codes are those of graphql-ruby, which runs
// Shopify's Admin API, so that apps which match on them keep working. The rules
// follow graphql-ruby's static validation: each definition is visited once, in
// the order of the document; all errors of all rules are reported; what lies
// inside something unknown is not looked at, so that one mistake makes one error.
package document
