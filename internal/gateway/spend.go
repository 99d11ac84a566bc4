package gateway

import (
	"context"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"packhorse/internal/access"
	"packhorse/internal/graphql/cost"
	"packhorse/internal/graphql/document"
)

// costExtension is the name of an answer's extension that tells what it cost and what is left.
const costExtension = "cost"

// estimate is what an operation costs at the most, and why it is too much for anybody.
func (g *Gateway) estimate(p *document.Prepared) (int, gqlerror.List) {
	requested, errs := cost.Estimate(g.schema.Schema(), p.Operation, p.Document, p.Variables, g.limits)
	return requested.Cost, errs
}

// spend takes the cost of an operation from the bucket of the caller's token, or refuses; what the answer costs less is
// given back.
func (g *Gateway) spend(ctx context.Context, caller access.Caller, p *document.Prepared, points int, run func() outcome) answer {
	bucket := g.buckets.For(caller.TokenID.String())
	ok, status := bucket.Take(time.Now(), points)
	if !ok {
		return notBegun(classThrottled, costs(points, nil, status), cost.Throttled())
	}
	recordFrom(ctx).cost = points
	o := run()
	actual := cost.Actual(g.schema.Schema(), p.Operation, p.Document, p.Variables, o.response.Data)
	o.response.Extensions = costs(points, &actual, bucket.Refund(time.Now(), points-actual))
	return o.answer()
}

// tooMuch is the answer to an operation that is beyond the limits of a single one. It costs nothing.
func (g *Gateway) tooMuch(caller access.Caller, points int, errs gqlerror.List) answer {
	_, status := g.buckets.For(caller.TokenID.String()).Take(time.Now(), 0)
	class := classThrottled
	if codeOf(errs[0]) == cost.CodeBadRequest {
		class = classBadRequest
	}
	return notBegun(class, costs(points, nil, status), errs...)
}

func costs(requested int, actual *int, status cost.Status) map[string]any {
	return map[string]any{costExtension: cost.Extension{RequestedQueryCost: requested, ActualQueryCost: actual, ThrottleStatus: status}}
}
