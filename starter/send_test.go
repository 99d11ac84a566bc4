package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"packhorse/internal/config"
	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/internal/temporalio"
)

// TestFlagsBecomeTheCommand sends each command with all of its flags.
func TestFlagsBecomeTheCommand(t *testing.T) {
	t.Parallel()
	operator := `"commandId":"c","actor":{"role":"OPERATOR"}`
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"submit-fulfillment-request", "4711", "-m", "fast", "--notify-customer", "--line", "4712=1"},
			`SubmitFulfillmentRequest 4711 {` + operator +
				`,"message":"fast","notifyCustomer":true,"fulfillmentOrderLineItems":[{"id":"4712","quantity":1}]}`},
		{[]string{
			"accept-fulfillment-request", "4711", "--as", "service:nordlicht", "--app", "wms", "--estimated-shipped-at",
			"2h",
		},
			`AcceptFulfillmentRequest 4711 {"commandId":"c","actor":{"role":"SERVICE","app":"wms","serviceId":"9"},"estimatedShippedAt":"2026-11-27T14:00:00Z"}`},
		{[]string{
			"accept-fulfillment-request", "4711", "--line", "4712=2", "--reason", "inventory-out-of-stock", "--reason",
			"4713=none = left",
		},
			`AcceptFulfillmentRequest 4711 {` + operator +
				`,"fulfillmentOrderLineItems":[{"id":"4712","quantity":2}],"reason":"INVENTORY_OUT_OF_STOCK","rejectedLineItems":[{"fulfillmentOrderLineItemId":"4713","message":"none = left"}]}`},
		{[]string{
			"reject-fulfillment-request", "4711", "--reason", "inventory-out-of-stock", "--line", "4712=none = left",
		},
			`RejectFulfillmentRequest 4711 {` + operator +
				`,"reason":"INVENTORY_OUT_OF_STOCK","lineItems":[{"fulfillmentOrderLineItemId":"4712","message":"none = left"}]}`},
		{
			[]string{"submit-cancellation-request", "4711", "-m", "x"},
			`SubmitCancellationRequest 4711 {` + operator + `,"message":"x"}`,
		},
		{[]string{"accept-cancellation-request", "4711"}, `AcceptCancellationRequest 4711 {` + operator + `}`},
		{[]string{"accept-cancellation-request", "4711", "--line", "4712=1"}, `AcceptCancellationRequest 4711 {` + operator +
			`,"fulfillmentOrderLineItems":[{"id":"4712","quantity":1}]}`},
		{[]string{"reject-cancellation-request", "4711"}, `RejectCancellationRequest 4711 {` + operator + `}`},
		{[]string{
			"hold", "fulfillment-order/4711", "--reason", "other", "--notes", "n", "--handle", "h", "--external-id",
			"e", "--notify-merchant", "--expires-at", "2026-12-01 08:00", "--line", "4712=2",
		},
			`Hold 4711 {` + operator +
				`,"reason":"OTHER","reasonNotes":"n","notifyMerchant":true,"externalId":"e","handle":"h","fulfillmentOrderLineItems":[{"id":"4712","quantity":2}],"expiresAt":"2026-12-01T08:00:00Z"}`},
		{
			[]string{"release-hold", "4711", "--hold", "1,2", "--hold", "3"},
			`ReleaseHold 4711 {` + operator + `,"holdIds":["1","2","3"]}`,
		},
		{
			[]string{"release-hold", "4711", "--own", "--app", "risk"},
			`ReleaseHold 4711 {"commandId":"c","actor":{"role":"OPERATOR","app":"risk"},"ownOnly":true}`,
		},
		{[]string{"cancel", "4711"}, `Cancel 4711 {` + operator + `}`},
		{[]string{"close", "4711", "-m", "x"}, `Close 4711 {` + operator + `,"message":"x"}`},
		{[]string{"open", "4711"}, `Open 4711 {` + operator + `}`},
		{
			[]string{"reschedule", "4711", "--fulfill-at", "2026-12-01T08:00:00+01:00"},
			`Reschedule 4711 {` + operator + `,"fulfillAt":"2026-12-01T07:00:00Z"}`,
		},
		{
			[]string{"report-progress", "4711", "--notes", "packed"},
			`ReportProgress 4711 {` + operator + `,"reasonNotes":"packed"}`,
		},
		{
			[]string{"set-deadline", "4711", "--fulfill-by", "48h"},
			`SetDeadline 4711 {` + operator + `,"fulfillmentDeadline":"2026-11-29T12:00:00Z"}`,
		},
		{[]string{"set-deadline", "4711", "--none"}, `SetDeadline 4711 {` + operator + `,"fulfillmentDeadline":null}`},
		{
			[]string{"move", "4711", "--to", "nordlicht", "--as", "merchant"},
			`Move 4711 {"commandId":"c","actor":{"role":"MERCHANT"},"newLocationId":"8"}`,
		},
		{
			[]string{"move", "4711", "--to", "99", "--line", "4712=1"},
			`Move 4711 {` + operator + `,"newLocationId":"99","fulfillmentOrderLineItems":[{"id":"4712","quantity":1}]}`,
		},
		{
			[]string{"split", "4711", "--line", "4712=1"},
			`Split 4711 {` + operator + `,"fulfillmentOrderLineItems":[{"id":"4712","quantity":1}]}`,
		},
		{[]string{"merge", "4711", "fulfillment-order/4711"},
			`Merge order 1001 {` + operator +
				`,"fulfillmentOrderMergeInputs":[{"mergeIntents":[{"fulfillmentOrderId":"4711"},{"fulfillmentOrderId":"4711"}]}]}`},
		{[]string{"reroute", "4711", "--include", "7,8", "--exclude", "9"},
			`Reroute order 1001 {` + operator +
				`,"fulfillmentOrderIds":["4711"],"includedLocationIds":["7","8"],"excludedLocationIds":["9"]}`},
		{[]string{
			"create-fulfillment", "4711", "--tracking-company", "UPS", "--tracking-number", "1", "--tracking-number",
			"2", "--tracking-url", "u", "--origin-country-code", "PT",
		},
			`CreateFulfillment 4711 {` + operator +
				`,"trackingInfo":{"company":"UPS","numbers":["1","2"],"urls":["u"]},"originAddress":{"countryCode":"PT"}}`},
		{[]string{"create-fulfillment", "4711"}, `CreateFulfillment 4711 {` + operator + `}`},
		{
			[]string{"cancel-fulfillment", "4711", "--fulfillment", "4714"},
			`CancelFulfillment 4711 {` + operator + `,"fulfillmentId":"4714"}`,
		},
		{
			[]string{"update-tracking", "4711", "--fulfillment", "4714", "--tracking-number", "1"},
			`UpdateTracking 4711 {` + operator + `,"fulfillmentId":"4714","trackingInfoInput":{"number":"1"}}`,
		},
		{[]string{
			"record-event", "4711", "--fulfillment", "4714", "--status", "in_transit", "--city", "Porto", "--latitude",
			"41.1",
		},
			`RecordEvent 4711 {` + operator +
				`,"fulfillmentId":"4714","status":"IN_TRANSIT","city":"Porto","latitude":41.1}`},
	} {
		f := lantern()
		status, _, stderr := call(
			t, f, "", append(append([]string{"fulfillment-order"}, test.args...), "--command-id", "c")...,
		)
		if status != statusDone || len(f.sent) != 1 || f.sent[0] != test.want {
			t.Errorf("%v: status %d %s\nsent %v\nwant %s", test.args, status, stderr, f.sent, test.want)
		}
	}
}

