package main

import (
	"context"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
)

func (a *app) newLineItemsPreparedForPickup() *cobra.Command {
	c := a.sends(&fulfillment.LineItemsPreparedForPickup{}, "Say that it stands ready for the customer", `4711`, nil)
	c.Long = `Says that everything that remains of a fulfillment order to be picked up (PICK_UP) stands ready for the customer. Nothing
is shipped by it: when the customer has come, "create-fulfillment" makes the shipment, which is then PICKED_UP.`
	return c
}

func (a *app) newLineItemsPreparedForLocalDelivery() *cobra.Command {
	c := a.sends(
		&fulfillment.LineItemsPreparedForLocalDelivery{}, "Say that it stands ready to be brought to the customer", `4711`,
		nil,
	)
	c.Long = `Says that everything that remains of a fulfillment order to be delivered locally (LOCAL) stands ready to be brought to
the customer. Nothing is shipped by it.`
	return c
}

func (a *app) newCreateFulfillment() *cobra.Command {
	cmd := &fulfillment.CreateFulfillment{}
	var track trackingFlags
	var origin fulfillment.OriginAddress
	c := a.sends(cmd, "Ship units",
		`4711 --tracking-company DHL --tracking-number 00340434161094042557 --notify-customer`, func(
			context.Context, book,
		) error {
			if input := track.input(); input != nil {
				cmd.Tracking = input
			}
			if origin != (fulfillment.OriginAddress{}) {
				cmd.OriginAddress = &origin
			}
			return nil
		})
	c.Long = `Makes a fulfillment: a shipment of the given units, or of all that are left.`
	lineFlag(c, &cmd.Lines, "to ship; without it, all that are left")
	track.add(c)
	notifyFlag(c, &cmd.NotifyCustomer)
	messageFlag(c, &cmd.Message)
	c.Flags().StringVar(&origin.Address1, "origin-address1", "", "where it leaves from: `STREET`")
	c.Flags().StringVar(&origin.Address2, "origin-address2", "", "where it leaves from: `MORE` of the address")
	c.Flags().StringVar(&origin.City, "origin-city", "", "where it leaves from: `CITY`")
	c.Flags().StringVar(&origin.Zip, "origin-zip", "", "where it leaves from: postal `CODE`")
	c.Flags().StringVar(
		&origin.ProvinceCode, "origin-province-code", "", "where it leaves from: `CODE` of the province or state",
	)
	c.Flags().Var(
		countryValue(&origin.CountryCode), "origin-country-code", "where it leaves from: country (ISO 3166-1 alpha-2)",
	)
	return c
}

func (a *app) newCancelFulfillment() *cobra.Command {
	cmd := &fulfillment.CancelFulfillment{}
	c := a.sends(cmd, "Take a shipment back", `4711 --fulfillment 4714`, nil)
	c.Long = `Takes a shipment back: its units are to be shipped again. Doing it twice is no error.`
	fulfillmentFlag(c, &cmd.FulfillmentID)
	return c
}

func (a *app) newUpdateTracking() *cobra.Command {
	cmd := &fulfillment.UpdateTracking{}
	var track trackingFlags
	c := a.sends(cmd, "Replace a shipment's tracking",
		`4711 --fulfillment 4714 --tracking-company UPS --tracking-number 1Z12345E0205271688`, func(
			context.Context, book,
		) error {
			if input := track.input(); input != nil {
				cmd.Tracking = *input
			}
			return nil
		})
	fulfillmentFlag(c, &cmd.FulfillmentID)
	track.add(c)
	notifyFlag(c, &cmd.NotifyCustomer)
	return c
}

func (a *app) newRecordEvent() *cobra.Command {
	cmd := &fulfillment.RecordEvent{}
	c := a.sends(
		cmd, "Record a carrier's news about a shipment",
		`4711 --fulfillment 4714 --status IN_TRANSIT --city Porto --country PT`, nil,
	)
	c.Long = `Records a carrier's news. What the customer sees only moves forward: late news is kept in the history.`
	fulfillmentFlag(c, &cmd.FulfillmentID)
	a.eventFlags(c, cmd)
	return c
}

func fulfillmentFlag(c *cobra.Command, into *fulfillment.ID) {
	c.Flags().Var(idValue(into), "fulfillment", "the shipment")
	_ = c.MarkFlagRequired("fulfillment")
}

func (a *app) eventFlags(c *cobra.Command, cmd *fulfillment.RecordEvent) {
	c.Flags().Var(
		oneOf(&cmd.Status, fulfillment.EventStatuses...), "status", "one of "+joined(fulfillment.EventStatuses),
	)
	_ = c.MarkFlagRequired("status")
	completeValues(c, "status", fulfillment.EventStatuses...)
	messageFlag(c, &cmd.Message)
	c.Flags().Var(a.optionalTimeValue(&cmd.HappenedAt), "happened-at", "when it happened (default now)")
	c.Flags().Var(
		a.optionalTimeValue(&cmd.EstimatedDeliveryAt), "estimated-delivery-at",
		"when the carrier thinks it will be delivered",
	)
	c.Flags().StringVar(&cmd.Address1, "address1", "", "where it happened: street")
	c.Flags().StringVar(&cmd.City, "city", "", "where it happened: city")
	c.Flags().StringVar(&cmd.Province, "province", "", "where it happened: province or state")
	c.Flags().StringVar(&cmd.Country, "country", "", "where it happened: country")
	c.Flags().StringVar(&cmd.Zip, "zip", "", "where it happened: postal code")
	c.Flags().Var(optionalFloatValue(&cmd.Latitude), "latitude", "where it happened")
	c.Flags().Var(optionalFloatValue(&cmd.Longitude), "longitude", "where it happened")
}

// trackingFlags are the tracking of a shipment: several numbers, and their URLs in the same order.
type trackingFlags struct {
	company       string
	numbers, urls []string
}

func (t *trackingFlags) add(c *cobra.Command) {
	c.Flags().StringVar(
		&t.company, "tracking-company", "",
		"`CARRIER` that has the shipment; the URL of a known one is made from the number (default: told from the number, where only one carrier's check digit fits)",
	)
	c.Flags().StringArrayVar(&t.numbers, "tracking-number", nil, "tracking `NUMBER`; once for each parcel")
	c.Flags().StringArrayVar(&t.urls, "tracking-url", nil, "tracking `URL`, in the order of the numbers")
}

// input is nil when nothing is said about tracking.
func (t *trackingFlags) input() *fulfillment.TrackingInput {
	input := fulfillment.TrackingInput{Company: t.company}
	switch {
	case len(t.numbers) > 1 || len(t.urls) > 1:
		input.Numbers, input.URLs = t.numbers, t.urls
	default:
		if len(t.numbers) == 1 {
			input.Number = t.numbers[0]
		}
		if len(t.urls) == 1 {
			input.URL = t.urls[0]
		}
	}
	if t.company == "" && len(t.numbers) == 0 && len(t.urls) == 0 {
		return nil
	}
	return &input
}
