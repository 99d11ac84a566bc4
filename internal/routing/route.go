package routing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
)

// Route assigns every unit of the order to a location, one [fulfillment.Assignment] for each fulfillment order to be
// made. The lines have IDs (see [fulfillment.Order.AssignIDs]); the order is not changed.
//
// Lines with different delivery methods are routed each method by itself: they come in different assignments anyway. A
// line goes whole to one location:
//
//  1. the one that it names, whatever that one stocks;
//  2. else, if a location stocks all other lines of the method, the first such one by priority (ties by ID). Of what
//     is shipped, the one of them that the order's shipping rule chooses by the quotes, see [ToAsk];
//  3. else to one of the fewest locations that have it, found greedily: again and again the one that stocks most of
//     the lines that are left. Of those found, a line goes to the first by priority that stocks it;
//  4. else, when no location stocks it, to the default location.
//
// A line without SKU is stocked everywhere, but at services that stock nothing. A location that fulfills no online
// orders gets only what names it. A line that needs no shipping goes where the others go, with delivery
// method NONE and in an assignment of its own. So do lines that may be fulfilled only from another time on
// (pre-orders); a time that is not after now is no such time.
//
// The error is an [*fulfillment.Error] that names every line which can't be routed and what to do about it: code
// [fulfillment.CodeLocationNotFound] when a line names an unknown location, else [fulfillment.CodeUnroutable].
// Where a service has said how many units of a SKU it has ([fulfillment.Location.Levels]), its location stocks a line
// if that is enough for all lines of the order that have the SKU and name no location. Nothing is reserved: it is what
// was said last.
//
// Assignments are sorted by their location's priority, then SHIPPING, PICK_UP and so on before NONE, then by time.
func Route(
	order *fulfillment.Order, locations []fulfillment.Location, now time.Time, quotes ...Quote,
) ([]fulfillment.Assignment, error) {
	r := newRouter(order, locations)
	r.quotes = quotes
	if err := r.explicit(locations); err != nil {
		return nil, err
	}
	if err := r.shipping(); err != nil {
		return nil, err
	}
	if err := r.digital(); err != nil {
		return nil, err
	}
	return r.assignments(now)
}

// router places the lines of one order, step by step.
type router struct {
	order  *fulfillment.Order
	sites  []*site // by priority
	placed []placement
	units  map[string]int // of each SKU that are routed
	quotes []Quote
}

func newRouter(order *fulfillment.Order, locations []fulfillment.Location) *router {
	r := &router{
		order: order, sites: byPriority(locations), placed: make([]placement, len(order.LineItems)),
		units: map[string]int{},
	}
	for _, l := range order.LineItems {
		if l.LocationID == 0 {
			r.units[fulfillment.Tidy(l.SKU)] += l.Quantity
		}
	}
	return r
}

// placement is where a line goes and by which rule. No site: not placed yet.
type placement struct {
	site *site
	rule rule
}

// explicit places the lines that name a location.
func (r *router) explicit(locations []fulfillment.Location) error {
	var problems []string
	refused := fulfillment.Error{Code: fulfillment.CodeUnroutable}
	for i, l := range r.order.LineItems {
		if l.LocationID == 0 {
			continue
		}
		if s := first(r.sites, func(s *site) bool { return s.ID == l.LocationID }); s != nil {
			r.placed[i] = placement{s, asked}
			continue
		}
		if refused.Field == nil {
			refused.Field = []string{"lineItems", fmt.Sprint(i), "locationId"}
		}
		inactive := slices.IndexFunc(
			locations, func(known fulfillment.Location) bool { return known.ID == l.LocationID },
		)
		if inactive >= 0 {
			problems = append(
				problems,
				fmt.Sprintf(
					"%s asks for location %d (%s), which is not active", r.line(i), l.LocationID,
					locations[inactive].Name,
				),
			)
			continue
		}
		refused.Code = fulfillment.CodeLocationNotFound
		problems = append(
			problems, fmt.Sprintf("%s asks for location %d, which does not exist", r.line(i), l.LocationID),
		)
	}
	if problems == nil {
		return nil
	}
	refused.Message = strings.Join(problems, "; ") +
		". Name another location, or leave locationId out to have the line routed."
	return &refused
}

// shipping places the other lines that need shipping, each delivery method by itself.
func (r *router) shipping() error {
	groups := make(map[fulfillment.DeliveryMethodType][]int)
	for _, i := range r.open(fulfillment.LineItem.Ships) {
		method := r.order.DeliveryMethodOf(r.order.LineItems[i])
		groups[method] = append(groups[method], i)
	}
	var unroutable []int
	for _, method := range methods {
		named := method
		if len(groups) == 1 {
			named = "" // Nothing has to be told apart.
		}
		unroutable = append(unroutable, r.group(groups[method], method, named)...)
	}
	if len(unroutable) == 0 {
		return nil
	}
	slices.Sort(unroutable)
	return r.unroutable(unroutable)
}

