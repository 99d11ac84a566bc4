package audit

import (
	"encoding/json"
	"fmt"
	"maps"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/simulated"
)

// otherParts says what is wrong with the units that a fulfillment order went on with when the provider accepted the
// request: they are those that it accepted, of each line; empty: nothing is.
func (e *evidence) otherParts(fo *fulfillmentOrder, key string) string {
	effect := e.ledger[key]
	if effect == nil || effect.Kind != simulated.KindCreate {
		return ""
	}
	said := effect.Answer
	if said.Outcome != fulfillment.OutcomeAccepted {
		if effect.Said == nil || effect.Said.Outcome != fulfillment.OutcomeAccepted {
			return "" // It has refused, or the request has ended since.
		}
		said = *effect.Said
	}
	for _, t := range fo.transitions {
		if t.Kind != fulfillment.KindAccepted || !fulfillment.IsAnswerTo(key, t.CommandID) &&
			t.CommandID != provider.CommandID(simulated.DefaultID, key+"/answer") {
			continue
		}
		var details struct {
			Lines []fulfillment.Quantity `json:"lineItems"`
		}
		if t.Details != nil && json.Unmarshal(t.Details, &details) != nil {
			continue // What is no object is found elsewhere.
		}
		accepted, went := map[fulfillment.ID]int{}, map[fulfillment.ID]int{}
		for _, part := range said.Accepted {
			accepted[part.LineID] += part.Quantity
		}
		for _, line := range details.Lines {
			went[line.ID] += line.Quantity
		}
		if !maps.Equal(accepted, went) {
			return fmt.Sprintf(
				"the provider accepted %v units by line, the fulfillment order went on with %v", accepted, went,
			)
		}
	}
	return ""
}
