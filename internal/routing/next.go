package routing

import (
	"slices"

	"packhorse/internal/fulfillment"
)

// Next is where a fulfillment order that was taken back from its location goes: the first active location by
// priority, other than the present one and the excluded ones, that stocks every line with units left, as for [Route].
// The text says why in words: why this one, or, when false comes back, why there is none.
func Next(
	fo *fulfillment.FulfillmentOrder, locations []fulfillment.Location, exclude ...fulfillment.ID,
) (fulfillment.Location, string, bool) {
	var skus []string
	needed := map[string]int{} // units by SKU
	units, anywhere := false, false
	for _, l := range fo.Lines {
		if l.Remaining > 0 {
			units = true
			if l.RequiresShipping && l.SKU != "" {
				skus = append(skus, l.SKU)
				needed[l.SKU] += l.Remaining
			} else {
				anywhere = true
			}
		}
	}
	if !units {
		return fulfillment.Location{}, "nothing is left to ship", false
	}
	slices.Sort(skus)
	skus = slices.Compact(skus)
	others := slices.DeleteFunc(byPriority(locations), func(s *site) bool {
		return s.ID == fo.AssignedLocation.LocationID || slices.Contains(exclude, s.ID)
	})
	if len(others) == 0 {
		return fulfillment.Location{}, "there is no other active location", false
	}
	able := slices.DeleteFunc(slices.Clone(others), func(s *site) bool {
		return anywhere && !s.stocks("", 0) ||
			slices.ContainsFunc(skus, func(sku string) bool { return !s.stocks(sku, needed[sku]) })
	})
	switch {
	case len(able) == 0 && len(skus) == 0:
		return fulfillment.Location{}, "no other active location gets orders by routing", false
	case len(able) == 0:
		return fulfillment.Location{}, "no other active location stocks all of SKU " + enumerate(skus), false
	case len(able) == 1:
		return able[0].Location, "re-routed: the only other location that stocks all remaining lines", true
	}
	return able[0].Location, "re-routed: first by priority of " + count(len(able), "other location") +
		" that stock all remaining lines", true
}
