package easypost

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// The rejection reasons that EasyPost's answers lead to.
const (
	incorrectAddress    fulfillment.RejectionReason = "INCORRECT_ADDRESS"
	undeliverable       fulfillment.RejectionReason = "UNDELIVERABLE_DESTINATION"
	notAbroad           fulfillment.RejectionReason = "INTERNATIONAL_SHIPPING_UNAVAILABLE"
	missingCustomsInfo  fulfillment.RejectionReason = "MISSING_CUSTOMS_INFO"
	incorrectProduct    fulfillment.RejectionReason = "INCORRECT_PRODUCT_INFO"
	tooLarge            fulfillment.RejectionReason = "ORDER_TOO_LARGE"
	codePostageExists                               = "SHIPMENT.POSTAGE.EXISTS"
	codeInProgress                                  = "SHIPMENT.PURCHASE.IN_PROGRESS"
	codeNoResponse                                  = "SHIPMENT.POSTAGE.NO_RESPONSE"
	codeRatesNotThere                               = "SHIPMENT.RATES.UNAVAILABLE"
	codePaymentRequired                             = "PAYMENT_REQUIRED"
)

// operation is a kind of call: how much a missing answer leaves open depends on it.
type operation string

const (
	opCreate operation = "create a shipment" // costs nothing
	opBuy    operation = "buy the label"
	opRefund operation = "refund the label" // once is as good as twice
	opAsk    operation = "ask EasyPost"     // has no effect, or one that may be repeated
)

// verdict is what a failed call comes to.
type verdict struct {
	look   bool             // the shipment has been bought, or is being bought: look at it
	answer *provider.Answer // REJECTED
	err    *provider.Error
}

// judge decides by EasyPost's code, and by the status only where it knows no better: statuses are not documented.
// abroad tells whether the parcel crosses a border.
func judge(op operation, err error, abroad bool) verdict {
	var no *apiError
	if !errors.As(err, &no) {
		var l *lost
		if errors.As(err, &l) && l.Sent && op == opBuy {
			return failed(provider.UnknownOutcome, op, err, 0)
		}
		return failed(provider.Retryable, op, err, 0)
	}
	switch {
	case no.is(codePostageExists), no.is(codeInProgress):
		return verdict{look: true}
	case no.Status == http.StatusTooManyRequests:
		return failed(provider.Retryable, op, err, waitFor(no))
	case no.Status >= 500, no.Status == http.StatusRequestTimeout, no.is(codeNoResponse):
		if op == opBuy {
			return failed(provider.UnknownOutcome, op, err, no.RetryAfter)
		}
		return failed(provider.Retryable, op, err, no.RetryAfter)
	case no.Status == http.StatusUnauthorized, no.Status == http.StatusForbidden,
		no.Status == http.StatusPaymentRequired, no.is("MODE", "APIKEY", codePaymentRequired):
		return failed(provider.Permanent, op, err, 0) // Settings, or money: the order is not to blame.
	case no.is("ADDRESS.VERIFY.UNAVAILABLE", "ADDRESS.VERIFY.UPSTREAM_UNAVAILABLE", "REFUND.NO_RESPONSE"):
		return failed(provider.Retryable, op, err, no.RetryAfter) // The address, or the label, is not to blame.
	case op == opRefund:
		return rejected("", "EasyPost does not refund the label: %s", no.words())
	case op == opAsk:
		return failed(provider.Permanent, op, err, 0)
	case no.names("from_address") && !no.names("to_address"):
		return failed(provider.Permanent, op, err, 0) // The warehouse's address is a setting.
	case no.is("ADDRESS", "E"), no.names("to_address"):
		return rejected(incorrectAddress, "EasyPost refuses the address: %s", no.words())
	case no.is(codeRatesNotThere):
		return rejected(unserved(abroad), "No carrier takes the parcel: %s", no.words())
	case no.is("SHIPMENT.CUSTOMS_INFO"), strings.HasPrefix(no.Code, "CUSTOMS_"):
		return rejected(missingCustomsInfo, "EasyPost refuses the customs declaration: %s", no.words())
	case no.is("PARCEL", "CONTAINER"):
		return rejected(parcelReason(no.words()), "EasyPost refuses the parcel: %s", no.words())
	}
	return failed(provider.Permanent, op, err, 0)
}

func failed(class provider.Class, op operation, err error, after time.Duration) verdict {
	return verdict{err: &provider.Error{Class: class, RetryAfter: after, Message: string(op), Cause: err}}
}

func rejected(reason fulfillment.RejectionReason, format string, args ...any) verdict {
	answer := reject(reason, format, args...)
	return verdict{answer: &answer}
}

func reject(reason fulfillment.RejectionReason, format string, args ...any) provider.Answer {
	return provider.Answer{
		Outcome: fulfillment.OutcomeRejected, Reason: reason, Message: clip(fmt.Sprintf(format, args...), longestWords),
	}
}

func unserved(abroad bool) fulfillment.RejectionReason {
	if abroad {
		return notAbroad
	}
	return undeliverable
}

// parcelReason tells a parcel that is too much from one that is described wrongly.
func parcelReason(words string) fulfillment.RejectionReason {
	words = strings.ToLower(words)
	for _, much := range []string{"too large", "too heavy", "exceed", "maximum", "oversize", "over the limit"} {
		if strings.Contains(words, much) {
			return tooLarge
		}
	}
	return incorrectProduct
}

// waitFor is how long to leave EasyPost alone: as long as it says, or some seconds that differ from call to call.
func waitFor(no *apiError) time.Duration {
	if no.RetryAfter > 0 {
		return no.RetryAfter
	}
	return 2*time.Second + rand.N(4*time.Second) // It is spread, so that the callers don't come back at once.
}

// notFound tells whether EasyPost has no such thing.
func notFound(err error) bool {
	var no *apiError
	return errors.As(err, &no) && no.Status == http.StatusNotFound
}

// ofAnotherMode tells whether a thing of test mode was asked for with a key of production, or the other way round.
func ofAnotherMode(err error) bool {
	var no *apiError
	return errors.As(err, &no) && no.is("MODE")
}

func refuse(format string, args ...any) error {
	return &provider.Error{Class: provider.Permanent, Message: fmt.Sprintf(format, args...)}
}
