package fulfillment

import (
	"slices"
	"strings"
)

// Action is something that an actor may do with a fulfillment order now, as in Shopify's FulfillmentOrderAction.
type Action string

// The actions. EXTERNAL and MERGE are never listed by [FulfillmentOrder.SupportedActions]: the first belongs to
// services outside, the second depends on other fulfillment orders.
const (
	ActionCreateFulfillment      Action = "CREATE_FULFILLMENT"
	ActionRequestFulfillment     Action = "REQUEST_FULFILLMENT"
	ActionCancelFulfillmentOrder Action = "CANCEL_FULFILLMENT_ORDER"
	ActionMove                   Action = "MOVE"
	ActionRequestCancellation    Action = "REQUEST_CANCELLATION"
	ActionMarkAsOpen             Action = "MARK_AS_OPEN"
	ActionReleaseHold            Action = "RELEASE_HOLD"
	ActionHold                   Action = "HOLD"
	ActionExternal               Action = "EXTERNAL"
	ActionSplit                  Action = "SPLIT"
	ActionMerge                  Action = "MERGE"
	ActionReportProgress         Action = "REPORT_PROGRESS"
)

// actions says of every action who may take it and when, in the order of listing. The command behind an action asks
// the same function, so what is listed and what is allowed can't disagree. What is allowed but not listed (some
// things work in Shopify's API that it does not list) is named by unlisted.
var actions = []struct {
	action   Action
	allowed  func(fo *FulfillmentOrder, by Actor) *Error
	unlisted func(fo *FulfillmentOrder) bool
}{
	{ActionRequestFulfillment, mayRequestFulfillment, never},
	{ActionCreateFulfillment, mayCreateFulfillment, never},
	{ActionReportProgress, mayReportProgress, never},
	{ActionRequestCancellation, mayRequestCancellation, never},
	{
		ActionCancelFulfillmentOrder, mayCancel,
		func(fo *FulfillmentOrder) bool { return fo.in(StatusOpen, RequestUnsubmitted) },
	},
	{ActionMove, mayMove, func(fo *FulfillmentOrder) bool {
		return fo.in(StatusOpen, RequestRejected) || fo.Status == StatusCancelled
	}},
	{ActionReleaseHold, mayReleaseHold, never},
	{ActionHold, mayHold, (*FulfillmentOrder).WithService},
	{ActionMarkAsOpen, mayOpen, never},
	{ActionSplit, maySplit, func(fo *FulfillmentOrder) bool { return fo.RemainingUnits() <= 1 }},
}

func never(*FulfillmentOrder) bool { return false }

// SupportedActions lists what the actor may do with the fulfillment order now, in a fixed order. It depends on the
// actor: only who runs the location may ship from it, and a service sees its own fulfillment orders only.
func (fo *FulfillmentOrder) SupportedActions(by Actor) []Action {
	if fo == nil || !by.sees(fo.AssignedLocation) {
		return nil
	}
	var list []Action
	for _, rule := range actions {
		if rule.allowed(fo, by) == nil && !rule.unlisted(fo) {
			list = append(list, rule.action)
		}
	}
	return list
}

// in tells whether the fulfillment order has this status and one of these request statuses; any, if none is named.
func (fo *FulfillmentOrder) in(status Status, requests ...RequestStatus) bool {
	return fo.Status == status && (len(requests) == 0 || slices.Contains(requests, fo.RequestStatus))
}

// withMerchant tells whether the units are free to be worked on by the merchant: no service was asked for them, or it
// has given them back. The states are those in which a hold can be placed.
func (fo *FulfillmentOrder) withMerchant() bool {
	return fo.in(StatusOpen, RequestUnsubmitted, RequestRejected) || fo.in(StatusInProgress, RequestUnsubmitted) ||
		fo.Status == StatusOnHold || fo.Status == StatusIncomplete || fo.Status == StatusCancelled
}

func (s Status) lower() string { return strings.ToLower(string(s)) }

// denied is the refusal of somebody who does not run the location: the same text as for a wrong state, as in the
// source, but told apart by its code.
func denied(e *Error) *Error {
	e.Code = CodeAccessDenied
	return e
}
