package endtoend

// The mutations that tests send in several places. Each payload has everything that it can have of fulfillment orders.
const (
	submit = `mutation ($id: ID!, $lines: [FulfillmentOrderLineItemInput!]) {
		fulfillmentOrderSubmitFulfillmentRequest(id: $id, message: "Please ship.", notifyCustomer: false,
			fulfillmentOrderLineItems: $lines) {
			originalFulfillmentOrder { ...State } submittedFulfillmentOrder { ...State } unsubmittedFulfillmentOrder {
				...State }
			userErrors { field message }
		}
	}` + state
	accept = `mutation ($id: ID!) {
		fulfillmentOrderAcceptFulfillmentRequest(id: $id, message: "We will.") { fulfillmentOrder { ...State }
			userErrors { field message } }
	}` + state
	reject = `mutation ($id: ID!, $lines: [IncomingRequestLineItemInput!]) {
		fulfillmentOrderRejectFulfillmentRequest(id: $id, reason: INVENTORY_OUT_OF_STOCK, message: "We can't.",
			lineItems: $lines) {
			fulfillmentOrder { ...State } userErrors { field message }
		}
	}` + state
	submitCancellation = `mutation ($id: ID!) {
		fulfillmentOrderSubmitCancellationRequest(id: $id, message: "Please stop.") { fulfillmentOrder { ...State }
			userErrors { field message } }
	}` + state
	acceptCancellation = `mutation ($id: ID!) {
		fulfillmentOrderAcceptCancellationRequest(id: $id) { fulfillmentOrder { ...State } userErrors { field message
			} }
	}` + state
	rejectCancellation = `mutation ($id: ID!) {
		fulfillmentOrderRejectCancellationRequest(id: $id, message: "It is on its way.") { fulfillmentOrder { ...State
			} userErrors { field message } }
	}` + state
	closing = `mutation ($id: ID!) {
		fulfillmentOrderClose(id: $id, message: "We give up.") { fulfillmentOrder { ...State } userErrors { field
			message } }
	}` + state
	cancel = `mutation ($id: ID!) {
		fulfillmentOrderCancel(id: $id) {
			fulfillmentOrder { ...State } replacementFulfillmentOrder { ...State } userErrors { field message code }
		}
	}` + state
	holding = `mutation ($id: ID!, $hold: FulfillmentOrderHoldInput!) {
		fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) {
			fulfillmentHold { id handle } fulfillmentOrder { ...State } remainingFulfillmentOrder { ...State }
				userErrors { field message code }
		}
	}` + state
	releaseHold = `mutation ($id: ID!, $holds: [ID!]) {
		fulfillmentOrderReleaseHold(id: $id, holdIds: $holds) { fulfillmentOrder { ...State } userErrors { field
			message code } }
	}` + state
	open = `mutation ($id: ID!) {
		fulfillmentOrderOpen(id: $id) { fulfillmentOrder { ...State } userErrors { field message } }
	}` + state
	reportProgress = `mutation ($id: ID!) {
		fulfillmentOrderReportProgress(id: $id, progressReport: {reasonNotes: "Packing."}) { fulfillmentOrder {
			...State } userErrors { field message code } }
	}` + state
	move = `mutation ($id: ID!, $to: ID!, $lines: [FulfillmentOrderLineItemInput!]) {
		fulfillmentOrderMove(id: $id, newLocationId: $to, fulfillmentOrderLineItems: $lines) {
			movedFulfillmentOrder { ...State } originalFulfillmentOrder { ...State } remainingFulfillmentOrder {
				...State }
			userErrors { field message code }
		}
	}` + state
	splitting = `mutation ($splits: [FulfillmentOrderSplitInput!]!) {
		fulfillmentOrderSplit(fulfillmentOrderSplits: $splits) {
			fulfillmentOrderSplits { fulfillmentOrder { ...State } remainingFulfillmentOrder { ...State } } userErrors
				{ field message code }
		}
	}` + state
	merging = `mutation ($merges: [FulfillmentOrderMergeInput!]!) {
		fulfillmentOrderMerge(fulfillmentOrderMergeInputs: $merges) {
			fulfillmentOrderMerges { fulfillmentOrder { ...State } } userErrors { field message code }
		}
	}` + state
	setDeadline = `mutation ($ids: [ID!]!, $at: DateTime!) {
		fulfillmentOrdersSetFulfillmentDeadline(fulfillmentOrderIds: $ids, fulfillmentDeadline: $at) { success
			userErrors { field message code } }
	}`
	ship = `mutation ($fulfillment: FulfillmentInput!) {
		fulfillmentCreate(fulfillment: $fulfillment) {
			fulfillment { id name status fulfillmentOrders(first: 5) { nodes { ...State } } } userErrors { field
				message }
		}
	}` + state
	cancelFulfillment = `mutation ($id: ID!) {
		fulfillmentCancel(id: $id) {
			fulfillment { id status fulfillmentOrders(first: 5) { nodes { ...State } } } userErrors { field message }
		}
	}` + state
	track = `mutation ($id: ID!, $tracking: FulfillmentTrackingInput!) {
		fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $tracking) {
			fulfillment { id status trackingInfo { company number url } fulfillmentOrders(first: 5) { nodes { ...State
				} } }
			userErrors { field message }
		}
	}` + state
	event = `mutation ($event: FulfillmentEventInput!) {
		fulfillmentEventCreate(fulfillmentEvent: $event) { fulfillmentEvent { id status } userErrors { field message } }
	}`
	cancelOrder = `mutation ($id: ID!) {
		orderCancel(orderId: $id, reason: CUSTOMER, restock: false, refund: false) { job { id done }
			orderCancelUserErrors { field message code } }
	}`
	beginEdit = `mutation ($id: ID!) {
		orderEditBegin(id: $id) {
			calculatedOrder { id lineItems(first: 10) { nodes { id quantity editableQuantity } } } userErrors { field
				message }
		}
	}`
	setEditQuantity = `mutation ($id: ID!, $line: ID!, $quantity: Int!) {
		orderEditSetQuantity(id: $id, lineItemId: $line, quantity: $quantity) { calculatedOrder { id } userErrors {
			field message } }
	}`
	commitEdit = `mutation ($id: ID!) {
		orderEditCommit(id: $id) { order { id } userErrors { field message } }
	}`
)

// shipment is the input of ship for one fulfillment order; without lines, all that remains.
func shipment(fulfillmentOrder string, lines any) vars {
	group := vars{"fulfillmentOrderId": fulfillmentOrder}
	if lines != nil {
		group["fulfillmentOrderLineItems"] = lines
	}
	return vars{"fulfillment": vars{"lineItemsByFulfillmentOrder": []vars{group}}}
}
