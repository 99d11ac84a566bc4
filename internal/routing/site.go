package routing

import (
	"cmp"
	"slices"

	"packhorse/internal/fulfillment"
)

// site is an active location with what it takes to choose among several.
type site struct {
	fulfillment.Location
	rank int // place by priority, 0 first
	skus map[string]bool
}

// byPriority is the active locations, lowest priority number first, ties by ID.
func byPriority(locations []fulfillment.Location) []*site {
	var sites []*site
	for _, l := range locations {
		if !l.Active {
			continue
		}
		s := &site{Location: l, skus: make(map[string]bool, len(l.SKUs))}
		for _, sku := range l.SKUs {
			s.skus[fulfillment.Tidy(sku)] = true
		}
		sites = append(sites, s)
	}
	slices.SortStableFunc(sites, func(a, b *site) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.ID, b.ID))
	})
	for i, s := range sites {
		s.rank = i
	}
	return sites
}

// stocks tells whether so many units of the SKU can be routed to the location. What has no SKU is stocked everywhere,
// but at services that stock nothing: they get what they are given by hand. Where the service has said how many there
// are, that counts, whatever the location's list says.
func (s *site) stocks(sku string, units int) bool {
	sku = fulfillment.Tidy(sku)
	level, told := s.Levels[sku]
	switch {
	case !s.TakesOnlineOrders():
		return false
	case told && sku != "":
		return level >= int64(units)
	case sku != "":
		return s.StocksAll || s.skus[sku]
	}
	return s.ServiceID == 0 && s.Service == nil || s.StocksAll || len(s.skus) > 0
}

// first is the first site that the test holds for; nil if there is none.
func first(sites []*site, holds func(*site) bool) *site {
	if i := slices.IndexFunc(sites, holds); i >= 0 {
		return sites[i]
	}
	return nil
}

func isDefault(s *site) bool { return s.Default }
