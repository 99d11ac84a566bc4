package schema_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/dev/npmtest"
	"packhorse/internal/graphql/schema"
)

// The package that has Shopify's schemas as the answers to introspection, one for each version.
const (
	officialPackage   = "@shopify/dev-mcp@1.16.0"
	officialIntegrity = "sha512-tqgRnK7sQhjew+htxtleTH23nXB5fZcsrhWgEkomsorGXvLOB2mh2upwZm8uzuTDNTZnqtLMe64yIwh6s2awtw=="
	officialSchema    = "dist/data/admin_2026-07.json.gz"
)

// ours are the differences from the official schema, by what is different, each with its reason.
var ours = map[string]string{
	"Mutation.fulfillmentOrderLineItemsPreparedForLocalDelivery": "Shopify's API says of pick-ups only that they " +
		"stand ready",
	"Mutation.fulfillmentOrderAcceptFulfillmentRequest(fulfillmentOrderLineItems)":  partsReason,
	"Mutation.fulfillmentOrderAcceptFulfillmentRequest(reason)":                     partsReason,
	"Mutation.fulfillmentOrderAcceptFulfillmentRequest(rejectedLineItems)":          partsReason,
	"Mutation.fulfillmentOrderAcceptCancellationRequest(fulfillmentOrderLineItems)": partsReason,
	"FulfillmentOrderAcceptFulfillmentRequestPayload.rejectedFulfillmentOrder":      partsReason,
	"FulfillmentOrderAcceptCancellationRequestPayload.cancelledFulfillmentOrder":    partsReason,
	"FulfillmentOrderKeptDestination":                                               keptReason,
	"OrderUpdatePayload.keptDestinations":                                           keptReason,
	"WebhookSubscription.attempts":                                                  attemptsReason,
	"WebhookSubscription.delivery":                                                  attemptsReason,
	"WebhookAttempt":                                                                attemptsReason,
	"WebhookAttemptConnection":                                                      attemptsReason,
	"WebhookAttemptEdge":                                                            attemptsReason,
	"WebhookDelivery":                                                               attemptsReason,
	"WebhookDeliveryState":                                                          attemptsReason,
	"FulfillmentService.callbacks":                                                  callbacksReason,
	"FulfillmentService.callbackProblem":                                            callbacksReason,
	"FulfillmentServiceCallback":                                                    callbacksReason,
	"FulfillmentServiceCallbackKind":                                                callbacksReason,
	"OrderCreateOrderInput(deliveryMethod)":                                         deliveryMethodReason,
	"OrderCreateLineItemInput(deliveryMethod)":                                      deliveryMethodReason,
	"Fulfillment.documents":                                                         documentsReason,
	"FulfillmentOrder.documents":                                                    documentsReason,
	"FulfillmentDocument":                                                           documentsReason,
	"OrderCreateLineItemInput(countryCodeOfOrigin)":                                 customsReason,
	"OrderCreateLineItemInput(harmonizedSystemCode)":                                customsReason,
	"LineItem.countryCodeOfOrigin":                                                  customsReason,
	"LineItem.harmonizedSystemCode":                                                 customsReason,
	"Mutation.orderEditAddCustomItem(countryCodeOfOrigin)":                          customsReason,
	"Mutation.orderEditAddCustomItem(harmonizedSystemCode)":                         customsReason,
	"Mutation.orderEditAddCustomItem(weight)":                                       customsReason,
	"OrderCreateOrderInput(shippingOption)":                                         shippingOptionReason,
	"OrderCreateShippingOptionInput":                                                shippingOptionReason,
	"Order.shippingOption":                                                          shippingOptionReason,
	"OrderShippingOption":                                                           shippingOptionReason,
	"ShippingOptionRule":                                                            shippingOptionReason,
	"Return.expectedBy":                                                             expectedReason,
	"ReturnInput(expectedBy)":                                                       expectedReason,
	"ReturnApproveRequestInput(expectedBy)":                                         expectedReason,
	"Return.rmaNumber":                                                              rmaReason,
	"ReturnInput(rmaNumber)":                                                        rmaReason,
	"ReturnRequestInput(rmaNumber)":                                                 rmaReason,
	"ReturnApproveRequestInput(declinedReturnLineItems)":                            declinedReason,
	"DeclinedReturnLineItemInput":                                                   declinedReason,
	"ReturnLineItem.receivedQuantity":                                               receivedReason,
	"ExchangeLineItem.sku":                                                          exchangeReason,
	"ExchangeLineItem.title":                                                        exchangeReason,
	"ExchangeLineItemInput(price)":                                                  exchangeReason,
	"ExchangeLineItemInput(sku)":                                                    exchangeReason,
	"ExchangeLineItemInput(title)":                                                  exchangeReason,
}

