package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
)

func (a *app) newSubmitFulfillmentRequest() *cobra.Command {
	cmd := &fulfillment.SubmitFulfillmentRequest{}
	c := a.sends(cmd, "Ask the service that runs the location to fulfill", `4711 --message "gift, please wrap"`, nil)
	c.Long = `Asks the fulfillment service to fulfill. With --line only those units are asked for; the rest goes to a fulfillment
order of its own.`
	messageFlag(c, &cmd.Message)
	notifyFlag(c, &cmd.NotifyCustomer)
	lineFlag(c, &cmd.Lines, "asked for; without it, all")
	return c
}

func (a *app) newAcceptFulfillmentRequest() *cobra.Command {
	cmd := &fulfillment.AcceptFulfillmentRequest{}
	c := a.sends(
		cmd, "The service's yes to a request", `4711 --as service:nordlicht-3pl --estimated-shipped-at 36h`, nil,
	)
	c.Long = `Says yes to the whole request; with --line, to those units only. Then the rest goes to a fulfillment order of its
own, which is rejected, and --reason says why: in one word for all of it, and in words for single lines.`
	c.Example += `
  packhorse fulfillment-order accept-fulfillment-request 4711 --as service:nordlicht-3pl --line 4712=2 \
    --reason INVENTORY_OUT_OF_STOCK --reason 4713="none left"`
	messageFlag(c, &cmd.Message)
	lineFlag(c, &cmd.Lines, "accepted; without it, all")
	reasonFlag(c, &cmd.Reason, &cmd.Rejected, "why the rest is not")
	c.Flags().Var(
		a.optionalTimeValue(&cmd.EstimatedShippedAt), "estimated-shipped-at",
		"when the service thinks it will be shipped",
	)
	return c
}

func (a *app) newRejectFulfillmentRequest() *cobra.Command {
	cmd := &fulfillment.RejectFulfillmentRequest{}
	c := a.sends(
		cmd, "The service's no to a request",
		`4711 --as service:nordlicht-3pl --reason INVENTORY_OUT_OF_STOCK --line 4712="none left"`, nil,
	)
	c.Long = `Refuses the whole request. What --line says about single lines only documents why.`
	c.Flags().Var(
		oneOf(&cmd.Reason, fulfillment.RejectionReasons...), "reason", "one of "+joined(fulfillment.RejectionReasons),
	)
	completeValues(c, "reason", fulfillment.RejectionReasons...)
	messageFlag(c, &cmd.Message)
	c.Flags().Var(&value{"ID=TEXT", func(text string) error {
		line, err := rejectedLine(text)
		if err != nil {
			return err
		}
		cmd.Lines = append(cmd.Lines, line)
		return nil
	}, nil}, "line", "what is wrong with one line; once for each line")
	return c
}

// reasonFlag is for why a service does not say yes to the rest.
func reasonFlag(
	c *cobra.Command, reason *fulfillment.RejectionReason, lines *[]fulfillment.RejectedLine, what string,
) {
	c.Flags().Var(&value{"CODE|ID=TEXT", func(text string) error {
		if oneOf(reason, fulfillment.RejectionReasons...).Set(text) == nil {
			return nil
		}
		line, err := rejectedLine(text)
		if err != nil {
			return fmt.Errorf(
				`write it as one of %s, or for a line as ID=TEXT, such as 4713="none left"`,
				joined(fulfillment.RejectionReasons),
			)
		}
		*lines = append(*lines, line)
		return nil
	}, nil}, "reason", what+": one of "+joined(fulfillment.RejectionReasons)+"; or of one line, once for each")
	completeValues(c, "reason", fulfillment.RejectionReasons...)
}

// rejectedLine reads what is wrong with one line.
func rejectedLine(text string) (fulfillment.RejectedLine, error) {
	id, message, found := strings.Cut(text, "=")
	line := fulfillment.RejectedLine{Message: message}
	if !found || idValue(&line.LineID).Set(id) != nil {
		return line, errors.New(`write it as ID=TEXT, such as 4712="none left"`)
	}
	return line, nil
}

func (a *app) newSubmitCancellationRequest() *cobra.Command {
	cmd := &fulfillment.SubmitCancellationRequest{}
	c := a.sends(cmd, "Ask the service to stop", `4711 --message "bought by mistake"`, nil)
	messageFlag(c, &cmd.Message)
	return c
}

func (a *app) newAcceptCancellationRequest() *cobra.Command {
	cmd := &fulfillment.AcceptCancellationRequest{}
	c := a.sends(cmd, "The service's yes to stopping", `4711 --as service:nordlicht-3pl`, nil)
	c.Long = `Says yes to stopping; with --line, to stopping work on those units only. They go to a fulfillment order of their
own, and with the rest the service goes on; --reason says why: in one word for all of it, and in words for single lines.`
	c.Example += `
  packhorse fulfillment-order accept-cancellation-request 4711 --as service:nordlicht-3pl --line 4712=2 \
    --reason 4713="packed already"`
	messageFlag(c, &cmd.Message)
	lineFlag(c, &cmd.Lines, "that it stops; without it, all")
	reasonFlag(c, &cmd.Reason, &cmd.Rejected, "why it goes on with the rest")
	return c
}

func (a *app) newRejectCancellationRequest() *cobra.Command {
	cmd := &fulfillment.RejectCancellationRequest{}
	c := a.sends(
		cmd, "The service's no to stopping: it goes on", `4711 --as service:nordlicht-3pl --message "packed already"`,
		nil,
	)
	messageFlag(c, &cmd.Message)
	return c
}

func (a *app) newClose() *cobra.Command {
	cmd := &fulfillment.Close{}
	c := a.sends(
		cmd, "The service gives up an accepted request unfinished",
		`4711 --as service:nordlicht-3pl --message "two units broke"`, nil,
	)
	c.Long = `The service gives up an accepted request. The fulfillment order becomes INCOMPLETE and keeps its units, which can be
requested again, moved, or shipped otherwise.`
	messageFlag(c, &cmd.Message)
	return c
}

func messageFlag(c *cobra.Command, into *string) {
	c.Flags().StringVarP(into, "message", "m", "", "`TEXT` for the other side")
}

func notifyFlag(c *cobra.Command, into *bool) {
	c.Flags().BoolVar(into, "notify-customer", false, "tell the customer")
}

func lineFlag(c *cobra.Command, into *[]fulfillment.Quantity, what string) {
	c.Flags().Var(quantitiesValue(into), "line", "units of a fulfillment order line "+what+"; once for each line")
}
