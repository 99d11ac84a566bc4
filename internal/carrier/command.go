package carrier

import (
	"strings"

	"packhorse/internal/fulfillment"
)

// ProposeFor names the carrier of the tracking numbers of a command, single or joint, that names none, where the
// numbers leave no doubt: see [Propose]. Other commands stay as they are. It is done before the command goes out, and
// once, so that the command says what happens, whichever version of a worker decides it.
func ProposeFor(cmd any) {
	in := fulfillment.TrackingOf(cmd)
	if in == nil || strings.TrimSpace(in.Company) != "" {
		return
	}
	numbers := in.Numbers
	if in.Number != "" {
		numbers = append([]string{in.Number}, numbers...)
	}
	in.Company = Propose(numbers...)
}
