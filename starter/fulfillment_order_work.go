package main

import (
	"context"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
)

func (a *app) newHold() *cobra.Command {
	cmd := &fulfillment.PlaceHold{}
	c := a.sends(
		cmd, "Keep it from being worked on", `4711 --reason AWAITING_PAYMENT --notes "bank transfer" --expires-at 48h`,
		nil,
	)
	c.Long = `Puts a hold on the fulfillment order: nobody works on it until the last hold is released or has expired. One app may
have up to ten, told apart by their handles. With --line only those units are held; the rest goes to a fulfillment order
of its own.`
	reasons := holdReasons()
	c.Flags().Var(oneOf(&cmd.Reason, reasons...), "reason", "one of "+joined(reasons))
	_ = c.MarkFlagRequired("reason")
	completeValues(c, "reason", reasons...)
	c.Flags().StringVar(&cmd.ReasonNotes, "notes", "", "`TEXT` about the reason")
	c.Flags().StringVar(&cmd.Handle, "handle", "", "`NAME` of the hold, unique for the app and the fulfillment order")
	c.Flags().StringVar(&cmd.ExternalID, "external-id", "", "the app's own `ID` of the hold")
	c.Flags().BoolVar(&cmd.NotifyMerchant, "notify-merchant", false, "tell the merchant")
	c.Flags().Var(a.optionalTimeValue(&cmd.ExpiresAt), "expires-at", "when it is released by itself: "+timeNotations)
	lineFlag(c, &cmd.Lines, "to hold; without it, all")
	return c
}

// holdReasons lists the reasons in a fixed order: that of the choices people have most often.
func holdReasons() []fulfillment.HoldReason {
	return []fulfillment.HoldReason{fulfillment.HoldAwaitingPayment, fulfillment.HoldHighRiskOfFraud,
		fulfillment.HoldIncorrectAddress, fulfillment.HoldInventoryOutOfStock, fulfillment.HoldUnknownDeliveryDate,
		fulfillment.HoldPostPurchaseUpsell, fulfillment.HoldAwaitingReturnItems, fulfillment.HoldOther}
}

func (a *app) newReleaseHold() *cobra.Command {
	cmd := &fulfillment.ReleaseHold{}
	c := a.sends(cmd, "Release holds", `4711 --hold 4713`, nil)
	c.Long = `Releases the holds named by --hold; or all that --app placed, with --own; or, without either, all holds of all apps.`
	c.Flags().Var(idsValue(&cmd.HoldIDs), "hold", "a hold to release; by commas, or once for each")
	c.Flags().BoolVar(&cmd.OwnOnly, "own", false, "only the holds of the app given by --app")
	c.Flags().StringVar(&cmd.ExternalID, "external-id", "", "the app's own `ID` of what it releases")
	c.MarkFlagsMutuallyExclusive("hold", "own")
	return c
}

func (a *app) newCancel() *cobra.Command {
	c := a.sends(&fulfillment.Cancel{}, "Close it and put another in its place", `4711`, nil)
	c.Long = `Closes the fulfillment order and puts a new one, which nobody was asked to ship yet, in its place. To take units out of
the order for good, cancel the order or lower its quantities: packhorse order cancel, packhorse order edit.`
	return c
}

func (a *app) newOpen() *cobra.Command {
	c := a.sends(&fulfillment.Open{}, "Start a scheduled one early, or end reported progress", `4711`, nil)
	return c
}

func (a *app) newReschedule() *cobra.Command {
	cmd := &fulfillment.Reschedule{}
	c := a.sends(cmd, "Change when a scheduled one opens", `4711 --fulfill-at "2027-01-15 08:00"`, nil)
	c.Flags().Var(a.timeValue(&cmd.FulfillAt), "fulfill-at", "when it opens: "+timeNotations)
	_ = c.MarkFlagRequired("fulfill-at")
	return c
}

func (a *app) newReportProgress() *cobra.Command {
	cmd := &fulfillment.ReportProgress{}
	c := a.sends(cmd, "Say that it is being worked on", `4711 --notes "picked, to be packed"`, nil)
	c.Long = `Says that the merchant is working on it: it is IN_PROGRESS, and neither moved nor cancelled until "open" ends that.`
	c.Flags().StringVar(&cmd.ReasonNotes, "notes", "", "`TEXT` about the progress")
	return c
}

func (a *app) newSetDeadline() *cobra.Command {
	cmd := &fulfillment.SetDeadline{}
	var none bool
	c := a.sends(cmd, "Set the time by which the last unit should be shipped", `4711 --fulfill-by 72h`, nil)
	c.Flags().Var(a.optionalTimeValue(&cmd.FulfillBy), "fulfill-by", "the deadline: "+timeNotations)
	c.Flags().BoolVar(&none, "none", false, "take the deadline away")
	c.MarkFlagsOneRequired("fulfill-by", "none")
	c.MarkFlagsMutuallyExclusive("fulfill-by", "none")
	return c
}

func (a *app) newMove() *cobra.Command {
	cmd := &fulfillment.Move{}
	var to string
	c := a.sends(cmd, "Have it shipped from another location", `4711 --to "Second warehouse"`, func(
		ctx context.Context, b book,
	) error {
		if id, err := fulfillment.ParseID(to); err == nil {
			// Whether there is one is for the workflow to say, which answers a repeated command as then.
			cmd.NewLocationID = id
			return nil
		}
		l, err := location(ctx, b, to)
		cmd.NewLocationID = l.ID
		return err
	})
	c.Long = `Assigns another location. With --line only those units move: they go to a fulfillment order of their own there.`
	c.Flags().StringVar(&to, "to", "", "ID or name of the `LOCATION`")
	_ = c.MarkFlagRequired("to")
	completesFlag(c, "to", a.locationNames())
	lineFlag(c, &cmd.Lines, "to move; without it, all")
	return c
}

func (a *app) newSplit() *cobra.Command {
	cmd := &fulfillment.Split{}
	c := a.sends(cmd, "Put units into a fulfillment order of their own", `4711 --line 4712=2`, nil)
	lineFlag(c, &cmd.Lines, "to split off")
	_ = c.MarkFlagRequired("line")
	return c
}
