package bench

import (
	"context"
	"fmt"
)

// SellerCost is what orders of a seller cost.
type SellerCost struct {
	Seller      Seller   `json:"seller"`
	Rounds      []*Round `json:"rounds"`
	Result      *Result  `json:"result"`
	ToSimulated Spread   `json:"ordersPerSecondToSimulated"` // round by round
}

// cost takes orders of both sellers through their lives, by turns.
func (s *vendors) cost(ctx context.Context, r *ProvidersReport) error {
	costs := []*SellerCost{{Seller: Simulated}, {Seller: OverHTTP}}
	s.o.Progress.Begin("cost", s.o.Orders*s.o.Rounds*len(costs))
	for i := range s.o.Rounds {
		for j := range costs {
			c := costs[(i+j)%len(costs)]
			round, err := s.roundOf(ctx, Packhorse, s.drivers[c.Seller], s.o.Orders, s.o.InFlight, s.o.Progress.Done)
			if err != nil {
				return err
			}
			c.Rounds = append(c.Rounds, round)
			s.o.Progress.Note(fmt.Sprintf("round %d, %s: %.1f orders/s", i+1, c.Seller, round.OrdersPerSecond))
		}
	}
	for _, c := range costs {
		c.Result = resultOf(c.Rounds)
		c.ToSimulated = ratios(speedsOf(c.Rounds), speedsOf(costs[0].Rounds))
	}
	r.InFlight, r.Cost = s.o.InFlight, costs
	return nil
}
