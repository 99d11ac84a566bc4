package temporalio

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// The search attributes of the workflows. Temporal
// keeps them unencrypted, so none may have personal data.
var (
	FulfillmentOrderStatus        = temporal.NewSearchAttributeKeyKeyword("FulfillmentOrderStatus")
	FulfillmentOrderRequestStatus = temporal.NewSearchAttributeKeyKeyword("FulfillmentOrderRequestStatus")
	FulfillmentOrderLocation      = temporal.NewSearchAttributeKeyKeyword("FulfillmentOrderLocation") // its name
	FulfillmentOrderProvider      = temporal.NewSearchAttributeKeyKeyword("FulfillmentOrderProvider")
	ReturnStatus                  = temporal.NewSearchAttributeKeyKeyword("ReturnStatus")
	OrderName                     = temporal.NewSearchAttributeKeyKeyword("OrderName")
	FulfillBy                     = temporal.NewSearchAttributeKeyTime("FulfillBy")
	// Of a DeliveryReport or a CallbackReport.
	WebhookState = temporal.NewSearchAttributeKeyKeyword("WebhookState")
	WebhookLag   = temporal.NewSearchAttributeKeyInt64("WebhookLag") // in events of the feed
)

const (
	// registerTimeout covers servers that learn of search attributes from a cache
	// that they refresh once a minute.
	registerTimeout = 2 * time.Minute
	registerPause   = 100 * time.Millisecond
)

// ErrSearchAttributes is the error when search attributes are missing or of the
// wrong type.
var ErrSearchAttributes = errors.New("the search attributes are not as they should be")

func searchAttributeKeys() []temporal.SearchAttributeKey {
	return []temporal.SearchAttributeKey{
		FulfillmentOrderStatus, FulfillmentOrderRequestStatus, FulfillmentOrderLocation,
		FulfillmentOrderProvider, OrderName, FulfillBy, WebhookState, WebhookLag, ReturnStatus,
	}
}

// SearchAttributes is the type of each search attribute by its name: Keyword, Int or
// Datetime, as the temporal CLI wants it.
func SearchAttributes() map[string]string {
	types := make(map[string]string)
	for _, key := range searchAttributeKeys() {
		types[key.GetName()] = key.GetValueType().String()
	}
	return types
}

// RegisterSearchAttributes adds to the namespace the search attributes that it
// lacks and waits until they can be used. It may be called again, and by several
// at the same time. One that exists with another type is an ErrSearchAttributes,
// and then nothing is added.
func RegisterSearchAttributes(ctx context.Context, c client.Client, namespace string) error {
	ctx, cancel := context.WithTimeout(ctx, registerTimeout)
	defer cancel()
	for {
		missing, err := compareSearchAttributes(ctx, c, namespace)
		if err != nil {
			return fmt.Errorf("register search attributes in namespace %s: %w", namespace, err)
		}
		if len(missing) > 0 {
			_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
				Namespace: namespace, SearchAttributes: missing,
			})
			// Another process may be adding them, too.
			if err != nil && !errors.As(err, new(*serviceerror.AlreadyExists)) &&
				!errors.As(err, new(*serviceerror.Unavailable)) {
				return fmt.Errorf(
					"register search attributes in namespace %s: %w; by hand: %s", namespace, err,
					byHand(namespace, missing),
				)
			}
		} else if err = useSearchAttributes(ctx, c, namespace); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the search attributes of namespace %s: %w (%w)", namespace, ctx.Err(), err)
		case <-time.After(registerPause):
		}
	}
}

// CheckSearchAttributes is nil when the namespace has all search attributes with
// the right types, else an ErrSearchAttributes that says what to do. A workflow
// that sets one that is missing can't go on, so a worker checks before it starts.
func CheckSearchAttributes(ctx context.Context, c client.Client, namespace string) error {
	missing, err := compareSearchAttributes(ctx, c, namespace)
	if err == nil && len(missing) > 0 {
		err = fmt.Errorf("%w: %s missing; register them with: %s", ErrSearchAttributes,
			strings.Join(slices.Sorted(maps.Keys(missing)), ", "), byHand(namespace, missing))
	}
	if err != nil {
		return fmt.Errorf("check the search attributes of namespace %s: %w", namespace, err)
	}
	return nil
}

// compareSearchAttributes gives those that the namespace lacks. Wrong types are
// an error.
func compareSearchAttributes(
	ctx context.Context, c client.Client, namespace string,
) (map[string]enums.IndexedValueType, error) {
	listed, err := c.OperatorService().ListSearchAttributes(
		ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace},
	)
	if err != nil {
		return nil, err
	}
	missing := make(map[string]enums.IndexedValueType)
	var wrong []string
	for _, key := range searchAttributeKeys() {
		valueType, ok := listed.GetCustomAttributes()[key.GetName()]
		switch {
		case !ok:
			missing[key.GetName()] = key.GetValueType()
		case valueType != key.GetValueType():
			wrong = append(
				wrong, fmt.Sprintf("%s is a %s and must be a %s", key.GetName(), valueType, key.GetValueType()),
			)
		}
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("%w: %s; use another namespace, or remove what is wrong with "+
			"`temporal operator search-attribute remove` if nothing else uses it", ErrSearchAttributes,
			strings.Join(wrong, "; "))
	}
	return missing, nil
}

// useSearchAttributes asks for workflows by all of them, which the server refuses
// as long as it doesn't know one.
func useSearchAttributes(ctx context.Context, c client.Client, namespace string) error {
	_, err := c.WorkflowService().CountWorkflowExecutions(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: namespace, Query: queryOfAll(),
	})
	return err
}

// nobodys are values that no workflow has, as a query writes those of a type: servers refuse one of another type.
var nobodys = map[enums.IndexedValueType]string{
	enums.INDEXED_VALUE_TYPE_KEYWORD:  "'-'",
	enums.INDEXED_VALUE_TYPE_INT:      "-1",
	enums.INDEXED_VALUE_TYPE_DATETIME: "'1970-01-01T00:00:00Z'",
}

// queryOfAll is a query that names every search attribute, and finds nothing.
func queryOfAll() string {
	var conditions []string
	for _, key := range searchAttributeKeys() {
		conditions = append(conditions, key.GetName()+" = "+nobodys[key.GetValueType()])
	}
	return strings.Join(conditions, " AND ")
}

// byHand is the command that registers them, for services that let only their
// administrators do so.
func byHand(namespace string, missing map[string]enums.IndexedValueType) string {
	command := "temporal operator search-attribute create --namespace " + namespace
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		command += fmt.Sprintf(" --name %s --type %s", name, missing[name])
	}
	return "`" + command + "`"
}
