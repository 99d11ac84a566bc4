package temporalio

import (
	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// OrderInput starts an order's workflow: an order to carry out, or (with Existing) an order that is in the store
// already and is about to be commanded. Its JSON is flat: an order's fields, and "existing".
type OrderInput struct {
	fulfillment.Order
	Existing bool `json:"existing,omitempty"`
	// FulfillmentOrderIDs are those of an existing order, for the result of the run.
	FulfillmentOrderIDs []fulfillment.ID `json:"fulfillmentOrderIds,omitempty"`
}

// OrderState is what an order's run answers to [StateQuery]: what its result would be now, and what it does.
type OrderState struct {
	OrderOutput
	Opened  bool   `json:"opened"`            // the order is taken in
	Command string `json:"command,omitempty"` // the update that is being carried out; empty: none
}

// OrderOutput is the fulfillment orders that the order became.
type OrderOutput struct {
	OrderID             fulfillment.ID   `json:"orderId"`
	FulfillmentOrderIDs []fulfillment.ID `json:"fulfillmentOrderIds,omitempty"`
	// WorkflowIDs are those of the same, to command them by.
	WorkflowIDs []string `json:"workflowIds,omitempty"`
}

// FulfillmentOrderInput starts a fulfillment order's workflow. The ID is enough: it continues from the snapshot in the
// store. A state is believed by runs of versions that handed it on, and by nobody else: anyone can write one.
type FulfillmentOrderInput struct {
	ID       fulfillment.ID                `json:"id"`
	State    *fulfillment.FulfillmentOrder `json:"state,omitempty"`    // committed already
	Answered []fulfillment.Answered        `json:"answered,omitempty"` // the last commands, for repeated ones
	Resumed  bool                          `json:"resumed,omitempty"`  // an earlier run may have called providers
	// After is the run before, when it may know what the store has lost. Of a run that continued as this one, Temporal
	// tells it.
	After string `json:"after,omitempty"`
	// Knew is the sequence that the store had when this run was started or continued. If it has less when that reads
	// it, it was set back, and the run before is asked for what is lost. 0: it is asked in any case. Whoever invents
	// one makes us ask.
	Knew int64 `json:"knew,omitempty"`
}

// ReturnInput starts a return's workflow. It may be left out: the workflow ID has the number, and all else is in the
// store.
type ReturnInput struct {
	ID fulfillment.ID `json:"id,omitempty"`
}

// JointAnswer is the answer to a command on several fulfillment orders: one result for each that the command is about.
type JointAnswer struct {
	Results []fulfillment.Result `json:"results"`
}

// DeleteService asks for the deletion of a fulfillment service. Its JSON is flat: a deletion's fields, and who asks.
type DeleteService struct {
	fulfillment.ServiceDeletion
	// App is who asks: whether it may move fulfillment orders is for its scopes to say.
	App      access.App       `json:"app"`
	Services []fulfillment.ID `json:"services,omitempty"` // that the app owns
}

// Caller is who asks.
func (d DeleteService) Caller() access.Caller { return access.Caller{App: d.App, Services: d.Services} }

// SameAs tells whether another one asks for the same, be it under another command ID.
func (d DeleteService) SameAs(other DeleteService) bool {
	return d.ID == other.ID && d.App.ID == other.App.ID &&
		d.InventoryAction == other.InventoryAction && d.DestinationLocationID == other.DestinationLocationID
}

// Reservation names the joint command that a fulfillment order is reserved for, and which try of it: its verb, " of ",
// and what makes it unique.
type Reservation struct {
	By string `json:"by"`
	// Stored is the version that the store had of the fulfillment order just before. One that knows of more looks into
	// the store, which may have been set back, before it is reserved. Missing: nobody looked.
	Stored *int64 `json:"stored,omitempty"`
	// Done is what the joint command has committed for the fulfillment order: one that does not find it in the store
	// knows that this was set back. Without a command ID only its sequence is known. Missing: nothing is.
	Done *fulfillment.Answered `json:"done,omitempty"`
}
