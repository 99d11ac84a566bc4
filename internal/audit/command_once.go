package audit

import (
	"slices"
	"strconv"
	"strings"

	"packhorse/internal/fulfillment"
)

// checkCommandsOnce looks for command IDs that are on two transitions: of one fulfillment order, of one order, or (the
// same part of a joint command's answer) of two fulfillment orders.
func checkCommandsOnce(e *evidence, a *Assertion) {
	for _, id := range e.foIDs {
		fo := e.fos[id]
		seen := map[string]int64{}
		for _, t := range fo.transitions {
			if t.CommandID == "" || t.Kind == fulfillment.KindRefused { // Which may have come again, and succeeded.
				continue
			}
			if first, twice := seen[t.CommandID]; twice {
				a.violated(
					fo.OrderID, id, "command %q made transition %d and transition %d", t.CommandID, first, t.Sequence,
				)
				continue
			}
			a.Checked++
			seen[t.CommandID] = t.Sequence
		}
	}
	for _, id := range e.orderIDs {
		seen := map[string]int64{}
		for _, t := range e.orders[id].transitions {
			if t.CommandID == "" {
				continue
			}
			if first, twice := seen[t.CommandID]; twice {
				a.violated(
					id, 0, "command %q made transition %d and transition %d of the order", t.CommandID, first,
					t.Sequence,
				)
				continue
			}
			a.Checked++
			seen[t.CommandID] = t.Sequence
		}
	}
	e.checkJointOnce(a)
}

// checkJointOnce looks for parts of joint commands that are on two fulfillment orders. A command alone is none: anybody
// may use one command ID for two fulfillment orders.
func (e *evidence) checkJointOnce(a *Assertion) {
	joint := map[string]bool{}
	for id, all := range e.commands {
		joint[id] = !slices.ContainsFunc(all, func(c *received) bool {
			return c.run.orderID() == 0 || c.alone || !slices.Contains(fulfillment.JointVerbs, fulfillment.Verb(c.name))
		})
	}
	on := map[string]*fulfillmentOrder{}
	for _, id := range e.foIDs {
		fo := e.fos[id]
		for _, t := range fo.transitions {
			if t.CommandID == "" || !joint[wholeCommandID(t.CommandID)] && !joint[t.CommandID] {
				continue
			}
			a.Checked++
			if other := on[t.CommandID]; other != nil && other.ID != id {
				a.violated(
					fo.OrderID, id, "the joint command %q was applied to fulfillment order %d, too", t.CommandID,
					other.ID,
				)
			}
			on[t.CommandID] = fo
		}
	}
}

// wholeCommandID is the ID of the joint command that a part of an answer belongs to, see [fulfillment.JointCommandID].
func wholeCommandID(commandID string) string {
	if i := strings.LastIndexByte(commandID, '/'); i >= 0 {
		if _, err := strconv.Atoi(commandID[i+1:]); err == nil {
			return commandID[:i]
		}
	}
	return commandID
}
