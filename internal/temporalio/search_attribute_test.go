package temporalio

import (
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

func TestSearchAttributes(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"FulfillmentOrderStatus": "Keyword", "FulfillmentOrderRequestStatus": "Keyword",
		"FulfillmentOrderLocation": "Keyword",
		"FulfillmentOrderProvider": "Keyword", "OrderName": "Keyword", "FulfillBy": "Datetime",
		"WebhookState": "Keyword", "WebhookLag": "Int", "ReturnStatus": "Keyword",
	}
	if got := SearchAttributes(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestQueryOfAllHasTheirTypes: newer servers refuse a value of another type, and with it every migration.
func TestQueryOfAllHasTheirTypes(t *testing.T) {
	t.Parallel()
	for name, kind := range SearchAttributes() {
		value := map[string]string{"Keyword": `'-'`, "Int": `-1`, "Datetime": `'1970-01-01T00:00:00Z'`}[kind]
		if want := name + " = " + value; value == "" || !strings.Contains(queryOfAll(), want) {
			t.Errorf("%s of type %s: want %q in %q", name, kind, want, queryOfAll())
		}
	}
}

func TestRegisterSearchAttributes(t *testing.T) {
	t.Parallel()
	settings, c := namespace(t, map[string]string{"OrderName": "Keyword", "Other": "Int"})
	err := CheckSearchAttributes(t.Context(), c, settings.Namespace)
	if !errors.Is(err, ErrSearchAttributes) || !strings.Contains(err.Error(), "--name FulfillBy --type Datetime") ||
		strings.Contains(err.Error(), "OrderName") {
		t.Errorf("before: got %v, want what is missing and how to register it", err)
	}
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if err := RegisterSearchAttributes(t.Context(), c, settings.Namespace); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := CheckSearchAttributes(t.Context(), c, settings.Namespace); err != nil {
		t.Errorf("after: %v", err)
	}
	if err := RegisterSearchAttributes(t.Context(), c, settings.Namespace); err != nil {
		t.Errorf("again: %v", err)
	}

	// They must be usable now, all in one start and in one query.
	_, err = c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "fulfillment-order/1", TaskQueue: "nobody",
		TypedSearchAttributes: temporal.NewSearchAttributes(
			FulfillmentOrderStatus.ValueSet("OPEN"), FulfillmentOrderRequestStatus.ValueSet("SUBMITTED"),
			FulfillmentOrderLocation.ValueSet("1"), FulfillmentOrderProvider.ValueSet("manual"),
			OrderName.ValueSet("#1001"), FulfillBy.ValueSet(time.Now()),
		),
	}, "FulfillmentOrder")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: settings.Namespace, Query: "FulfillmentOrderStatus = 'OPEN' AND FulfillBy > '2020-01-01T00:00:00Z'",
	}); err != nil {
		t.Error(err)
	}
}

func TestSearchAttributeOfAnotherType(t *testing.T) {
	t.Parallel()
	settings, c := namespace(t, map[string]string{"FulfillBy": "Keyword"})
	for name, err := range map[string]error{
		"check":    CheckSearchAttributes(t.Context(), c, settings.Namespace),
		"register": RegisterSearchAttributes(t.Context(), c, settings.Namespace),
	} {
		if !errors.Is(err, ErrSearchAttributes) ||
			!strings.Contains(err.Error(), "FulfillBy is a Keyword and must be a Datetime") {
			t.Errorf("%s: got %v, want what is of the wrong type", name, err)
		}
	}
	listed, err := c.OperatorService().ListSearchAttributes(
		t.Context(), &operatorservice.ListSearchAttributesRequest{Namespace: settings.Namespace},
	)
	if err != nil {
		t.Fatal(err)
	}
	if _, added := listed.GetCustomAttributes()["OrderName"]; added {
		t.Error("others were added beside the wrong one")
	}
}

func TestSearchAttributesOfNoNamespace(t *testing.T) {
	t.Parallel()
	_, c := namespace(t, nil)
	if err := CheckSearchAttributes(t.Context(), c, "nowhere"); err == nil || errors.Is(err, ErrSearchAttributes) ||
		!strings.Contains(err.Error(), "nowhere") {
		t.Errorf("got %v, want an error about the namespace", err)
	}
}
