// Package cost bounds what one GraphQL query may ask for and what one caller may
// ask for in a time, in the way of Shopify's Admin API: each query has a cost in
// points, known before it is executed; each token has a bucket of points, which refills
// at a steady rate.
//
// The points: scalars and enums are free; an object costs 1; an interface or union
// costs as much as its most expensive possible type; a connection costs 2 and its page size
// times the cost of one node (the wrappers edges and pageInfo are free); a list with a
// page size or with IDs costs its size times the cost of one object, any other list as
// much as one object; a mutation costs 10, which includes its payload and
// the objects which the payload names directly. Introspection is free and only
// limited in its nesting.
package cost
