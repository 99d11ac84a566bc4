package document

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Limits are what a single query may ask for. A limit of 0 is none.
type Limits struct {
	// MaxCost is the highest cost in points; Shopify's is 1000.
	MaxCost int
	// MaxDepth is how deep fields may be nested; fields of introspection do not count.
	MaxDepth int
	// MaxPageSize is the highest first or last of a connection; Shopify's is 250.
	MaxPageSize int
	// MaxInputSize is how many items a list among the arguments may have; Shopify's is 250.
	MaxInputSize int
	// MaxNodes is how many objects the answer may have when all pages are full, and plain lists have ten each.
	MaxNodes int
	// MaxFields is how many fields may be asked for of one object, each alias counted.
	MaxFields int
	// MaxArguments is how many bytes long arguments may have, counted for each field that is given them: a variable
	// that stands in many places, or in a page of many objects, counts as often.
	MaxArguments int
}

// DefaultLimits are Shopify's cost and page size, with a depth which no document of a known app comes near, and a
// number of nodes which none reaches that Shopify's cost allows: pages of pages of pages.
var DefaultLimits = Limits{
	MaxCost: 1000, MaxDepth: 20, MaxPageSize: 250, MaxInputSize: 250, MaxNodes: 5_000_000,
	MaxFields: 500, MaxArguments: 1 << 20,
}

// maxIntrospection is how many lists of introspection may be nested. GraphiQL's query nests
// three (the arguments of the fields of the types); each further one multiplies the answer
// by the number of fields or types.
const maxIntrospection = 3

// check returns the errors of a query which exceeds the limits.
func (l Limits) check(r Requested) gqlerror.List {
	var errs gqlerror.List
	if l.MaxDepth > 0 && r.Depth > l.MaxDepth {
		errs = append(errs, costError(CodeMaxDepthExceeded,
			fmt.Sprintf("Query has depth of %d, which exceeds max depth of %d", r.Depth, l.MaxDepth)))
	}
	if l.MaxCost > 0 && r.Cost > l.MaxCost {
		e := costError(CodeMaxCostExceeded,
			fmt.Sprintf("Query cost is %d, which exceeds the single query max cost limit (%d).", r.Cost, l.MaxCost))
		e.Extensions["cost"], e.Extensions["maxCost"] = r.Cost, l.MaxCost
		errs = append(errs, e)
	}
	if l.MaxNodes > 0 && r.Nodes > l.MaxNodes {
		errs = append(errs, costError(CodeMaxNodesExceeded,
			fmt.Sprintf("Query may return %d objects, which exceeds the limit of %d.", r.Nodes, l.MaxNodes)))
	}
	if l.MaxArguments > 0 && r.Input > l.MaxArguments {
		errs = append(errs, costError(CodeMaxInputExceeded, fmt.Sprintf(
			"The arguments have %d bytes, counted for each field that is given them, which exceeds the limit of %d. "+
				"Send fewer fields at once.", r.Input, l.MaxArguments)))
	}
	return errs
}
