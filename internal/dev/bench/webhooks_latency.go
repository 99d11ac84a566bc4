package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// HearingLatency is how long events took from the beginning of the transaction that committed them to their arrival.
type HearingLatency struct {
	Hearing         Hearing `json:"hearing"`
	OrdersPerSecond float64 `json:"ordersPerSecond"` // that were begun
	Orders          int     `json:"orders"`
	Events          int     `json:"events"`
	Load            float64 `json:"load"` // processes that ran or wanted to, on the mean of a minute, at its end
	Latency
	Max float64 `json:"max"` // seconds
}

// latency begins orders at a steady rate, however long they take.
func (s *subscribers) latency(ctx context.Context, r *WebhooksReport) error {
	orders := int(s.o.Rate * s.o.For.Seconds())
	s.o.Progress.Begin("latency", orders*(len(Hearings)-1))
	for _, h := range []Hearing{HearsOne, HearsEverything} {
		l, err := s.latencyOf(ctx, h, orders)
		if err != nil {
			return err
		}
		s.o.Progress.Note(fmt.Sprintf("%s: p50 and p99 are %s ms", h, l.text()))
		r.Latency = append(r.Latency, l)
	}
	return nil
}

func (s *subscribers) latencyOf(ctx context.Context, h Hearing, orders int) (*HearingLatency, error) {
	after, err := s.newest(ctx)
	if err != nil {
		return nil, err
	}
	s.receiver.forget()
	topics := s.topicsOf(h)
	end, err := s.subscribe(ctx, topics...)
	if err != nil {
		return nil, err
	}
	begun, err := steadily(ctx, s.drivers[Packhorse], orders, s.o.Rate, s.o.Progress.Done)
	if err != nil {
		return nil, err
	}
	l := &HearingLatency{Hearing: h, Orders: orders, OrdersPerSecond: float64(orders) / begun.took.Seconds()}
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if l.Events, err = s.arrived(limited, after, topics...); err != nil {
		return nil, err
	}
	took, err := s.took(ctx, after, topics)
	if err != nil {
		return nil, err
	}
	l.Latency, l.Max, l.Load = latencyOf(took), percentile(took, 100).Seconds(), load1()
	return l, end()
}

// took is how long each event after a position took until it arrived.
func (s *subscribers) took(ctx context.Context, after int64, topics []string) ([]time.Duration, error) {
	arrivals := s.receiver.arrivals()
	rows, err := s.pool.Query(
		ctx, `SELECT position, committed_at FROM feed WHERE position > $1 AND topic = ANY ($2)`, after, topics,
	)
	if err != nil {
		return nil, err
	}
	var took []time.Duration
	var position int64
	var committed time.Time
	_, err = pgx.ForEachRow(rows, []any{&position, &committed}, func() error {
		at, ok := arrivals[position]
		if !ok {
			return fmt.Errorf("position %d never arrived", position)
		}
		took = append(took, at.Sub(committed))
		return nil
	})
	return took, err
}
