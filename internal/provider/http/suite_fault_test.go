package http_test

import (
	"testing"

	"packhorse/examples/warehouse/warehouse"
	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/providertest/httpfault"
)

// TestSuiteWithFaults: whatever becomes of a request or its answer on the way, the warehouse has it once.
func TestSuiteWithFaults(t *testing.T) {
	t.Parallel()
	behind := func(t *testing.T, faults *httpfault.Faults) provider.Provider {
		return newProvider(t, serve(t, faults.Wrap(open(t, warehouse.Config{}).Handler())).URL)
	}
	providertest.Suite{
		New:    func(t *testing.T) provider.Provider { return behind(t, &httpfault.Faults{}) },
		Faulty: behind, Deliveries: deliveries(t),
	}.Run(t)
}