func TestCommandsOfAShipmentGoToItsFulfillmentOrder(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"4714", "#1001-F1", "1001-F1", "web-1-F1"} {
		f := lantern()
		if name == "web-1-F1" {
			f.fulfillmentOrders[0].Fulfillments[0].Name = name
		}
		status, _, stderr := call(t, f, "", "fulfillment", "event", name, "--status", "DELIVERED", "--command-id", "c")
		want := `RecordEvent 4711 {"commandId":"c","actor":{"role":"OPERATOR"},"fulfillmentId":"4714","status":"DELIVERED"}`
		if status != statusDone || len(f.sent) != 1 || f.sent[0] != want {
			t.Errorf("%s: status %d %s, sent %v", name, status, stderr, f.sent)
		}
	}
	if status, _, stderr := call(t, lantern(), "", "fulfillment", "cancel", "#1001-F2"); status != statusFailed ||
		!strings.Contains(stderr, string(fulfillment.CodeFulfillmentNotFound)) {
		t.Errorf("status %d %s", status, stderr)
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	f := lantern()
	f.send = func(fulfillment.ID, fulfillment.Command) (fulfillment.Result, error) {
		return fulfillment.Result{}, &fulfillment.Error{Code: fulfillment.CodeInvalidState,
			Field: []string{"fulfillment", "0"}, Message: "Not now.",
			Status: "OPEN", RequestStatus: "SUBMITTED", SupportedActions: []fulfillment.Action{
				"CANCEL_FULFILLMENT_ORDER", "MARK_AS_OPEN", "HOLD",
			}}
	}
	status, stdout, stderr := call(t, f, "", "fulfillment-order", "create-fulfillment", "4711")
	want := `packhorse: Not now.
  code        INVALID_STATE
  field       fulfillment.0
  stands at   OPEN / SUBMITTED
  possible    cancel, open, hold
  what to do  Do what is possible now, or see how it came here: packhorse fulfillment-order history 4711
`
	if status != statusFailed || stdout != "" || stderr != want {
		t.Errorf("status %d, said %q and\n%s", status, stdout, stderr)
	}
	_, _, stderr = call(t, f, "", "fulfillment-order", "create-fulfillment", "4711", "-o", "json", "--command-id", "c")
	var document struct{ Error explanation }
	if err := json.Unmarshal([]byte(stderr), &document); err != nil ||
		document.Error.Code != fulfillment.CodeInvalidState ||
		document.Error.CommandID != "c" || len(document.Error.SupportedActions) != 3 || document.Error.Retryable {
		t.Errorf("%v: %s", err, stderr)
	}
}