// whole are the sites that stock all of the lines.
func (r *router) whole(lines []int) []*site {
	var whole []*site
	for _, s := range r.sites {
		if len(r.stocked(s, lines)) == len(lines) {
			whole = append(whole, s)
		}
	}
	return whole
}

// group places lines that go the same way, and returns those for which there is no location. The reason names the
// method if it has to be told apart.
func (r *router) group(lines []int, method, named fulfillment.DeliveryMethodType) []int {
	if len(lines) == 0 {
		return nil
	}
	if whole := r.whole(lines); len(whole) > 0 {
		chosen, why := whole[0], rule{kind: stocksAll, among: len(whole)}
		if method == fulfillment.DeliveryShipping {
			chosen, why = r.choose(whole)
		}
		why.method = named
		r.place(lines, chosen, why)
		return nil
	}
	r.split(lines)
	lines = slices.DeleteFunc(slices.Clone(lines), func(i int) bool { return r.placed[i].site != nil })
	if s := first(r.sites, isDefault); s != nil {
		r.place(lines, s, byDefault)
		return nil
	}
	return lines
}

// split covers the lines with as few locations as a greedy choice finds. Lines that nobody stocks stay open.
func (r *router) split(lines []int) {
	var chosen []*site
	left := lines
	for {
		var best *site
		var most []int
		for _, s := range r.sites { // By priority, so that the first of equals wins.
			if covered := r.stocked(s, left); len(covered) > len(most) {
				best, most = s, covered
			}
		}
		if best == nil {
			break
		}
		chosen = append(chosen, best)
		left = slices.DeleteFunc(slices.Clone(left), func(i int) bool { return slices.Contains(most, i) })
	}
	slices.SortFunc(chosen, func(a, b *site) int { return a.rank - b.rank })
	for _, i := range lines {
		if s := first(chosen, func(s *site) bool { return r.stocks(s, i) }); s != nil {
			r.placed[i] = placement{s, splitUp}
		}
	}
}

// digital places the lines that need no shipping beside the others, so that one place answers for the order: routed
// lines first, then those that named their location, each by priority.
func (r *router) digital() error {
	lines := r.open(func(fulfillment.LineItem) bool { return true })
	if len(lines) == 0 {
		return nil
	}
	var beside *site
	routed := false
	for _, p := range r.placed {
		if p.site == nil {
			continue
		}
		byRoute := p.rule != asked
		if beside == nil || byRoute && !routed || byRoute == routed && p.site.rank < beside.rank {
			beside, routed = p.site, byRoute
		}
	}
	if beside != nil {
		r.place(lines, beside, alongside)
		return nil
	}
	if s := first(r.sites, isDefault); s != nil {
		r.place(lines, s, nothingToShip)
		return nil
	}
	if s := first(
		r.sites, func(s *site) bool { return s.ServiceID == 0 && s.Service == nil && s.TakesOnlineOrders() },
	); s != nil {
		r.place(lines, s, nothingToShip)
		return nil
	}
	return r.unroutable(lines)
}

// open is the positions of the lines that are not placed yet and are of the kind.
func (r *router) open(kind func(fulfillment.LineItem) bool) []int {
	var lines []int
	for i, l := range r.order.LineItems {
		if r.placed[i].site == nil && kind(l) {
			lines = append(lines, i)
		}
	}
	return lines
}

// stocked is those of the lines that the site stocks.
func (r *router) stocked(s *site, lines []int) []int {
	var covered []int
	for _, i := range lines {
		if r.stocks(s, i) {
			covered = append(covered, i)
		}
	}
	return covered
}

func (r *router) stocks(s *site, line int) bool {
	sku := r.order.LineItems[line].SKU
	return s.stocks(sku, r.units[fulfillment.Tidy(sku)])
}

func (r *router) place(lines []int, s *site, why rule) {
	for _, i := range lines {
		r.placed[i] = placement{s, why}
	}
}

func (r *router) unroutable(lines []int) error {
	names := make([]string, len(lines))
	for n, i := range lines {
		names[n] = r.line(i)
	}
	message := "There is no active location for " + strings.Join(names, ", ") + ". Add a location, or activate one."
	switch {
	case len(r.sites) == 0:
	case r.order.LineItems[lines[0]].Ships():
		message = "No active location stocks " + strings.Join(names, ", ") +
			". Add the SKU to a location, name a locationId on the line, or make an active location the default."
	default:
		message = "There is neither a default location nor one of the merchant's own for " + strings.Join(names, ", ") +
			", which needs no shipping. Name a locationId on the line, or make an active location the default."
	}
	return &fulfillment.Error{
		Code: fulfillment.CodeUnroutable, Field: []string{"lineItems", fmt.Sprint(lines[0])}, Message: message,
	}
}

// line names a line for people: its place in the input, its title and its SKU.
func (r *router) line(i int) string {
	l := r.order.LineItems[i]
	if l.SKU == "" {
		return fmt.Sprintf("lineItems[%d] (%s)", i, l.Title)
	}
	return fmt.Sprintf("lineItems[%d] (%s, SKU %s)", i, l.Title, l.SKU)
}
