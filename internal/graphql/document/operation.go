package document

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// chooseOperation returns the operation to execute: the named one, or the only one.
func chooseOperation(doc *ast.QueryDocument, name string) (*ast.OperationDefinition, *gqlerror.Error) {
	if len(doc.Operations) == 0 {
		return nil, newError(CodeBadRequest, "No operation was present in the document", nil, nil)
	}
	if name == "" {
		if len(doc.Operations) > 1 {
			return nil, newError(CodeBadRequest, "An operation name is required", nil, nil)
		}
		return doc.Operations[0], nil
	}
	for _, op := range doc.Operations {
		if op.Name == name {
			return op, nil
		}
	}
	return nil, newError(CodeBadRequest, fmt.Sprintf("No operation named %q", name), nil, nil)
}

// operationTitle is how an operation stands in the path of errors: "query Name", or "query".
func operationTitle(op *ast.OperationDefinition) string {
	if op.Name == "" {
		return string(op.Operation)
	}
	return string(op.Operation) + " " + op.Name
}

// operationName is how messages name an operation.
func operationName(op *ast.OperationDefinition) string {
	if op.Name == "" {
		return "anonymous " + string(op.Operation)
	}
	return op.Name
}

// operations tells what is wrong with the operations as a whole: names which are not unique.
func (v *validator) operations() {
	byName := map[string][]*ast.Position{}
	var names []string
	for _, op := range v.doc.Operations {
		if byName[op.Name] == nil {
			names = append(names, op.Name)
		}
		byName[op.Name] = append(byName[op.Name], op.Position)
	}
	for _, name := range names {
		positions := byName[name]
		switch {
		case name == "" && len(v.doc.Operations) > 1:
			v.fail(
				"uniquelyNamedOperations", "Operation name is required when multiple operations are present", nil, nil,
				positions...,
			)
		case len(positions) > 1:
			v.fail("uniquelyNamedOperations", fmt.Sprintf("Operation name %q must be unique", name), nil,
				details{"operationName": name}, positions...)
		}
	}
}

// operation visits one operation.
func (v *validator) operation(op *ast.OperationDefinition) {
	path := []string{operationTitle(op)}
	root, missing, title := v.schema.Query, "missingQueryConfiguration", "queries"
	location := ast.LocationQuery
	switch op.Operation {
	case ast.Mutation:
		root, missing, title, location = v.schema.Mutation, "missingMutationConfiguration", "mutations",
			ast.LocationMutation
	case ast.Subscription:
		root, missing, title, location = v.schema.Subscription, "missingSubscriptionConfiguration", "subscriptions",
			ast.LocationSubscription
	}
	if root == nil {
		v.fail(missing, "Schema is not configured for "+title, path, nil, op.Position)
		return
	}
	v.enter(&definition{name: operationName(op), operation: op, position: op.Position, path: path})
	v.mergeConflicts(root, op)
	v.variableDefinitions(op, path)
	v.directives(op.Directives, root, location, path)
	v.selections(op.SelectionSet, root, path)
}
