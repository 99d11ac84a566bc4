package bench

import (
	"context"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
)

// Company says beside whom orders are taken through their lives.
type Company string

// The kinds of company.
const (
	Alone       Company = "alone"
	BesideQuick Company = "beside a quick one" // with as many requests as the slow one answers
	BesideSlow  Company = "beside the slow one"
)

// Beside is what orders of the simulated seller take in some company.
type Beside struct {
	Company  Company        `json:"company"`
	Rounds   []*BesideRound `json:"rounds"`
	Accepted Latency        `json:"acceptedSeconds"` // from the request to its acceptance
	Commands Latency        `json:"commandSeconds"`
	// The p99 of a round by that of the same round alone.
	AcceptedToAlone Spread `json:"acceptedP99ToAlone"`
	CommandsToAlone Spread `json:"commandP99ToAlone"`
	// The same by that of the round beside a quick one: then there are as many orders in all.
	AcceptedToQuick Spread `json:"acceptedP99ToQuick"`
	CommandsToQuick Spread `json:"commandP99ToQuick"`
}

// BesideRound is one round of it.
type BesideRound struct {
	Orders          int     `json:"orders"`
	OrdersPerSecond float64 `json:"ordersPerSecond"` // that were begun
	Accepted        Latency `json:"acceptedSeconds"`
	Commands        Latency `json:"commandSeconds"`
	SlowAtOnce      float64 `json:"slowAtOnce"` // requests that waited for the slow provider, on the mean
	SlowPerSecond   float64 `json:"slowPerSecond"`
	Load            float64 `json:"load"` // processes that ran or wanted to, on the mean of a minute

	accepted, commands []time.Duration
}

// besides begins orders of the simulated seller at a steady rate, with and without a slow provider beside them, by
// turns.
func (s *vendors) besides(ctx context.Context, r *ProvidersReport) error {
	orders := int(s.o.Rate * s.o.For.Seconds())
	all := []*Beside{{Company: Alone}, {Company: BesideQuick}, {Company: BesideSlow}}
	s.o.Progress.Begin("slow", orders*s.o.Rounds*len(all))
	for i := range s.o.Rounds {
		for j := range all {
			b := all[(i+j)%len(all)]
			round, err := s.besideRound(ctx, b.Company, orders)
			if err != nil {
				return err
			}
			b.Rounds = append(b.Rounds, round)
			s.o.Progress.Note(fmt.Sprintf("round %d, %s: accepted after %s ms (p50 / p99), %.1f at the slow one",
				i+1, b.Company, round.Accepted.text(), round.SlowAtOnce))
		}
	}
	for _, b := range all {
		b.summarize(all[0], all[1])
	}
	r.Delay, r.AtOnce, r.Beside = fulfillment.Duration(s.o.Delay), s.o.AtOnce, all
	return nil
}

func (s *vendors) besideRound(ctx context.Context, company Company, orders int) (_ *BesideRound, err error) {
	end, err := s.crowded(ctx, company)
	if err != nil {
		return nil, err
	}
	defer func() {
		if ended := end(); err == nil {
			err = ended
		}
	}()
	_, waited, answered := s.slow.state()
	started := time.Now()
	l, err := steadily(ctx, s.drivers[Simulated], orders, s.o.Rate, s.o.Progress.Done)
	if err != nil {
		return nil, err
	}
	_, waitedNow, answeredNow := s.slow.state()
	took := time.Since(started).Seconds()
	return &BesideRound{
		Orders: orders, OrdersPerSecond: float64(orders) / l.took.Seconds(),
		Accepted: latencyOf(l.latency[Accept]), Commands: latencyOf(l.commands()),
		SlowAtOnce: (waitedNow - waited).Seconds() / took, SlowPerSecond: float64(answeredNow-answered) / took,
		Load: load1(), accepted: l.latency[Accept], commands: l.commands(),
	}, nil
}

// crowded returns when the company is there. The end of it is returned: then everything that waits is answered.
func (s *vendors) crowded(ctx context.Context, company Company) (end func() error, err error) {
	var c *crowd
	var keep func(context.Context) error
	busy := func() bool { return true }
	switch company {
	case Alone:
		return func() error { return nil }, nil
	case BesideQuick:
		c = &crowd{driver: s.drivers[OverHTTP], warehouse: s.quick}
		keep = func(ctx context.Context) error { return c.beat(ctx, s.o.Delay/time.Duration(s.o.AtOnce)) }
	case BesideSlow:
		c = &crowd{driver: s.drivers[slowly], warehouse: s.slow}
		s.slow.slow(s.o.Delay, s.o.AtOnce)
		// Some more are always on their way, so that no place at the provider is empty.
		keep = func(ctx context.Context) error { return c.keep(ctx, s.o.AtOnce+2+s.o.AtOnce/5) }
		full := false
		busy = func() bool { // And those who made it so have their answers.
			at, _, _ := s.slow.state()
			full = full || at >= s.o.AtOnce
			return full && c.asking.Load() == 0
		}
	}
	keeping, stop := context.WithCancel(ctx)
	kept := make(chan error, 1)
	go func() { kept <- keep(keeping) }()
	end = func() error {
		stop()
		s.slow.fast()
		if err := <-kept; err != nil {
			return fmt.Errorf("keep a provider busy: %w", err)
		}
		return s.settled(ctx, c.driver.location)
	}
	for !busy() {
		select {
		case err := <-kept:
			stop()
			return nil, fmt.Errorf("keep a provider busy: %w", err)
		case <-time.After(arrivalInterval):
		}
	}
	return end, nil
}

func (b *Beside) summarize(alone, quick *Beside) {
	p99 := func(of *Beside, latency func(*BesideRound) Latency) (all []float64) {
		for _, round := range of.Rounds {
			all = append(all, latency(round).P99)
		}
		return all
	}
	accepted := func(r *BesideRound) Latency { return r.Accepted }
	commands := func(r *BesideRound) Latency { return r.Commands }
	b.AcceptedToAlone = ratios(p99(b, accepted), p99(alone, accepted))
	b.AcceptedToQuick = ratios(p99(b, accepted), p99(quick, accepted))
	b.CommandsToAlone = ratios(p99(b, commands), p99(alone, commands))
	b.CommandsToQuick = ratios(p99(b, commands), p99(quick, commands))
	var allAccepted, allCommands []time.Duration
	for _, round := range b.Rounds {
		allAccepted = append(allAccepted, round.accepted...)
		allCommands = append(allCommands, round.commands...)
	}
	b.Accepted, b.Commands = latencyOf(allAccepted), latencyOf(allCommands)
}
