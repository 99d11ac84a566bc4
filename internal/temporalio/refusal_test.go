package temporalio

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"

	"packhorse/internal/fulfillment"
)

func TestRefusal(t *testing.T) {
	t.Parallel()
	refused := &fulfillment.Error{
		Code: fulfillment.CodeInvalid, Field: []string{"lines", "0"}, Message: "There is no such line.", Sequence: 4,
	}
	for name, test := range map[string]struct {
		err  error
		want *fulfillment.Error
	}{
		"as it is":       {refused, refused},
		"before it goes": {RefusalError(refused), refused},
		"wrapped":        {fmt.Errorf("send: %w", RefusalError(refused)), refused},
		"after it went":  {overTheWire(t, RefusalError(refused)), refused},
		"a fault":        {overTheWire(t, FaultError(refused, errors.New("a check failed"))), refused},
		"nothing":        {nil, nil},
		"infrastructure": {errors.New("connection refused"), nil},
		"another answer": {
			overTheWire(t, temporal.NewNonRetryableApplicationError("stale", "STALE", nil)), nil,
		},
		"details without a code": {
			overTheWire(t, temporal.NewApplicationError("x", "y", map[string]string{"message": "x"})), nil,
		},
		"details of another kind": {
			overTheWire(t, temporal.NewApplicationError("x", "y", []string{"x"})), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := Refusal(test.err)
			if ok != (test.want != nil) || !reflect.DeepEqual(got, test.want) {
				t.Errorf("found %#v, %v, want %#v", got, ok, test.want)
			}
		})
	}
}

// Programs in other languages tell refusals apart by the type, and people read the message.
func TestRefusalErrorAsOthersSeeIt(t *testing.T) {
	t.Parallel()
	err := overTheWire(t, RefusalError(&fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: "Not now."}))
	var app *temporal.ApplicationError
	if !errors.As(err, &app) || app.Type() != "UNAVAILABLE" || app.Message() != "Not now." || !app.NonRetryable() ||
		app.Category() != temporal.ApplicationErrorCategoryBenign {
		t.Errorf("got %#v", err)
	}
}

// TestRefusalErrorSaysWhatToDo, as the command line does, to programs of others that call Temporal themselves.
func TestRefusalErrorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for code, want := range map[fulfillment.Code]string{
		fulfillment.CodeOrderShipped:   "packhorse order edit ORDER --set-quantity LINE=UNITS",
		fulfillment.CodeHoldLimit:      "packhorse fulfillment-order release-hold ID --hold HOLD",
		fulfillment.CodeOrderCancelled: "",
	} {
		refused := &fulfillment.Error{Code: code, Field: []string{"orderId"}, Message: "No."}
		err := overTheWire(t, RefusalError(refused))
		var app *temporal.ApplicationError
		var whole fulfillment.Error
		var next struct{ WhatToDo string }
		if !errors.As(err, &app) || app.Details(&whole, &next) != nil && want != "" ||
			!reflect.DeepEqual(&whole, refused) ||
			!strings.Contains(next.WhatToDo, want) || want == "" && next.WhatToDo != "" {
			t.Errorf("%s: %+v, %q; want %q", code, whole, next.WhatToDo, want)
		}
	}
}

func TestFaultErrorKeepsItsCause(t *testing.T) {
	t.Parallel()
	err := overTheWire(
		t, FaultError(&fulfillment.Error{Code: fulfillment.CodeInternal, Message: "No."}, errors.New("a check failed")),
	)
	var app *temporal.ApplicationError
	if !errors.As(err, &app) || app.Category() == temporal.ApplicationErrorCategoryBenign || !app.NonRetryable() ||
		app.Unwrap() == nil || !strings.Contains(app.Unwrap().Error(), "a check failed") {
		t.Errorf("got %#v", err)
	}
}

// overTheWire is the error that the other side gets.
func overTheWire(t *testing.T, err error) error {
	t.Helper()
	codec := temporal.NewDefaultFailureConverter(
		temporal.DefaultFailureConverterOptions{DataConverter: converter.GetDefaultDataConverter()},
	)
	return codec.FailureToError(codec.ErrorToFailure(err))
}

// A refusal stays in a history, and so does what it quotes of a command of 2 MB.
func TestRefusalErrorIsShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 1<<20)
	refused := &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{"lines", long}, Message: "No: " + long}
	for range 100 {
		refused.Field = append(refused.Field, "x")
	}
	for name, err := range map[string]error{
		"a refusal": RefusalError(refused), "a fault": FaultError(refused, errors.New(long)),
	} {
		data := converter.GetDefaultDataConverter()
		failure, convertErr := proto.Marshal(temporal.NewDefaultFailureConverter(
			temporal.DefaultFailureConverterOptions{DataConverter: data},
		).ErrorToFailure(err))
		if convertErr != nil || len(failure) > 32<<10 {
			t.Errorf("%s has %d bytes in a history, %v", name, len(failure), convertErr)
		}
		got, _ := Refusal(overTheWire(t, err))
		if got == nil || !strings.HasPrefix(got.Message, "No: üü") || !strings.HasSuffix(got.Message, "ü…") {
			t.Errorf("%s reads %.100v", name, got)
		}
	}
	if len(refused.Message) < 1<<20 {
		t.Error("the refusal itself is clipped")
	}
}