const expectedReason = "Shopify's API does not say until when a return is waited for"

const rmaReason = "Shopify's API knows no number to write on the parcel"

const declinedReason = "in Shopify's API a request is approved as a whole, or not at all"

const receivedReason = "Shopify's API does not tell what came in from what was inspected"

const exchangeReason = "Shopify's API takes what goes out in exchange from the catalogue, which there is none of"

const partsReason = "in Shopify's API a service answers for all that it was asked for, or for nothing"

const keptReason = "what a service works on keeps its destination: whoever corrects an address is told of it"

const attemptsReason = "Shopify's API does not say how the delivery of webhooks goes"

const callbacksReason = "a service that is not called, or fails, is to see why"

const documentsReason = "Shopify's API gives no labels to whoever has to print them"

const deliveryMethodReason = "Shopify's input does not say whether something is shipped, picked up or delivered locally"

const customsReason = "Shopify's API takes what carriers and customs ask from the catalogue, which there is none of"

const shippingOptionReason = "Shopify's input has shipping lines with prices, and no choice of what a service offers"

// TestOfficialSchema holds what is served to Shopify's schema: types, fields, arguments, defaults, nullability, enum
// values and deprecations. What is not served is no difference, but for values of an enum: an app must be able to name
// all of them.
func TestOfficialSchema(t *testing.T) {
	t.Parallel()
	official := readOfficial(t)
	c := &comparison{found: map[string]string{}}
	for name, definition := range schema.Load().Types {
		if definition.BuiltIn {
			continue
		}
		if theirs, ok := official[name]; ok {
			c.definition(definition, theirs)
		} else {
			c.differs(name, "there is no such type")
		}
	}
	for _, place := range slices.Sorted(maps.Keys(c.found)) {
		if ours[place] == "" {
			t.Errorf("%s: %s", place, c.found[place])
		}
	}
	for place, reason := range ours {
		if c.found[place] == "" {
			t.Errorf("%s is listed as ours (%s), and is as in the official schema", place, reason)
		}
	}
}

// Of an answer to introspection, what is compared.
type (
	officialType struct {
		Kind, Name  string
		Fields      []officialField
		InputFields []officialValue
		Interfaces  []officialRef
		EnumValues  []officialValue
	}
	officialField struct {
		officialValue
		Args []officialValue
	}
	officialValue struct {
		Name         string
		Type         officialRef
		DefaultValue *string
		IsDeprecated bool
	}
	officialRef struct {
		Kind, Name string
		OfType     *officialRef
	}
)

func (r officialRef) String() string {
	switch r.Kind {
	case "NON_NULL":
		return r.OfType.String() + "!"
	case "LIST":
		return "[" + r.OfType.String() + "]"
	}
	return r.Name
}

func readOfficial(t *testing.T) map[string]officialType {
	t.Helper()
	file, err := os.Open(filepath.Join(npmtest.Package(t, officialPackage, officialIntegrity), officialSchema))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Data struct {
			Schema struct{ Types []officialType } `json:"__schema"`
		}
	}
	if err := json.NewDecoder(text).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	types := map[string]officialType{}
	for _, one := range answer.Data.Schema.Types {
		types[one.Name] = one
	}
	if len(types) < 1000 {
		t.Fatalf("the official schema has only %d types", len(types))
	}
	return types
}

