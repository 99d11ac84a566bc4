package chaos

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"packhorse/internal/audit"
	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/provider"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/shipbob"
)

// What is promised of fulfillment services whose systems are somewhere else.
const (
	promiseLabels  = "labels that are bought, and not given back, are those of the requests that were accepted"
	promiseOrders  = "orders at a warehouse are those of the requests that it was asked for, each once"
	promiseParcels = "what is shipped, its numbers and how far it is are what the systems know, each parcel once"
	promiseNews    = "what systems tell is kept, however often and in whatever order it comes, and told"
)

// agreement is what the book has of requests to systems of services, and what these have.
type agreement struct {
	asked    []asked
	standing []standing
	parcels  []consignment
	booked   []booked
	letters  []letter
	refused  []string
	kept     map[string]keptDelivery // by service and key
	news     []news.Item             // that was not told
}

// asked is a request, as the book has it.
type asked struct {
	key      string
	provider string
	fo       *fulfillment.FulfillmentOrder // as it is now
	accepted bool                          // the system said so, whether anybody waited for it or not
	stopped  bool                          // the system said that it has forgotten it, or given up
}

// standing is a label, or an order at a warehouse.
type standing struct {
	provider, reference string
	name                string // what the system calls it
	void                bool   // given back, or cancelled
	byItself            bool   // cancelled although nobody asked for it
}

// consignment is what a system says that it has shipped.
type consignment struct {
	of     standing
	number string // empty: it is not known yet
	units  int    // 0: it does not say
	events []fulfillment.EventStatus
}

// booked is a shipment of one of these services.
type booked struct {
	*fulfillment.Fulfillment
	fo       *fulfillment.FulfillmentOrder
	provider string
}

// keptDelivery is a delivery that is in the store.
type keptDelivery struct {
	state news.DeliveryState
	times int
}

// check gives the assertions.
func (a *agreement) check() []audit.Assertion {
	return []audit.Assertion{
		a.checkStanding(promiseLabels, easypost.ID), a.checkStanding(promiseOrders, shipbob.ID), a.checkParcels(),
		a.checkNews(),
	}
}

// checkStanding looks for requests without what they asked for, and for what nobody asked for.
func (a *agreement) checkStanding(promise, providerID string) audit.Assertion {
	found := audit.Assertion{Name: promise, Checked: 1} // A short run may see none.
	there := map[string][]standing{}
	for _, s := range a.standing {
		if s.provider == providerID {
			there[s.reference] = append(there[s.reference], s)
		}
	}
	for _, r := range a.asked {
		if r.provider != providerID {
			continue
		}
		found.Checked++
		mine := there[provider.PathKey(r.key)]
		delete(there, provider.PathKey(r.key))
		if what := r.wrong(mine); what != "" {
			found.Violations = append(found.Violations, audit.Violation{
				OrderID: r.fo.OrderID, FulfillmentOrderID: r.fo.ID, What: what,
			})
		}
	}
	for _, reference := range slices.Sorted(maps.Keys(there)) {
		found.Violations = append(found.Violations, audit.Violation{
			What: fmt.Sprintf("%s has %d for %s, which nobody asked for", providerID, len(there[reference]), reference),
		})
	}
	return found
}

// reference is what systems call the request.
func (r asked) reference() string { return provider.PathKey(r.key) }

// wrong says what is wrong with what the system has for the request; "": nothing.
func (r asked) wrong(there []standing) string {
	live, byItself := 0, false
	for _, s := range there {
		if !s.void {
			live++
		}
		byItself = byItself || s.byItself
	}
	want := 0
	if r.accepted && !r.stopped && !byItself {
		want = 1
	}
	switch {
	case r.provider == shipbob.ID && len(there) > 1:
		return fmt.Sprintf("%s is there %d times", r.key, len(there))
	case live != want:
		return fmt.Sprintf("%s (accepted %v, stopped %v) has %d standing at %s", r.key, r.accepted, r.stopped, live,
			r.provider)
	case byItself && r.fo.RequestKey == r.key && r.fo.Status == fulfillment.StatusInProgress:
		return fmt.Sprintf("%s has cancelled %s by itself, and nobody has noticed", r.provider, r.key)
	}
	return ""
}

