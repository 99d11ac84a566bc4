package refusal

import (
	"net/http"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// entry is a row of the table: what the row does not say is the same for all refusals, see [Of].
type entry struct {
	http      int
	alias     string // another code of the same meaning, in payloads whose enum has that
	endsField string // code of the top-level error that it is in GraphQL, where it is no user error
	message   string // in place of the refusal's own
	advice    string
}

// What is wrong with what was asked for, what is not there, and what the state forbids.
const (
	wrong    = http.StatusUnprocessableEntity
	missing  = http.StatusNotFound
	conflict = http.StatusConflict
)

// UnavailableMessage is what whoever asked is told when there is no answer now, whatever stands in the way inside.
const UnavailableMessage = "There is no answer at this moment. What was asked may still be carried out: " +
	"send the same again, with an idempotency key to be sure that it happens once."

const (
	seeFulfillmentOrders = "See what there is: packhorse fulfillment-order list --all"
	seeParts             = "See what there is: packhorse order show, packhorse fulfillment-order show"
	seeDocuments         = "See what there is: packhorse document list FULFILLMENT-ORDER"
	seeHistory           = "See how it came here: packhorse fulfillment-order history {id}"
)

var table = map[fulfillment.Code]entry{
	fulfillment.CodeUnavailable: {http: http.StatusServiceUnavailable, endsField: Unavailable,
		message: UnavailableMessage,
		advice:  "Look whether a worker is running."},
	fulfillment.CodeInternal: {http: http.StatusInternalServerError, endsField: Internal},
	fulfillment.CodeIdempotencyConflict: {http: conflict, endsField: KeyMismatch,
		advice: "Take another --command-id: this one belongs to a command that asked for something else."},
	fulfillment.CodeAccessDenied: {http: http.StatusForbidden,
		advice: "Ask as somebody who may: " +
			"--as operator, --as merchant, or --as service:ID of the service that runs the location."},

	fulfillment.CodeNotFound:            {http: missing, advice: seeFulfillmentOrders},
	fulfillment.CodeFulfillmentNotFound: {http: missing, advice: seeParts},
	fulfillment.CodeHoldNotFound:        {http: missing, advice: seeParts},
	fulfillment.CodeDocumentNotFound:    {http: missing, advice: seeDocuments},
	fulfillment.CodeLineItemNotFound:    {http: missing, advice: seeParts},
	fulfillment.CodeOrderNotFound: {
		http: missing, alias: "NOT_FOUND", advice: "See what there is: packhorse order list",
	},
	fulfillment.CodeLocationNotFound: {
		http: missing, alias: "NOT_FOUND", advice: "See what there is: packhorse location list",
	},
	fulfillment.CodeServiceNotFound: {http: missing},

	fulfillment.CodeInvalidState: {http: conflict, alias: "FULFILLMENT_ORDER_STATUS_INVALID", advice: seeHistory},
	fulfillment.CodeOrderExists: {http: conflict,
		advice: "Change the one that is there: packhorse order update --help, packhorse order edit --help. " +
			"A new order needs an id or sourceIdentifier of its own."},
	fulfillment.CodeNoRoom: {http: conflict,
		advice: "Split off what is left to ship: packhorse fulfillment-order split --help."},
	fulfillment.CodeOrderShipped: {http: conflict,
		advice: "What is shipped stays so. Take the rest out: packhorse order edit ORDER --set-quantity LINE=UNITS, " +
			"with the units that are shipped; a service that has the rest is asked to stop first: packhorse " +
			"fulfillment-order submit-cancellation-request ID. packhorse order show ORDER has all IDs. Or take its " +
			"shipments back, and cancel it then: packhorse fulfillment cancel FULFILLMENT"},
	fulfillment.CodeOrderCancelled: {http: conflict},
	fulfillment.CodeHoldLimit: {http: conflict,
		advice: "Release a hold first: packhorse fulfillment-order release-hold {id} --hold HOLD"},
	fulfillment.CodeDuplicateHandle:   {http: conflict},
	fulfillment.CodeNotSplittable:     {http: conflict},
	fulfillment.CodeProgressOnMove:    {http: conflict},
	fulfillment.CodeProgressOnCancel:  {http: conflict},
	fulfillment.CodeStateNotSupported: {http: conflict},
	fulfillment.CodeCannotReassign:    {http: conflict},
	fulfillment.CodeServiceInUse:      {http: conflict},
	fulfillment.CodeTaken:             {http: conflict},

	fulfillment.CodeNonUniqueName: {http: conflict,
		advice: "Give one of both another name: packhorse location edit LOCATION --name NAME"},
	fulfillment.CodeNeverDeactivated: {http: conflict,
		advice: "What a service's location is routed is what it stocks: " +
			"packhorse location edit LOCATION --remove-sku SKU"},
	fulfillment.CodeHasFulfillmentOrders: {http: conflict,
		advice: "Move them one by one: packhorse fulfillment-order move ID --to LOCATION; " +
			"or all: packhorse location deactivate LOCATION --destination LOCATION"},
	fulfillment.CodeCannotDisableOnlineOrders: {http: conflict,
		advice: "Let another one fulfill online orders first: " +
			"packhorse location edit LOCATION --fulfills-online-orders"},
	fulfillment.CodeCannotModifyOnlineOrders: {http: conflict},
	fulfillment.CodeDestinationIsTheSame:     {http: wrong},
	fulfillment.CodeDestinationNotFound:      {http: missing, advice: "See what there is: packhorse location list"},
	fulfillment.CodeDestinationOfAService:    {http: wrong},
	fulfillment.CodeLocationIsActive: {http: conflict,
		advice: "Take it out of use first: packhorse location deactivate LOCATION"},
	fulfillment.CodeLocationHasOrders: {http: conflict,
		advice: "See them: packhorse fulfillment-order list --location LOCATION"},
	fulfillment.CodeLocationUndeletable: {http: conflict},
	fulfillment.CodeKeyMismatch:         {http: conflict},
	fulfillment.CodeKeyInUse:            {http: conflict},

	fulfillment.CodeUnroutable: {http: wrong,
		advice: "Have a location stock it: packhorse location edit LOCATION --add-sku SKU; " +
			"or get what no other stocks: --default. Or name a location on the line (locationId)."},
	fulfillment.CodeInvalid:                   {http: wrong},
	fulfillment.CodeGreaterThan:               {http: wrong},
	fulfillment.CodeGreaterThanZero:           {http: wrong},
	fulfillment.CodeDuplicateLines:            {http: wrong},
	fulfillment.CodeNoLineItemsToSplit:        {http: wrong},
	fulfillment.CodeInvalidLineItem:           {http: wrong},
	fulfillment.CodeNoFulfillmentOrderIDs:     {http: wrong},
	fulfillment.CodeNotFromTheSameOrder:       {http: wrong},
	fulfillment.CodeDeliveryMethodUnsupported: {http: wrong},
	fulfillment.CodeSingleLocation:            {http: wrong},
	fulfillment.CodeNotAtTheSameLocation:      {http: wrong},
	fulfillment.CodeServiceInvalid:            {http: wrong},
	fulfillment.CodePickupInvalid:             {http: wrong},
	fulfillment.CodeNothingToPrepare:          {http: wrong},
	fulfillment.CodeBlank:                     {http: wrong},
	fulfillment.CodeTooLong:                   {http: wrong},

	returns.CodeNotFound:       {http: missing},
	returns.CodeLineMustExist:  {http: missing},
	returns.CodeMoreThanReturn: {http: wrong},
	returns.CodeTooLarge:       {http: conflict},
	returns.CodeHasReturns:     {http: conflict},
}
