package main

import (
	"context"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/returns"
)

// returnBook is what has been committed of what comes back.
type returnBook interface {
	Return(ctx context.Context, id fulfillment.ID) (*returns.Return, error)
	OrderReturns(ctx context.Context, orderIDs []fulfillment.ID) (map[fulfillment.ID][]*returns.Return, error)
	ReturnOf(ctx context.Context, ids []fulfillment.ID) (map[fulfillment.ID]fulfillment.ID, error)
	ReturnHistory(ctx context.Context, id fulfillment.ID) ([]returns.Transition, error)
	ReturnList(ctx context.Context, filter postgres.ReturnFilter, page postgres.Page) (postgres.ReturnPage, error)
}

// returnSender sends commands to the workflows of returns. Its refusals are *fulfillment.Error.
type returnSender interface {
	BeginReturn(
		ctx context.Context, orderID fulfillment.ID, cmd returns.Opening,
	) (returns.Result, *returns.Return, error)
	CommandReturn(
		ctx context.Context, id fulfillment.ID, cmd returns.Command,
	) (returns.Result, *returns.Return, error)
}

const aboutReturns = `A return is units of one order that are to come back: only what was shipped can be, and never more of
it than went out (packhorse return returnable ORDER). It is named by its ID or its name, such as "#1001-R1", or by its
order, if that has one return only. Its lines are named by their ID or, where one line alone has it, by their SKU.

Every command is sent to the workflow that owns the return, is done at most once for each --command-id, and is answered
when it is committed. A command that is refused changes nothing, and says what is possible instead.`

func (a *app) newReturn() *cobra.Command {
	c := group("return", "Look at what comes back and command it", aboutReturns)
	c.AddGroup(&cobra.Group{ID: "look", Title: "Look:"},
		&cobra.Group{ID: "begin", Title: "The merchant and the customer:"},
		&cobra.Group{ID: "arrive", Title: "The goods:"})
	add := func(id string, commands ...*cobra.Command) {
		for _, sub := range commands {
			sub.GroupID = id
		}
		c.AddCommand(commands...)
	}
	add("look", a.newReturnList(), a.newReturnShow(), a.newReturnHistory(), a.newReturnable())
	add("begin", a.newReturnRequest(), a.newReturnCreate(), a.newReturnApprove(), a.newReturnDecline(),
		a.newReturnRemove(), a.newReturnExpect(), a.newReturnClose(), a.newReturnReopen(), a.newReturnCancel())
	add("arrive", a.newReturnParcel(), a.newReturnReceive(), a.newReturnInspect(), a.newReturnDispose())
	return c
}

// returnPage is a return as programs get it: with what the asker may do now.
type returnPage struct {
	*returns.Return
	SupportedActions []fulfillment.Action `json:"supportedActions"`
}

func newReturnPage(r *returns.Return, by fulfillment.Actor) returnPage {
	committed := *r
	committed.CreatedAt, committed.UpdatedAt = r.Created(), r.Updated()
	page := returnPage{Return: &committed, SupportedActions: []fulfillment.Action{}}
	for _, verb := range r.SupportedVerbs(by) {
		page.SupportedActions = append(page.SupportedActions, fulfillment.Action(verb))
	}
	return page
}