// checkParcels compares shipments.
func (a *agreement) checkParcels() audit.Assertion {
	found := audit.Assertion{Name: promiseParcels, Checked: 1}
	left := slices.Clone(a.booked)
	for _, p := range a.parcels {
		found.Checked++
		id := fulfillmentOrderOf(p.of.reference)
		i := slices.IndexFunc(left, func(b booked) bool { return b.fo.ID == id && b.number() == p.number })
		if i < 0 {
			found.Violations = append(found.Violations, audit.Violation{FulfillmentOrderID: id, What: fmt.Sprintf(
				"%s has shipped %s, with the number %q, which is not in the book", p.of.provider, p.of.name, p.number)})
			continue
		}
		b := left[i]
		left = slices.Delete(left, i, i+1)
		if what := b.wrong(p); what != "" {
			found.Violations = append(found.Violations, audit.Violation{
				OrderID: b.fo.OrderID, FulfillmentOrderID: id, What: fmt.Sprintf(
					"the shipment %s, which is %s of %s: %s",
					b.Name, p.of.name, p.of.provider, what),
			})
		}
	}
	for _, b := range left {
		found.Violations = append(found.Violations, audit.Violation{
			OrderID: b.fo.OrderID, FulfillmentOrderID: b.fo.ID, What: fmt.Sprintf(
				"the shipment %s, with the number %q, is none that %s knows, or one too many", b.Name, b.number(),
				b.provider),
		})
	}
	return found
}

func fulfillmentOrderOf(reference string) fulfillment.ID {
	key, _ := provider.ParsePathKey(reference)
	id, _, _ := fulfillment.ParseEffectKey(key)
	return id
}

// number is the shipment's tracking number; empty: it has none yet.
func (b booked) number() string {
	for _, t := range b.Tracking {
		if t.Number != "" {
			return t.Number
		}
	}
	return ""
}

// wrong says in what the shipment differs from the parcel; "": nothing.
func (b booked) wrong(p consignment) string {
	units := 0
	for _, line := range b.Lines {
		units += line.Quantity
	}
	has := make([]string, len(b.Events))
	for i, e := range b.Events {
		has[i] = string(e.Status)
	}
	wants := make([]string, len(p.events))
	for i, e := range p.events {
		wants[i] = string(e)
	}
	show := wants[len(wants)-1]
	slices.Sort(has)
	slices.Sort(wants)
	switch {
	case b.Status != fulfillment.FulfillmentSuccess:
		return fmt.Sprintf("it is %s", b.Status)
	case p.units > 0 && units != p.units:
		return fmt.Sprintf("it has %d units, and not %d", units, p.units)
	case !slices.Equal(has, wants):
		return fmt.Sprintf("it has the events %s, and not %s", strings.Join(has, ", "), strings.Join(wants, ", "))
	case string(b.DisplayStatus) != show:
		return fmt.Sprintf("it is shown as %s, and not %s", b.DisplayStatus, show)
	}
	return ""
}

// checkNews looks for what was answered and is not kept, for what is kept and was not read, and for news that was not
// told although it should be.
func (a *agreement) checkNews() audit.Assertion {
	found := audit.Assertion{Name: promiseNews, Checked: 1}
	violated := func(v audit.Violation) { found.Violations = append(found.Violations, v) }
	for _, l := range a.letters {
		found.Checked++
		kept := a.kept[l.place()]
		if kept.state != news.DeliveryDone || kept.times < 2 {
			violated(audit.Violation{What: fmt.Sprintf("the delivery %s of %s to service %s came twice: it is %q, "+
				"and came %d times", l.key, l.provider, l.service, kept.state, kept.times)})
		}
	}
	for _, what := range a.refused {
		violated(audit.Violation{What: what})
	}
	for _, n := range a.news {
		found.Checked++
		if a.excuses(n) {
			continue
		}
		violated(audit.Violation{FulfillmentOrderID: n.FulfillmentOrderID, What: fmt.Sprintf(
			"news %d of %s (%s of %q, shipment %q) is %s: %s %s", n.ID, n.Provider, n.Verb, n.About.RequestKey,
			n.About.Shipment, n.State, n.Code, n.Reason)})
	}
	return found
}

// place is where the delivery is in the store.
func (l letter) place() string { return l.service.String() + " " + l.key }

// excuses tells whether news that was not told is of something that does not count: of a request that was stopped
// meanwhile or given up before it was accepted, or of a parcel that is not shipped as long as no carrier has it.
func (a *agreement) excuses(n news.Item) bool {
	givenUp := slices.ContainsFunc(a.standing, func(s standing) bool {
		return s.byItself && s.reference == provider.PathKey(n.About.RequestKey)
	})
	stopped := slices.ContainsFunc(a.asked, func(r asked) bool { return r.key == n.About.RequestKey && r.stopped })
	waits := n.State == news.Unmatched && slices.ContainsFunc(a.standing, func(s standing) bool {
		return s.name == n.About.Shipment && !s.void && !slices.ContainsFunc(a.parcels, func(p consignment) bool {
			return p.of.name == s.name
		})
	})
	return givenUp || waits || stopped && n.State != news.Pending
}
