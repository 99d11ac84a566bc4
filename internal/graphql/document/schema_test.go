package document_test

import (
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"packhorse/internal/graphql/document"
)

// schema has one of everything the rules speak of.
var schema = gqlparser.MustLoadSchema(&ast.Source{Name: "test.graphql", Input: `
scalar DateTime scalar Date scalar URL scalar Decimal scalar Money scalar UnsignedInt64 scalar JSON scalar Colour

directive @idempotent(key: String!) on FIELD
directive @tag(name: String) repeatable on FIELD

schema { query: QueryRoot mutation: Mutation }

interface Node { id: ID! }
interface Animal { name: String! }
union Thing = Order | Shop
enum Status { OPEN CLOSED }

type Order implements Node {
  id: ID!
  name(upper: Boolean = false): String
  status: Status!
  lines(first: Int, query: String): LineConnection!
  self: Order!
}
type Shop implements Node { id: ID! title: String size: Int }
type Dog implements Animal { name: String! }
type LineConnection { nodes: [Order!]! }
type UserError { field: [String!] message: String! }
type OrderPayload { order: Order userErrors: [UserError!]! }

input AddressInput { city: String! zip: String }
input OrderInput {
  name: String!
  note: String = "none"
  quantity: Int
  status: Status
  at: DateTime
  url: URL
  price: Decimal
  address: AddressInput
  addresses: [AddressInput!]
  ids: [ID!]
  extra: JSON
}

type QueryRoot {
  order(id: ID!): Order
  orders(ids: [ID!], status: Status, at: DateTime, page: Int = 1): [Order!]!
  node(id: ID!): Node
  thing: Thing
  animal: Animal
  scalars(int: Int, float: Float, string: String, boolean: Boolean, id: ID, dateTime: DateTime, date: Date,
    url: URL, decimal: Decimal, money: Money, unsigned: UnsignedInt64, json: JSON, colour: Colour, status: Status,
    matrix: [[Int!]!]): String
  input(input: OrderInput!): String
}
type Mutation { create(input: OrderInput!, message: String): OrderPayload }
`})

func prepare(t *testing.T, query string, variables map[string]any) (*document.Prepared, gqlerror.List) {
	t.Helper()
	p, _, errs := document.Prepare(schema, document.Request{Query: query, Variables: variables})
	if (p == nil) == (len(errs) == 0) {
		t.Fatalf("Prepare(%s) = %v, %v; want just one of both", query, p, errs)
	}
	return p, errs
}
