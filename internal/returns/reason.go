package returns

import (
	"slices"

	"packhorse/internal/fulfillment"
)

// Reason says why units come back, as in Shopify's ReturnReason.
type Reason string

// The reasons that rules are about; [Reasons] has all.
const (
	ReasonUnknown Reason = "UNKNOWN"
	ReasonOther   Reason = "OTHER"
)

// Reasons lists every Reason.
var Reasons = []Reason{"SIZE_TOO_SMALL", "SIZE_TOO_LARGE", "UNWANTED", "NOT_AS_DESCRIBED", "WRONG_ITEM", "DEFECTIVE",
	"STYLE", "COLOR", ReasonOther, ReasonUnknown}

// ReasonDefinition is a reason of the library that the Admin API has beside the enum.
type ReasonDefinition struct {
	ID     fulfillment.ID `json:"id"`
	Name   string         `json:"name"`
	Handle string         `json:"handle"`
	Reason Reason         `json:"-"` // the enum's word for it
}

// ReasonDefinitions are the general ones, by ID.
var ReasonDefinitions = []ReasonDefinition{
	{1, "Unknown", "unknown", ReasonUnknown},
	{2, "Changed my mind", "changed-my-mind", "UNWANTED"},
	{3, "Item not as described", "item-not-as-described", "NOT_AS_DESCRIBED"},
	{4, "Received the wrong item", "received-the-wrong-item", "WRONG_ITEM"},
	{5, "Other", "other-reason", ReasonOther},
	{6, "Damaged or defective", "damaged-or-defective", "DEFECTIVE"},
	{7, "Too small", "too-small", "SIZE_TOO_SMALL"},
	{8, "Too big", "too-big", "SIZE_TOO_LARGE"},
	{9, "Style", "style", "STYLE"},
	{10, "Color", "color", "COLOR"},
}

// DefinitionOf is the definition with this ID; ok is false if there is none.
func DefinitionOf(id fulfillment.ID) (definition ReasonDefinition, ok bool) {
	return definitionBy(func(d ReasonDefinition) bool { return d.ID == id })
}

// DefinitionFor is the definition that says the same as a reason.
func DefinitionFor(reason Reason) (definition ReasonDefinition, ok bool) {
	return definitionBy(func(d ReasonDefinition) bool { return d.Reason == reason })
}

func definitionBy(is func(ReasonDefinition) bool) (ReasonDefinition, bool) {
	i := slices.IndexFunc(ReasonDefinitions, is)
	if i < 0 {
		return ReasonDefinition{}, false
	}
	return ReasonDefinitions[i], true
}
