package audit

import (
	"cmp"
	"context"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// tooManySuspects is how many are collected before they are looked at again.
const tooManySuspects = 200

// suspect is a violation that may be none: what was read at different moments differed, or something is under way.
type suspect struct {
	assertion int // index
	Violation
	stays bool // the look before found the very same
}

// charge is what a suspect is accused of. What is empty where it doesn't matter what is wrong with the thing.
type charge struct {
	assertion   int
	orderID, id fulfillment.ID
	what        string
}

func (s suspect) about() charge { return charge{s.assertion, s.OrderID, s.FulfillmentOrderID, ""} }

func (s suspect) exactly() charge {
	return charge{s.assertion, s.OrderID, s.FulfillmentOrderID, cmp.Or(s.same, s.What)}
}

// suspect notes a violation to be looked at again; in a system at rest, or where nobody can look again, it is one.
func (a *auditor) suspect(assertion int, v Violation) {
	s := suspect{assertion: assertion, Violation: v}
	if a.strict || v.OrderID == 0 && v.FulfillmentOrderID == 0 {
		s.passes, s.stays = s.passes && !a.strict, true
		a.convict(s)
		return
	}
	a.suspects = append(a.suspects, s)
}

// convict reports what stayed, and what is under way.
func (a *auditor) convict(s suspect) {
	to := &a.report.Assertions[s.assertion]
	switch list := &to.Violations; {
	case s.passes || !s.stays:
		to.UnderWay = append(to.UnderWay, s.Violation)
		to.UnderWay = to.UnderWay[:min(len(to.UnderWay), keptViolations)]
	case !a.strict && len(*list) >= keptViolations:
		to.Omitted++
	default:
		*list = append(*list, s.Violation)
	}
}

// lookAgain looks at the suspects until they are none any more, or were looked at often enough, and reports those that
// are left. What is found beside them is new, and no suspect: it may have begun a moment ago.
func (a *auditor) lookAgain(ctx context.Context) error {
	suspects, pause := a.suspects, a.pause
	a.suspects = nil
	for look := 2; look <= looks && len(suspects) > 0; look++ {
		a.progress("looking again at what looks wrong", 0, 0)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause *= 2
		charges := map[charge]bool{}
		for _, s := range suspects {
			charges[s.about()], charges[s.exactly()] = true, true
		}
		var left []suspect
		for some := range slices.Chunk(partiesOf(suspects), a.batch) {
			found, err := a.again(ctx, some, charges)
			if err != nil {
				return err
			}
			left = append(left, found...)
		}
		suspects = left
	}
	for _, s := range suspects {
		a.convict(s)
	}
	return nil
}

// again tells who is found again of those that were charged.
func (a *auditor) again(ctx context.Context, who []party, charges map[charge]bool) ([]suspect, error) {
	var of scope
	for _, p := range who {
		if p.order != 0 {
			of.orders = append(of.orders, p.order)
		} else {
			of.fos = append(of.fos, p.fo)
		}
	}
	_, found, err := a.judge(ctx, of)
	if err != nil {
		return nil, err
	}
	var left []suspect
	for i, assertion := range found {
		for _, v := range assertion.Violations {
			s := suspect{assertion: i, Violation: v}
			if s.stays = charges[s.exactly()]; charges[s.about()] {
				left = append(left, s)
			}
		}
	}
	return left, nil
}

// party is an order, or a fulfillment order whose order isn't known.
type party struct{ order, fo fulfillment.ID }

// partiesOf are those whom suspects are about, each once.
func partiesOf(suspects []suspect) []party {
	var all []party
	seen := map[party]bool{}
	for _, s := range suspects {
		p := party{order: s.OrderID}
		if p.order == 0 {
			p.fo = s.FulfillmentOrderID
		}
		if !seen[p] {
			seen[p] = true
			all = append(all, p)
		}
	}
	return all
}
