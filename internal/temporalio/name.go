package temporalio

// TaskQueue is where all workflows, and all activities but the providers', run.
const TaskQueue = "packhorse"

// WebhookTaskQueue is where webhooks are delivered and fulfillment services called: an activity for each subscription
// and each service runs there all the time.
const WebhookTaskQueue = "packhorse-webhooks"

// The types of the workflows.
const (
	OrderType            = "Order"
	FulfillmentOrderType = "FulfillmentOrder"
	ServiceDeletionType  = "ServiceDeletion"
	ReturnType           = "Return"

	WebhookSubscriptionType = "WebhookSubscription"
	ServiceCallbacksType    = "ServiceCallbacks"
)

// FollowFeed is the activity type of the delivery of a webhook subscription's events.
const FollowFeed = "FollowFeed"

// CallService is the activity type of the calls of a fulfillment service.
const CallService = "CallService"

// The signals of the workflows of webhook subscriptions, and of the callbacks of fulfillment services.
const (
	// ChangedSignal tells that the subscription or service was made, changed, paused, resumed or deleted. It has no
	// payload: what is so now is in the store.
	ChangedSignal = "Changed"
	// ReportSignal tells how the delivery goes. It has a [DeliveryReport] or a [CallbackReport], and is not
	// for callers.
	ReportSignal = "Report"
)

// ProviderCall is the activity type of a call of a provider, which may be tried again for as long as the provider is
// down.
const ProviderCall = "CallProvider"

// StateQuery asks a fulfillment order's workflow for its state, a [fulfillment.FulfillmentOrder], and a return's for
// its own, a [returns.Return]; null while it has none.
const StateQuery = "state"

// The updates of an order that are no joint commands, which are named by [fulfillment.JointVerbs]. The updates and
// signals of a fulfillment order by which it is commanded are named by [fulfillment.Verbs], those of a return by
// [returns.Verbs].
const (
	CancelOrderUpdate = "Cancel" // takes a [fulfillment.CancelOrder], answers a [fulfillment.OrderCancelled]
	EditOrderUpdate   = "Edit"   // takes a [fulfillment.EditOrder], answers a [fulfillment.OrderEdited]
	UpdateOrderUpdate = "Update" // takes a [fulfillment.UpdateOrder], answers a [fulfillment.OrderUpdated]
	CloseOrderUpdate  = "Close"  // takes a [fulfillment.CloseOrder], answers a [fulfillment.OrderClosed]
	OpenOrderUpdate   = "Open"   // takes a [fulfillment.OpenOrder], answers a [fulfillment.OrderClosed]
)

// DeleteServiceUpdate is the update by which a fulfillment service is deleted. It takes a [DeleteService], answers
// nothing, and is refused as a whole or carried out as a whole.
const DeleteServiceUpdate = "Delete"

// The updates by which an order carries out a joint command at its fulfillment orders. Each takes a [Reservation] and
// answers nothing. They are not for callers.
const (
	ReserveUpdate = "Reserve"
	ApplyUpdate   = "Apply"
	AbortUpdate   = "Abort"
)

// LostType is the type of the application error with which a fulfillment order's run fails when the database was set
// back to a time before it was made.
const LostType = "LOST"

// RefreshUpdate is the update by which a fulfillment order looks into the store, in case that is ahead of it: the
// workflow task that committed something may have been lost together with the command. It also brings a fulfillment
// order to life whose workflow is gone. It is no command: it decides nothing, takes nothing, and answers nothing.
const RefreshUpdate = "Refresh"
