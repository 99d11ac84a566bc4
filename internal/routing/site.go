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
			s.skus[sku] = true
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

// stocks tells whether the location has the SKU. What has no SKU is stocked everywhere.
func (s *site) stocks(sku string) bool { return sku == "" || s.StocksAll || s.skus[sku] }

// first is the first site that the test holds for; nil if there is none.
func first(sites []*site, holds func(*site) bool) *site {
	if i := slices.IndexFunc(sites, holds); i >= 0 {
		return sites[i]
	}
	return nil
}

func isDefault(s *site) bool { return s.Default }