// comparison collects differences by where they are.
type comparison struct{ found map[string]string }

func (c *comparison) differs(place, format string, args ...any) {
	if c.found[place] != "" {
		c.found[place] += "; "
	}
	c.found[place] += fmt.Sprintf(format, args...)
}

func (c *comparison) definition(def *ast.Definition, official officialType) {
	if string(def.Kind) != official.Kind {
		c.differs(def.Name, "it is %s, officially %s", def.Kind, official.Kind)
		return
	}
	for _, name := range def.Interfaces {
		if !slices.ContainsFunc(official.Interfaces, func(r officialRef) bool { return r.Name == name }) {
			c.differs(def.Name, "officially it does not implement %s", name)
		}
	}
	switch def.Kind {
	case ast.Enum:
		c.enum(def, official)
	case ast.InputObject:
		c.arguments(def.Name, inputs(def.Fields), official.InputFields)
	default:
		for _, field := range def.Fields {
			place := def.Name + "." + field.Name
			at := slices.IndexFunc(official.Fields, func(f officialField) bool { return f.Name == field.Name })
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			if at < 0 {
				c.differs(place, "there is no such field")
				continue
			}
			theirs := official.Fields[at]
			c.value(place, field.Type, nil, field.Directives, officialValue{
				Name: theirs.Name, Type: theirs.Type, IsDeprecated: theirs.IsDeprecated,
			})
			c.arguments(place, field.Arguments, theirs.Args)
		}
	}
}

func (c *comparison) enum(def *ast.Definition, official officialType) {
	for _, value := range def.EnumValues {
		place := def.Name + "." + value.Name
		at := slices.IndexFunc(official.EnumValues, func(v officialValue) bool { return v.Name == value.Name })
		if at < 0 {
			c.differs(place, "there is no such value")
			continue
		}
		c.deprecation(place, value.Directives, official.EnumValues[at].IsDeprecated)
	}
	for _, value := range official.EnumValues {
		if def.EnumValues.ForName(value.Name) == nil {
			c.differs(def.Name+"."+value.Name, "the value is missing")
		}
	}
}

// inputs are the fields of an input object, in the form of arguments.
func inputs(fields ast.FieldList) ast.ArgumentDefinitionList {
	var list ast.ArgumentDefinitionList
	for _, f := range fields {
		list = append(list, &ast.ArgumentDefinition{
			Name: f.Name, Type: f.Type, DefaultValue: f.DefaultValue, Directives: f.Directives,
		})
	}
	return list
}

func (c *comparison) arguments(of string, list ast.ArgumentDefinitionList, official []officialValue) {
	for _, argument := range list {
		place := of + "(" + argument.Name + ")"
		at := slices.IndexFunc(official, func(v officialValue) bool { return v.Name == argument.Name })
		if at < 0 {
			c.differs(place, "there is no such argument")
			continue
		}
		c.value(place, argument.Type, argument.DefaultValue, argument.Directives, official[at])
	}
	for _, theirs := range official {
		if list.ForName(theirs.Name) == nil && theirs.Type.Kind == "NON_NULL" && theirs.DefaultValue == nil {
			c.differs(of+"("+theirs.Name+")", "officially it is needed")
		}
	}
}

func (c *comparison) value(
	place string, is *ast.Type, byDefault *ast.Value, directives ast.DirectiveList, official officialValue,
) {
	if is.String() != official.Type.String() {
		c.differs(place, "its type is %s, officially %s", is, official.Type)
	}
	a, b := "none", "none"
	if byDefault != nil {
		a = byDefault.String()
	}
	if official.DefaultValue != nil {
		b = *official.DefaultValue
	}
	if a != b {
		c.differs(place, "its default is %s, officially %s", a, b)
	}
	c.deprecation(place, directives, official.IsDeprecated)
}

func (c *comparison) deprecation(place string, directives ast.DirectiveList, officially bool) {
	if is := directives.ForName("deprecated") != nil; is != officially {
		c.differs(place, "deprecated is %v, officially %v", is, officially)
	}
}
