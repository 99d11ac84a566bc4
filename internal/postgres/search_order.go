package postgres

import (
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// orderFinancialStatus takes Shopify's words for where an order's payments stand.
func orderFinancialStatus() SearchField {
	statuses := []fulfillment.FinancialStatus{
		fulfillment.FinancialPaid, fulfillment.FinancialPending, fulfillment.FinancialAuthorized,
		fulfillment.FinancialPartiallyPaid, fulfillment.FinancialPartiallyRefunded, fulfillment.FinancialRefunded,
		fulfillment.FinancialVoided, fulfillment.FinancialExpired,
	}
	return lowerChoices("financial_status", "where its payments stand", "{}financial_status", statuses)
}

// orderReturnStatus takes Shopify's words for what an order shows of its returns.
func orderReturnStatus() SearchField {
	return lowerChoices(
		"return_status", "what it shows of its returns", "{}return_status", returns.OrderReturnStatuses,
	)
}

func lowerChoices[T ~string](name, description, column string, values []T) SearchField {
	f := SearchField{
		Name: name, Kind: SearchChoice, Description: description, column: column, exists: "true",
		values: map[string][]string{},
	}
	for _, v := range values {
		choice := strings.ToLower(string(v))
		f.Choices, f.values[choice] = append(f.Choices, choice), []string{string(v)}
	}
	return f
}

// orderDeliveryMethod takes Shopify's words, and those of the API. What is not shipped is found by an index of its own.
func orderDeliveryMethod() SearchField {
	f := SearchField{
		Name: "delivery_method", Kind: SearchChoice,
		Description: "how one of its fulfillment orders reaches the customer", column: "d.delivery_method",
		match:  "EXISTS (SELECT FROM fulfillment_orders d WHERE d.order_id = {}id AND %s)",
		exists: "true", values: map[string][]string{}, literal: true,
	}
	for _, m := range fulfillment.DeliveryMethodTypes {
		for _, choice := range []string{
			strings.ReplaceAll(strings.ToLower(string(m)), "_", "-"), strings.ToLower(string(m)),
		} {
			if _, there := f.values[choice]; !there {
				f.Choices, f.values[choice] = append(f.Choices, choice), []string{string(m)}
			}
		}
	}
	return f
}

// The orders that have to do with a location.
const (
	assignedOrders = "SELECT order_id FROM fulfillment_orders WHERE %s"
	shippedOrders  = "SELECT order_id FROM fulfillments WHERE %s"
)

func orderLocation(name, description, orders string) SearchField {
	return SearchField{
		Name: name, Kind: SearchID, Type: "Location", Description: description, column: "location_id",
		match:  "{}id IN (" + orders + ")",
		exists: "{}id IN (" + strings.ReplaceAll(orders, "%s", "location_id <> 0") + ")",
	}
}
