package operation

import (
	"strings"

	"packhorse/internal/carrier"
	"packhorse/internal/fulfillment"
)

// proposeCarrier names the carrier of tracking numbers for which the caller has named none, where the numbers leave no
// doubt. It is done before the command goes out, so that the command says what happens, whichever version of a worker
// decides it.
func proposeCarrier(cmd any) {
	var in *fulfillment.TrackingInput
	switch cmd := cmd.(type) {
	case *fulfillment.Ship:
		in = cmd.Tracking
	case *fulfillment.CreateFulfillment:
		in = cmd.Tracking
	case *fulfillment.UpdateTracking:
		in = &cmd.Tracking
	}
	if in == nil || strings.TrimSpace(in.Company) != "" {
		return
	}
	numbers := in.Numbers
	if in.Number != "" {
		numbers = append([]string{in.Number}, numbers...)
	}
	in.Company = carrier.Propose(numbers...)
}