func TestNoAnswerNamesTheCommand(t *testing.T) {
	t.Parallel()
	f := lantern()
	for _, err := range []error{
		&fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: "There is no answer yet."},
		context.DeadlineExceeded,
	} {
		f.send = func(fulfillment.ID, fulfillment.Command) (fulfillment.Result, error) {
			return fulfillment.Result{}, err
		}
		status, _, stderr := call(t, f, "", "fulfillment-order", "open", "4711", "--command-id", "again-1")
		if status != statusFailed || !strings.Contains(stderr, "--command-id again-1") {
			t.Errorf("status %d: %s", status, stderr)
		}
	}
}

// TestNoAnswerSaysWhatToDo has a cause that is known: nobody is sent to look for another one.
func TestNoAnswerSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cause error
		step  string
	}{
		{
			&temporalio.PausedError{WorkflowID: "fulfillment-order/4711"},
			"temporal workflow unpause --workflow-id fulfillment-order/4711",
		},
		{
			&temporalio.OccupiedError{WorkflowID: "fulfillment-order/4711", RunID: "r"},
			"temporal workflow terminate --workflow-id fulfillment-order/4711",
		},
		{passingCause{}, ""},
	} {
		f := lantern()
		f.send = func(fulfillment.ID, fulfillment.Command) (fulfillment.Result, error) {
			return fulfillment.Result{}, fmt.Errorf("send: %w", &operation.Unanswered{
				Refused: &fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: "There is no answer yet."},
				Cause:   test.cause,
			})
		}
		_, _, stderr := call(t, f, "", "fulfillment-order", "open", "4711", "--command-id", "again-1")
		if !strings.Contains(stderr, test.step) ||
			!strings.Contains(stderr, "--command-id again-1") || strings.Contains(stderr, "worker") {
			t.Errorf("of %v it said %s", test.cause, stderr)
		}
	}
}

// passingCause is known, and goes away without anybody.
type passingCause struct{}

func (passingCause) Error() string    { return "the database takes no writes" }
func (passingCause) WhatToDo() string { return "" }

// TestWaitingIsTold at the level of logs that is usual, so that nobody stares at a silent terminal.
func TestWaitingIsTold(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	s := &servers{log: &log, cli: &config.CLI{LogLevel: slog.LevelWarn, LogFormat: "text"}}
	s.waiting()(t.Context(), &temporalio.PausedError{WorkflowID: "fulfillment-order/4711"})
	for _, want := range []string{"fulfillment-order/4711 is paused", "temporal workflow unpause"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q: %s", want, log.String())
		}
	}
}

func TestUnreachableServer(t *testing.T) {
	t.Parallel()
	f := lantern()
	f.book.err = &unreachableError{"PostgreSQL", "db:5432", "PACKHORSE_DATABASE_URL", errors.New("connection refused")}
	status, _, stderr := call(t, f, "", "order", "list")
	if status != statusFailed || !strings.Contains(stderr, "db:5432: connection refused") ||
		!strings.Contains(stderr, "PACKHORSE_DATABASE_URL") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

func TestWhatToDoFirst(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"packhorse migrate": fmt.Errorf(
			"list orders: %w", &pgconn.PgError{Code: "42P01", Message: `relation "orders" does not exist`},
		),
		"target_session_attrs=read-write": fmt.Errorf("add: %w", &pgconn.PgError{Code: "25006"}),
		"make room":                       fmt.Errorf("add: %w", &pgconn.PgError{Code: "53100"}),
		"statement_timeout":               fmt.Errorf("list: %w", &pgconn.PgError{Code: "57014"}),
		"PACKHORSE_API_ADDRESS": fmt.Errorf(
			"serve: %w", &net.OpError{Op: "listen", Net: "tcp", Err: errors.New("address already in use")},
		),
	} {
		f := lantern()
		f.book.err = err
		status, _, stderr := call(t, f, "", "order", "list")
		if status != statusFailed || !strings.Contains(stderr, want) || strings.Contains(stderr, "Temporal") {
			t.Errorf("status %d, no %q: %s", status, want, stderr)
		}
	}
}

func TestSettingsThatAreMissingAreUsage(t *testing.T) {
	t.Setenv("PACKHORSE_DATABASE_URL", "")
	var out, errOut strings.Builder
	if status := run(t.Context(), []string{"order", "list"}, nil, &out, &errOut); status != statusUsage ||
		!strings.Contains(errOut.String(), "PACKHORSE_DATABASE_URL is not set") {
		t.Errorf("status %d: %s", status, errOut.String())
	}
}
