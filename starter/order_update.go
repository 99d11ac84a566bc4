package main

import (
	"bytes"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
)

func (a *app) newOrderUpdate() *cobra.Command {
	cmd := fulfillment.UpdateOrder{}
	var address, email, phone, note string
	var tags, attributes []string
	c := &cobra.Command{
		Use: "update ORDER", Short: "Correct an order's address, contact, note, tags or attributes",
		Args: oneArgument("order", nil),
		Long: `Sets what is given, and leaves the rest as it is; lists and the address are replaced as a whole. To change lines and
quantities, edit the order.

With another address, the fulfillment orders that nobody works on go there. One that a service has, or that is shipped,
keeps the destination of before: it is named, with what to do.`,
		Example: `  packhorse order update '#1001' --shipping-address '{"address1": "New street 99", "city": "Porto", "countryCode": "PT"}'
  packhorse order update '#1001' --note "Ring twice" --tag gift --tag vip
  packhorse order update '#1001' --email ""`,
	}
	flags := c.Flags()
	flags.StringVar(
		&address, "shipping-address", "", "the new address, as `JSON`, or a file with it; - is the standard input",
	)
	flags.StringVar(&email, "email", "", "the customer's `ADDRESS`")
	flags.StringVar(&phone, "phone", "", "the customer's `NUMBER`")
	flags.StringVar(&note, "note", "", "the new `TEXT`")
	flags.StringArrayVar(&tags, "tag", nil, "a `TAG` of the new list; an empty one alone: none")
	flags.StringArrayVar(&attributes, "attribute", nil, "a `KEY=VALUE` of the new list; an empty one alone: none")
	c.MarkFlagsOneRequired("shipping-address", "email", "phone", "note", "tag", "attribute")
	a.changesOrder(c, &cmd.Meta, func(
		ctx context.Context, orders operation.Orders, id fulfillment.ID,
	) (any, func(*table), error) {
		cmd.OrderID = id
		for name, field := range map[string]struct {
			to    **string
			value *string
		}{"email": {&cmd.Email, &email}, "phone": {&cmd.Phone, &phone}, "note": {&cmd.Note, &note}} {
			if flags.Changed(name) {
				*field.to = field.value
			}
		}
		if flags.Changed("tag") {
			cmd.Tags = new(given(tags))
		}
		if flags.Changed("attribute") {
			list := []fulfillment.Attribute{}
			for _, text := range given(attributes) {
				key, value, _ := strings.Cut(text, "=")
				list = append(list, fulfillment.Attribute{Key: key, Value: value})
			}
			cmd.CustomAttributes = &list
		}
		if flags.Changed("shipping-address") {
			var err error
			if cmd.ShippingAddress, err = a.readAddress(address); err != nil {
				return nil, nil, err
			}
		}
		done, err := orders.Update(ctx, cmd)
		return done, func(t *table) {
			for _, id := range done.Followed {
				t.row(id.String(), "NEW DESTINATION", "")
			}
			for _, kept := range done.Kept {
				t.row(kept.FulfillmentOrderID.String(), "OLD DESTINATION", kept.Message)
			}
		}, err
	})
	return c
}

// given is a list of flags without the empty one that says that there are none.
func given(list []string) []string {
	if len(list) == 1 && list[0] == "" {
		return []string{}
	}
	return list
}

// readAddress reads an address: text is JSON itself, or names a file with it.
func (a *app) readAddress(text string) (*fulfillment.Address, error) {
	body := []byte(text)
	if trimmed := bytes.TrimSpace(body); len(trimmed) == 0 || trimmed[0] != '{' {
		var err error
		if body, err = a.readInput(text, longestOrder); err != nil {
			return nil, err
		}
	}
	// An update's own reader is strict about the address, and says where it stumbles.
	cmd, err := fulfillment.DecodeUpdateOrder(append(append([]byte(`{"shippingAddress":`), body...), '}'))
	return cmd.ShippingAddress, err
}
