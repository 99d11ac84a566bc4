package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/routing"
)

// shippingRule is the patch with which the shipping rule of an order chooses among locations that could ship the same.
// In runs of before, the first one by priority ships it.
const shippingRule = "shipping-rule"

// quotes asks the locations that could ship an order equally well what it costs, if the order has a rule to choose one
// by. Whoever doesn't answer soon has no quote, and says why: an order waits for nobody.
func (d *orderDesk) quotes(ctx workflow.Context, order *fulfillment.Order) ([]routing.Quote, error) {
	if order.ShippingOption == nil || order.ShippingOption.Rule == "" ||
		workflow.GetVersion(ctx, shippingRule, workflow.DefaultVersion, 1) < 1 {
		return nil, nil
	}
	var to activities.QuotesToAsk
	if err := local(ctx, "find the locations to choose among", activity.QuotesToAsk, order, &to); err != nil {
		return nil, err
	}
	questions := make([]activities.QuoteQuestion, len(to.Locations))
	answers := make([]workflow.Future, len(to.Locations))
	for i, l := range to.Locations {
		questions[i] = to.Question(order, l)
		answers[i] = workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			TaskQueue:              provider.TaskQueue(l.Provider),
			ScheduleToCloseTimeout: activities.QuotePatience,
			RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second},
			Summary:                "price at " + l.Provider,
		}), providers.QuoteShipping, questions[i])
	}
	quotes := make([]routing.Quote, len(answers))
	for i, answer := range answers {
		if err := answer.Get(ctx, &quotes[i]); err != nil {
			quotes[i] = questions[i].Unanswered()
		}
	}
	return quotes, nil
}
