package operation

import (
	"slices"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// Every command that callers send is an operation that the table of scopes knows, so that none is denied to everybody.
func TestNames(t *testing.T) {
	t.Parallel()
	known := func(name string) bool {
		return slices.ContainsFunc(
			access.Operations(), func(op access.Operation) bool { return op.Name == name && op.Mutation },
		)
	}
	own := []fulfillment.Verb{fulfillment.VerbCancelUnits, fulfillment.VerbFoldBack} // Packhorse's own follow-ups.
	for _, verb := range append(fulfillment.Verbs(), fulfillment.JointVerbs...) {
		if name := names[verb]; !known(name) && !slices.Contains(own, verb) {
			t.Errorf("%s is the operation %q, which is in no table", verb, name)
		}
	}
	for _, verb := range returns.Verbs() {
		if name := returnNames[verb]; !known(name) && verb != returns.VerbReceive && verb != returns.VerbExpect {
			t.Errorf("%s of a return is the operation %q, which is in no table", verb, name)
		}
	}
	others := []string{
		serviceCreate, serviceUpdate, serviceDelete, locationAdd, orderCreate, orderCancel,
		orderUpdate, orderClose, orderOpen,
		editBegin, editSetQuantity, editAddVariant, editAddItem, editCommit,
		subscriptionCreate, subscriptionUpdate, subscriptionDelete,
	}
	for _, name := range others {
		if !known(name) {
			t.Errorf("%s is in no table", name)
		}
	}
}
