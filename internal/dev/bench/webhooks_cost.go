package bench

import (
	"context"
	"fmt"
	"time"
)

// Hearing says how many of the topics that a life has events of are subscribed to, one subscription each.
type Hearing string

// The kinds of hearing.
const (
	HearsNothing    Hearing = "no subscription"
	HearsOne        Hearing = "one subscription" // to the topic with the most events, and all of these
	HearsEverything Hearing = "one for each topic"
)

// Hearings are all.
var Hearings = []Hearing{HearsNothing, HearsOne, HearsEverything}

// topicsOf are the topics that are subscribed to.
func (s *subscribers) topicsOf(h Hearing) []string {
	switch h {
	case HearsNothing:
		return nil
	case HearsOne:
		return s.topics[:1]
	}
	return s.topics
}

// HearingCost is what orders cost while somebody hears of them.
type HearingCost struct {
	Hearing      Hearing  `json:"hearing"`
	Events       int      `json:"events"`   // that were delivered
	Requests     int      `json:"requests"` // for that
	Rounds       []*Round `json:"rounds"`
	Result       *Result  `json:"result"`
	ToSilence    Spread   `json:"ordersPerSecondToSilence"` // orders/s by those of [HearsNothing], round by round
	CPUToSilence float64  `json:"cpuToSilence"`             // CPU time of [HearsNothing] by this one's
}

// cost takes orders through their lives with and without subscriptions, by turns. A round is over when its orders are;
// what is told of them later is waited for between the rounds.
func (s *subscribers) cost(ctx context.Context, r *WebhooksReport) error {
	s.o.Progress.Begin("cost", s.o.Orders*s.o.Rounds*len(Hearings))
	costs := map[Hearing]*HearingCost{}
	for _, h := range Hearings {
		costs[h] = &HearingCost{Hearing: h}
	}
	for i := range s.o.Rounds {
		for j := range Hearings {
			h := Hearings[(i+j)%len(Hearings)]
			if err := s.costRound(ctx, costs[h]); err != nil {
				return err
			}
			rounds := costs[h].Rounds
			s.o.Progress.Note(
				fmt.Sprintf("round %d, %s: %.1f orders/s", i+1, h, rounds[len(rounds)-1].OrdersPerSecond),
			)
		}
	}
	silence := costs[HearsNothing]
	for _, h := range Hearings {
		c := costs[h]
		c.Result = resultOf(c.Rounds)
		c.ToSilence = ratios(speedsOf(c.Rounds), speedsOf(silence.Rounds))
		c.CPUToSilence = silence.Result.PerOrder.CPU() / c.Result.PerOrder.CPU()
		r.Cost = append(r.Cost, c)
	}
	return nil
}

func (s *subscribers) costRound(ctx context.Context, c *HearingCost) error {
	after, err := s.newest(ctx)
	if err != nil {
		return err
	}
	s.receiver.forget()
	topics := s.topicsOf(c.Hearing)
	end, err := s.subscribe(ctx, topics...)
	if err != nil {
		return err
	}
	round, err := s.round(ctx, Packhorse, s.o.Orders, s.o.InFlight, s.o.Progress.Done)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	events, err := s.arrived(limited, after, topics...)
	if err != nil {
		return err
	}
	_, requests := s.receiver.count()
	c.Events, c.Requests, c.Rounds = c.Events+events, c.Requests+requests, append(c.Rounds, round)
	return end()
}

func speedsOf(rounds []*Round) []float64 {
	speeds := make([]float64, len(rounds))
	for i, r := range rounds {
		speeds[i] = r.OrdersPerSecond
	}
	return speeds
}
