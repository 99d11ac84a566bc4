package endtoend

import (
	"crypto/rand"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/worker/workertest"
)

// scene is something new at a location of a kind, for one mutation of an app.
type scene struct {
	*sight
	t      *testing.T
	engine *workertest.Stack
	kind   access.Ownership
	by     *gatewaytest.App
}

// begin makes an order of four units at the location, has these commands done, and tells its fulfillment order and the
// ID of its line.
func (c *scene) begin(commands ...fulfillment.Command) (*fulfillment.FulfillmentOrder, string) {
	return c.beginAt(nil, commands...)
}

func (c *scene) fresh() (*fulfillment.FulfillmentOrder, string) { return c.begin() }

func (c *scene) beginAt(at *time.Time, commands ...fulfillment.Command) (*fulfillment.FulfillmentOrder, string) {
	c.t.Helper()
	created, err := c.engine.Command.CreateOrder(c.t.Context(), fulfillment.Order{
		FulfillAt:       at,
		ShippingAddress: &fulfillment.Address{City: "Berlin", CountryCode: "DE"},
		LineItems: []fulfillment.LineItem{{
			Title: "Saddle", Quantity: 4, LocationID: numberOf(c.locations[c.kind]),
		}},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	id := created.FulfillmentOrderIDs[0]
	for _, command := range commands {
		own := reflect.New(reflect.TypeOf(command).Elem()) // Sending fills it in, and other scenes send the same.
		own.Elem().Set(reflect.ValueOf(command).Elem())
		c.engine.Send(id, own.Interface().(fulfillment.Command))
	}
	fo := c.engine.Load(id)
	return fo, gid("FulfillmentOrderLineItem", fo.Lines[0].ID)
}

// requested is what there is to do before a service is asked, and what it answers.
func requested(more ...fulfillment.Command) []fulfillment.Command {
	return append([]fulfillment.Command{&fulfillment.SubmitFulfillmentRequest{}}, more...)
}

func accepted(more ...fulfillment.Command) []fulfillment.Command {
	return append(requested(&fulfillment.AcceptFulfillmentRequest{}), more...)
}

func (c *scene) asked() (*fulfillment.FulfillmentOrder, string) { return c.begin(requested()...) }

func (c *scene) askedToStop() (*fulfillment.FulfillmentOrder, string) {
	return c.begin(accepted(&fulfillment.SubmitCancellationRequest{})...)
}

// underWay is something that somebody works on.
func (c *scene) underWay() (*fulfillment.FulfillmentOrder, string) {
	if c.kind == access.MerchantManaged {
		return c.begin(&fulfillment.ReportProgress{})
	}
	return c.begin(accepted()...)
}

// shipped is a shipment of one unit.
func (c *scene) shipped() string {
	c.t.Helper()
	fo, line := c.underWay()
	result := c.engine.Send(fo.ID, &fulfillment.CreateFulfillment{
		Lines: []fulfillment.Quantity{{ID: numberOf(line), Quantity: 1}},
	})
	return gid("Fulfillment", result.FulfillmentID)
}

// place is a location of the merchant.
func (c *scene) place() string {
	return gid("Location", c.engine.Warehouse("Place "+rand.Text()).ID)
}

// edit is a session of the app, and the line in it.
func (c *scene) edit() (session, line string) {
	c.t.Helper()
	fo, _ := c.begin()
	begun, err := c.engine.Store.BeginEdit(c.t.Context(), fo.OrderID, c.by.Handle)
	if err != nil {
		c.t.Fatal(err)
	}
	return gid("CalculatedOrder", begun.ID), gid("CalculatedLineItem", fo.Lines[0].LineItemID)
}

// about is an argument with the ID of a fulfillment order that has gone through these commands.
func about(commands ...fulfillment.Command) func(*scene) string {
	return func(c *scene) string {
		fo, _ := c.begin(commands...)
		return fmt.Sprintf("id: %q", gid("FulfillmentOrder", fo.ID))
	}
}

// atServices is what is only done where there is a service.
func atServices(of func(*scene) string) func(*scene) string {
	return func(c *scene) string {
		if c.kind == access.MerchantManaged {
			return ""
		}
		return of(c)
	}
}

// atMerchants is what is only done where there is no service.
func atMerchants(of func(*scene) string) func(*scene) string {
	return func(c *scene) string {
		if c.kind != access.MerchantManaged {
			return ""
		}
		return of(c)
	}
}

// withOrder is arguments about an order.
func withOrder(format string) func(*scene) string {
	return func(c *scene) string {
		fo, _ := c.begin()
		return strings.ReplaceAll(format, "ORDER", gid("Order", fo.OrderID))
	}
}

// withShipment is arguments about a shipment.
func withShipment(format string) func(*scene) string {
	return func(c *scene) string { return strings.ReplaceAll(format, "SHIPMENT", c.shipped()) }
}

// withPart is arguments about a fulfillment order, a line of it, and a location where it can go.
func withPart(format string, prepare func(*scene) (*fulfillment.FulfillmentOrder, string)) func(*scene) string {
	return func(c *scene) string {
		fo, line := prepare(c)
		ids := strings.NewReplacer("WORK", gid("FulfillmentOrder", fo.ID), "LINE", line, "PLACE", c.elsewhere())
		return ids.Replace(format)
	}
}

// elsewhere is where an app that may move something may not see it by the same right.
func (c *scene) elsewhere() string {
	if c.kind == access.MerchantManaged {
		return c.locations[access.ThirdParty]
	}
	return c.home
}

const part = `fulfillmentOrderLineItems: [{id: "LINE", quantity: 1}]`

// samples are the arguments of each mutation that shows something with a rule of its own, after what it takes to do it
// is made; empty: it can't be done at such a location.
var samples = map[string]func(*scene) string{
	"fulfillmentOrderSubmitFulfillmentRequest":  atServices(withPart(`id: "WORK", `+part, (*scene).fresh)),
	"fulfillmentOrderAcceptFulfillmentRequest":  atServices(withPart(`id: "WORK", `+part, (*scene).asked)),
	"fulfillmentOrderRejectFulfillmentRequest":  atServices(about(requested()...)),
	"fulfillmentOrderSubmitCancellationRequest": atServices(about(accepted()...)),
	"fulfillmentOrderAcceptCancellationRequest": atServices(withPart(`id: "WORK", `+part, (*scene).askedToStop)),
	"fulfillmentOrderRejectCancellationRequest": atServices(about(accepted(&fulfillment.SubmitCancellationRequest{})...)),
	"fulfillmentOrderClose":                     atServices(about(accepted()...)),
	"fulfillmentOrderHold": withPart(
		`id: "WORK", fulfillmentHold: {reason: OTHER, `+part+`}`, (*scene).fresh,
	),
	"fulfillmentOrderReleaseHold":    about(&fulfillment.PlaceHold{Reason: fulfillment.HoldOther}),
	"fulfillmentOrderCancel":         about(),
	"fulfillmentOrderOpen":           atMerchants(about(&fulfillment.ReportProgress{})),
	"fulfillmentOrderReportProgress": atMerchants(about()),
	"fulfillmentOrderReschedule": func(c *scene) string {
		later := time.Now().Add(100 * time.Hour)
		fo, _ := c.beginAt(&later)
		return fmt.Sprintf(`id: %q, fulfillAt: "2040-01-01T00:00:00Z"`, gid("FulfillmentOrder", fo.ID))
	},
	"fulfillmentOrderMove":     withPart(`id: "WORK", newLocationId: "PLACE", `+part, (*scene).fresh),
	"fulfillmentOrdersReroute": withPart(`fulfillmentOrderIds: ["WORK"]`, (*scene).fresh), // To places of the merchant.
	"fulfillmentOrderSplit": withPart(
		`fulfillmentOrderSplits: [{fulfillmentOrderId: "WORK", `+part+`}]`, (*scene).fresh,
	),
	"fulfillmentOrderMerge": func(c *scene) string {
		fo, line := c.begin()
		other := c.engine.Send(fo.ID, &fulfillment.Split{
			Lines: []fulfillment.Quantity{{ID: numberOf(line), Quantity: 1}},
		}).SiblingID
		return fmt.Sprintf(
			"fulfillmentOrderMergeInputs: [{mergeIntents: [{fulfillmentOrderId: %q}, {fulfillmentOrderId: %q}]}]",
			gid("FulfillmentOrder", fo.ID), gid("FulfillmentOrder", other),
		)
	},
	"fulfillmentCreate": withPart(
		`fulfillment: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: "WORK", `+part+`}]}`, (*scene).underWay,
	),
	"fulfillmentCreateV2": withPart(
		`fulfillment: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: "WORK", `+part+`}]}`, (*scene).underWay,
	),
	"fulfillmentCancel":               withShipment(`id: "SHIPMENT"`),
	"fulfillmentTrackingInfoUpdate":   withShipment(`fulfillmentId: "SHIPMENT", trackingInfoInput: {number: "1"}`),
	"fulfillmentTrackingInfoUpdateV2": withShipment(`fulfillmentId: "SHIPMENT", trackingInfoInput: {number: "1"}`),
	"fulfillmentServiceCreate":        func(*scene) string { return fmt.Sprintf("name: %q", rand.Text()) },
	"fulfillmentServiceUpdate": func(c *scene) string {
		return fmt.Sprintf("id: %q, trackingSupport: true", c.services[access.Assigned])
	},

	"locationAdd": func(*scene) string {
		return fmt.Sprintf("input: {name: %q, address: {countryCode: DE}}", rand.Text())
	},
	"locationEdit":       func(c *scene) string { return fmt.Sprintf(`id: %q, input: {address: {city: "Ulm"}}`, c.place()) },
	"locationActivate":   func(c *scene) string { return fmt.Sprintf("locationId: %q", c.place()) },
	"locationDeactivate": func(c *scene) string { return fmt.Sprintf("locationId: %q", c.place()) },

	"orderCreate": func(*scene) string { return `order: {currency: EUR, lineItems: [{title: "Saddle", quantity: 1}]}` },
	"orderCancel": withOrder(`orderId: "ORDER", reason: CUSTOMER, restock: false`),
	"orderUpdate": func(c *scene) string {
		fo, _ := c.underWay()
		return fmt.Sprintf(`input: {id: %q, shippingAddress: {lastName: "B", address1: "C", city: "Ulm", zip: "89073",
			countryCode: DE}}`, gid("Order", fo.OrderID))
	},
	"orderClose":     withOrder(`input: {id: "ORDER"}`),
	"orderOpen":      withOrder(`input: {id: "ORDER"}`),
	"orderEditBegin": withOrder(`id: "ORDER"`),
	"orderEditSetQuantity": func(c *scene) string {
		session, line := c.edit()
		return fmt.Sprintf("id: %q, lineItemId: %q, quantity: 3", session, line)
	},
	"orderEditAddCustomItem": func(c *scene) string {
		session, _ := c.edit()
		return fmt.Sprintf(`id: %q, title: "Bell", quantity: 1, price: {amount: "1.00", currencyCode: USD}`, session)
	},
	"orderEditCommit": func(c *scene) string {
		session, _ := c.edit()
		return fmt.Sprintf("id: %q", session)
	},

	"webhookSubscriptionCreate": func(*scene) string { return "topic: SHOP_UPDATE, webhookSubscription: " + newHook() },
	"webhookSubscriptionUpdate": func(c *scene) string {
		return fmt.Sprintf("id: %q, webhookSubscription: %s", c.hook(), newHook())
	},
	"eventBridgeWebhookSubscriptionCreate": func(c *scene) string {
		return "topic: SHOP_UPDATE, webhookSubscription: " + c.newSource()
	},
	"eventBridgeWebhookSubscriptionUpdate": func(c *scene) string {
		return fmt.Sprintf("id: %q, webhookSubscription: %s", c.hook(), c.newSource())
	},
	"pubSubWebhookSubscriptionCreate": func(*scene) string {
		return "topic: SHOP_UPDATE, webhookSubscription: " + newPubSub()
	},
	"pubSubWebhookSubscriptionUpdate": func(c *scene) string {
		return fmt.Sprintf("id: %q, webhookSubscription: %s", c.hook(), newPubSub())
	},
}

// newHook, newSource and newPubSub are what webhook subscriptions are to be, each at an address of its own.
func newHook() string {
	return fmt.Sprintf(`{uri: "https://example.com/%s", metafields: [{key: "a"}]}`, rand.Text())
}

func (c *scene) newSource() string {
	return fmt.Sprintf(`{arn: "arn:aws:events:us-east-1::event-source/aws.partner/shopify.com/%s/%s"}`, c.by.ID, rand.Text())
}

func newPubSub() string {
	return fmt.Sprintf(`{pubSubProject: "valid-project", pubSubTopic: "t-%s"}`, rand.Text())
}

// hook is a webhook subscription of the app, of which there is nothing to tell.
func (c *scene) hook() string {
	made := c.by.Must(c.t, `mutation { webhookSubscriptionCreate(topic: SHOP_UPDATE, webhookSubscription: `+newHook()+
		`) { webhookSubscription { id } userErrors { message } } }`, nil)
	return gatewaytest.Get[string](c.t, made, "webhookSubscriptionCreate.webhookSubscription.id")
}
