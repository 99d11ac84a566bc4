package devstack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"
)

// RegisterNamespace makes a namespace with the given search attributes (types as
// in TemporalOptions) and waits until workflows can use both. One that exists
// gets the attributes it lacks. A server that can't do it within its Patience is
// told by an *UnresponsiveError.
func (t *Temporal) RegisterNamespace(ctx context.Context, name string, searchAttributes map[string]string) error {
	types := make(map[string]enums.IndexedValueType, len(searchAttributes))
	for attribute, typeName := range searchAttributes {
		valueType, err := enums.IndexedValueTypeFromString(typeName)
		if err != nil {
			return fmt.Errorf("register namespace %s: search attribute %s: %w", name, attribute, err)
		}
		types[attribute] = valueType
	}
	if err := t.registerNamespace(ctx, name, types); err != nil {
		return fmt.Errorf("register namespace %s: %w", name, err)
	}
	return nil
}

func (t *Temporal) registerNamespace(ctx context.Context, name string, types map[string]enums.IndexedValueType) error {
	c, err := t.client()
	if err != nil {
		return err
	}
	defer c.Close()
	registered := false
	return t.Process().insist(ctx, t.options.Patience, isInvalid, func(ctx context.Context) error {
		if !registered {
			_, err := c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
				Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
			})
			if err != nil && !errors.As(err, new(*serviceerror.NamespaceAlreadyExists)) {
				return err
			}
			registered = true
		}
		return addSearchAttributes(ctx, c, name, types)
	})
}

// isInvalid tells a request that no repetition makes better.
func isInvalid(err error) bool { return errors.As(err, new(*serviceerror.InvalidArgument)) }

// addSearchAttributes adds those that a namespace lacks, and is nil when it
// lacks none: the server learns of new ones, and of the namespace itself, from
// caches that it refreshes every few seconds.
func addSearchAttributes(
	ctx context.Context, c client.Client, namespace string, types map[string]enums.IndexedValueType,
) error {
	listed, err := c.OperatorService().ListSearchAttributes(
		ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace},
	)
	if err != nil {
		return err
	}
	missing := make(map[string]enums.IndexedValueType)
	for attribute, valueType := range types {
		if _, ok := listed.GetCustomAttributes()[attribute]; !ok {
			missing[attribute] = valueType
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: missing,
	})
	if err != nil {
		return err
	}
	return errors.New("the search attributes are not listed yet")
}
