package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
)

// orderTables is the payload with which an order is started.
func orderTables(c comments) string {
	return fieldTable(c, reflect.TypeFor[fulfillment.Order]()) + "\nEach of the `lineItems`:\n\n" +
		fieldTable(c, reflect.TypeFor[fulfillment.LineItem]())
}

// notes is what there is to say about fields that the domain's source takes for granted, by their names in JSON.
var notes = map[string]string{
	"actor":                     "who asks; default: an operator",
	"commandId":                 "idempotency key",
	"title":                     "what people call it",
	"email":                     "the customer's",
	"phone":                     "the customer's",
	"shippingAddress":           "personal data: kept in the store and in this workflow's history, nowhere else",
	"message":                   "text for the other side",
	"notifyCustomer":            "the customer is to be told; kept with the command",
	"notifyMerchant":            "the merchant is to be told; kept with the hold",
	"fulfillmentOrderLineItems": "units by fulfillment order line ID",
	"fulfillmentId":             "the shipment",
	"fulfillmentDeadline":       "the last unit is to be shipped by then",
	"expiresAt":                 "released by itself at this time; left out: never",
	"handle":                    "name of the hold, unique for the app and the fulfillment order",
	"externalId":                "the app's own ID",
	"holdIds":                   "these holds only; an empty list is refused",
	"handles":                   "holds with one of these handles only; an empty list is refused",
	"ownOnly":                   "only holds of the app that asks",
	"estimatedShippedAt":        "when the service thinks that it will be shipped",
	"estimatedDeliveryAt":       "when the carrier thinks that it will be delivered",
	"happenedAt":                "default: now",
	"trackingInfo":              "one number or several; the URL of a known carrier is made from the number",
	"trackingInfoInput":         "one number or several; the URL of a known carrier is made from the number",
	"originAddress":             "where it leaves from",
}

// fieldTable lists a struct's JSON fields. What it embeds is left out.
func fieldTable(c comments, t reflect.Type) string {
	var b strings.Builder
	b.WriteString("| field | type | default | meaning |\n|---|---|---|---|\n")
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" || lookedUp(t, f.Name) {
			continue
		}
		fallback, meaning := c.fieldText(t.Name() + "." + f.Name)
		if c[t.Name()+"."+f.Name] == "" {
			meaning = notes[name]
		}
		if options == "" && f.Type.Kind() != reflect.Pointer {
			fallback = "(required)"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, cell(jsonType(f.Type)), cell(fallback), cell(meaning))
	}
	return b.String()
}

// lookedUp tells the fields of a move that the workflow fills in itself.
func lookedUp(t reflect.Type, field string) bool {
	return t == reflect.TypeFor[fulfillment.Move]() && (field == "Location" || field == "UnstockedSKUs")
}

// jsonType is a Go type in the words of somebody who writes JSON.
func jsonType(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[fulfillment.ID]():
		return "ID"
	case reflect.TypeFor[time.Time]():
		return "time"
	case reflect.TypeFor[fulfillment.Duration]():
		return "duration"
	}
	if values := valuesOf(t); values != nil {
		return "`" + strings.Join(values, "` `") + "`"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return jsonType(t.Elem())
	case reflect.Slice:
		if t.Elem() == reflect.TypeFor[fulfillment.LineItem]() {
			return "list, see below"
		}
		return "list of " + jsonType(t.Elem())
	case reflect.Map:
		return "object of " + jsonType(t.Elem())
	case reflect.Struct:
		var names []string
		for _, f := range reflect.VisibleFields(t) { // Also of what it embeds.
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "-" && !f.Anonymous {
				names = append(names, name)
			}
		}
		return "`{" + strings.Join(names, ", ") + "}`"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text"
	default:
		return "number"
	}
}

// valuesOf lists the values of a type that has a fixed list of them.
func valuesOf(t reflect.Type) []string {
	switch t {
	case reflect.TypeFor[fulfillment.DeliveryMethodType]():
		return texts(fulfillment.DeliveryMethodTypes)
	case reflect.TypeFor[fulfillment.EventStatus]():
		return texts(fulfillment.EventStatuses)
	case reflect.TypeFor[fulfillment.RejectionReason]():
		return texts(fulfillment.RejectionReasons)
	case reflect.TypeFor[fulfillment.HoldReason]():
		var reasons []string
		for reason := range fulfillment.HoldReasons {
			reasons = append(reasons, string(reason))
		}
		slices.Sort(reasons)
		return reasons
	}
	return nil
}

func texts[T ~string](values []T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}

// cell is a text that can't break its table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ").Replace(text)
}
