package fulfillment

import "fmt"

// sibling makes a new fulfillment order beside this one, OPEN and UNSUBMITTED, with the given lines, and records how
// it came to be. It takes its own ID first, then one for each of its lines; with keepIDs, for those that have none.
func (c *change) sibling(
	role SiblingRole, at AssignedLocation, lines []Line, keepIDs bool, reason string,
) *FulfillmentOrder {
	fo := c.fo
	s := &FulfillmentOrder{
		ID: c.ids.Next(), OrderID: fo.OrderID, OrderName: fo.OrderName,
		Status: StatusOpen, RequestStatus: RequestUnsubmitted, AssignedLocation: at,
		DeliveryMethod: fo.DeliveryMethod, DeliveryTimeout: fo.DeliveryTimeout,
		FulfillAt: fo.FulfillAt, FulfillBy: fo.FulfillBy,
		Lines: lines, Supersedes: []ID{fo.ID}, Sequence: 1, Abridged: fo.Abridged, CreatedAt: c.now, UpdatedAt: c.now,
	}
	if s.PreparedAt = fo.PreparedAt; at.LocationID != fo.AssignedLocation.LocationID || s.PreparedUnits() == 0 {
		s.unprepare()
	}
	for i := range s.Lines {
		if !keepIDs || s.Lines[i].ID == 0 {
			s.Lines[i].ID = c.ids.Next()
		}
	}
	fo.SupersededBy = append(fo.SupersededBy, s.ID)
	c.siblings = append(c.siblings, s)
	c.siblingTransitions = append(c.siblingTransitions, Transition{
		FulfillmentOrderID: s.ID, Sequence: 1, Kind: KindCreated, Verb: c.verb, Actor: c.actor, At: c.now,
		Reason: fmt.Sprintf("%s %s.", reason, fo.ID), After: s.Summary(),
		Details: &Details{
			ServiceID: at.ServiceID, Lines: s.quantities(s.remaining()), SourceID: fo.ID, SiblingRole: role,
		},
	})
	c.result.SiblingID, c.result.SiblingRole = s.ID, role
	return s
}

// breakOff takes units out of the fulfillment order and gives them to a sibling at the location. A line of which
// nothing is left disappears from the original; one that is split in two keeps its ID there.
func (c *change) breakOff(
	role SiblingRole, at AssignedLocation, taken units, keepIDs bool, reason string,
) *FulfillmentOrder {
	var lines []Line
	for i := range c.fo.Lines {
		l := &c.fo.Lines[i]
		n := taken[l.ID]
		if n <= 0 {
			continue
		}
		lines = append(lines, l.part(n))
		l.Total -= n
		l.give(n)
		if l.Total > 0 || l.Cancelled > 0 { // It stays here, and an ID names one line only.
			lines[len(lines)-1].ID = 0
		}
	}
	s := c.sibling(role, at, lines, keepIDs, reason)
	kept := c.fo.Lines[:0]
	for _, l := range c.fo.Lines {
		// Cancelled units stay on record: they are part of what was ordered.
		if taken[l.ID] == 0 || l.Total > 0 || l.Cancelled > 0 {
			kept = append(kept, l)
		}
	}
	c.fo.Lines = kept
	return s
}

// part is a line of n units like this one.
func (l *Line) part(n int) Line {
	return Line{
		ID: l.ID, LineItemID: l.LineItemID, Title: l.Title, SKU: l.SKU, RequiresShipping: l.RequiresShipping,
		Total: n, Remaining: n, Prepared: max(0, n-(l.Remaining-l.Prepared)),
	}
}

// close ends the work. A withdrawal that is under way goes on; everything else that was waited for is dropped. What a
// service has told of its holds is released, see [change.endReports].
func (c *change) close() {
	fo := c.fo
	if fo.Status == StatusOnHold {
		fo.Holds = nil
	}
	fo.Status = StatusClosed
	fo.AcceptBy, fo.ProgressReported = nil, false
	fo.dropEffects(EffectRequest, EffectCancel, EffectReroute, EffectFold)
}

// cancelUnits takes units out of the order for good.
func (l *Line) cancelUnits(n int) {
	l.Cancelled += n
	l.Total -= n
	l.give(n)
}

// closeCancelled closes the fulfillment order and takes its remaining units out of the order.
func (c *change) closeCancelled() {
	for i := range c.fo.Lines {
		c.fo.Lines[i].cancelUnits(c.fo.Lines[i].Remaining)
	}
	c.close()
}
