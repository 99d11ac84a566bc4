package cost

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Codes of the errors of this package, in extensions.code. MAX_COST_EXCEEDED, THROTTLED
// and BAD_REQUEST are Shopify's; it has no code for the depth and no limit of nodes.
const (
	CodeMaxCostExceeded  = "MAX_COST_EXCEEDED"
	CodeMaxDepthExceeded = "MAX_DEPTH_EXCEEDED"
	CodeMaxNodesExceeded = "MAX_NODES_EXCEEDED"
	CodeThrottled        = "THROTTLED"
	// CodeBadRequest is the code of wrong page sizes.
	CodeBadRequest = "BAD_REQUEST"
)

// Throttled returns the error of a request for which the bucket does not hold enough points.
// The response should carry Extension too, from which clients compute how long to wait.
func Throttled() *gqlerror.Error { return newError(CodeThrottled, "Throttled") }

func newError(code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Rule: code, Extensions: map[string]any{"code": code}}
}

// at adds the place in the document and the path in the response.
func at(e *gqlerror.Error, f *ast.Field, path []string) *gqlerror.Error {
	for _, key := range path {
		e.Path = append(e.Path, ast.PathName(key))
	}
	if f.Position != nil {
		e.Locations = []gqlerror.Location{{Line: f.Position.Line, Column: f.Position.Column}}
	}
	return e
}
