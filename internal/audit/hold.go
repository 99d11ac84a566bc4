package audit

import "packhorse/internal/fulfillment"

// checkHolds looks at everything that is on hold: somebody must hold it, and what is held must be on hold, or with a
// service that works on it and says why it does not ship. What a partial hold left out is waited for only as long as
// the hold lasts.
func checkHolds(e *evidence, a *Assertion) {
	for _, id := range e.foIDs {
		a.Checked++
		s := e.fos[id].Snapshot
		onHold := s.Status == fulfillment.StatusOnHold
		switch {
		case onHold && len(s.Holds) == 0:
			a.violated(s.OrderID, id, "it is ON_HOLD, and nobody holds it")
		case !onHold && !s.WithService() && len(s.Holds) > 0:
			a.violated(s.OrderID, id, "it is %s, and has %d holds", s.Status, len(s.Holds))
		case s.HeldApart != 0 && !onHold && s.Status != fulfillment.StatusClosed:
			a.violated(
				s.OrderID, id, "it is %s, and waits for the end of a hold to take back fulfillment order %d", s.Status,
				s.HeldApart,
			)
		}
	}
}
