package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"packhorse/internal/webhook"
)

// Backlog is what it takes to deliver events that have piled up.
type Backlog struct {
	Topic             string  `json:"topic"`
	Events            int     `json:"events"`
	Requests          int     `json:"requests"`
	EventBytes        float64 `json:"eventBytes"` // of an event in the feed, on the mean
	Seconds           float64 `json:"seconds"`    // from the start until the last one has arrived
	PerSecond         float64 `json:"perSecond"`
	WorkerCPU         float64 `json:"workerCPUSeconds"`
	PostgresCPU       float64 `json:"postgresCPUSeconds"`
	ReceiverCPU       float64 `json:"receiverCPUSeconds"`
	RoundTrips        float64 `json:"sqlRoundTrips"`
	WALBytes          float64 `json:"walBytes"`
	Load              float64 `json:"load"`
	FirstHeap         float64 `json:"firstHeapBytes"` // Go's in use, at its peak during the first tenth
	LastHeap          float64 `json:"lastHeapBytes"`  // the same during the last
	FirstResident     int64   `json:"firstResidentBytes"`
	LastResident      int64   `json:"lastResidentBytes"`
	OneByOnePerSecond float64 `json:"activityForEachPerSecond"`
	Ratio             float64 `json:"ratio"`
}

// backlog lets events pile up and be delivered, and lets bare Temporal deliver some with an activity for each.
func (s *subscribers) backlog(ctx context.Context, r *WebhooksReport) (err error) {
	b := &Backlog{Topic: s.topics[0], Events: s.o.Backlog}
	s.o.Progress.Begin("backlog", s.o.OneByOne+s.o.Backlog)
	if b.OneByOnePerSecond, err = oneByOne(ctx, s.temporal, s.receiver, s.o.OneByOne); err != nil {
		return err
	}
	s.o.Progress.Note(fmt.Sprintf("an activity for each: %.0f deliveries/s", b.OneByOnePerSecond))
	sub, err := s.add(ctx, b.Topic)
	if err != nil {
		return err
	}
	if _, err := s.store.SetSubscriptionState(ctx, sub.ID, webhook.Paused, "Events pile up."); err != nil {
		return err
	}
	if err := s.pileUp(ctx, b); err != nil {
		return err
	}
	s.receiver.forget()
	before, err := s.read(ctx, Packhorse)
	if err != nil {
		return err
	}
	if _, err := s.store.SetSubscriptionState(ctx, sub.ID, webhook.Enabled, ""); err != nil {
		return err
	}
	started := time.Now()
	if err := s.deliver(ctx, sub.ID); err != nil {
		return err
	}
	if err := s.watchBacklog(ctx, b); err != nil {
		return err
	}
	b.Seconds = time.Since(started).Seconds()
	after, err := s.read(ctx, Packhorse)
	if err != nil {
		return err
	}
	used := after.used.minus(before.used)
	b.WorkerCPU, b.PostgresCPU, b.ReceiverCPU = used.worker, used.postgres, used.callers
	b.RoundTrips, b.WALBytes = used.roundTrips, used.walBytes
	b.PerSecond, b.Load = float64(b.Events)/b.Seconds, load1()
	b.Ratio = b.PerSecond / b.OneByOnePerSecond
	_, b.Requests = s.receiver.count()
	s.o.Progress.Note(fmt.Sprintf("one that follows: %.0f deliveries/s", b.PerSecond))
	r.Backlog = b
	return s.store.DeleteSubscription(ctx, sub.ID)
}

// pileUp makes events of what there is: those of the topic, again and again, as if their orders had had as many.
func (s *subscribers) pileUp(ctx context.Context, b *Backlog) error {
	tag, err := s.pool.Exec(ctx, `
INSERT INTO outbox (order_id, fulfillment_order_id, sequence, position, topic, payload)
SELECT f.order_id, f.fulfillment_order_id, f.sequence, f.place, f.topic, f.payload
FROM feed f, generate_series(1, $2 / (SELECT count(*) FROM feed WHERE topic = $1) + 1) g
WHERE f.topic = $1 ORDER BY g, f.position LIMIT $2::bigint`, b.Topic, b.Events)
	if err != nil {
		return fmt.Errorf("make a backlog: %w", err)
	}
	if made := int(tag.RowsAffected()); made != b.Events {
		return fmt.Errorf("make a backlog: %d events instead of %d", made, b.Events)
	}
	newest, err := s.newest(ctx)
	if err != nil {
		return err
	}
	if err := s.pool.QueryRow(ctx, `SELECT avg(length(payload::text))::float8 FROM feed WHERE position > $1`,
		newest-int64(b.Events)).Scan(&b.EventBytes); err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `ANALYZE feed`)
	return err
}

// heapInterval is how often the worker's memory is looked at.
const heapInterval = 200 * time.Millisecond

// watchBacklog waits until everything has arrived, and watches the worker's memory.
func (s *subscribers) watchBacklog(ctx context.Context, b *Backlog) error {
	tenth := b.Events / 10
	for seen := 0; seen < b.Events; {
		limited, cancel := context.WithTimeout(ctx, heapInterval)
		_ = s.receiver.await(limited, b.Events) // What has arrived is counted below.
		cancel()
		if err := s.failed(); err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		last := seen
		seen, _ = s.receiver.count()
		for range seen - last {
			s.o.Progress.Done()
		}
		if seen > tenth && seen < b.Events-tenth {
			continue
		}
		m, err := memoryOf(s.workers[Packhorse].PID())
		if err != nil {
			return err
		}
		metrics, err := scrapeMetrics(ctx, s.workers[Packhorse].Metrics)
		if err != nil {
			return err
		}
		heap := metrics.total("go_memstats_heap_inuse_bytes", "", "").sum
		if seen <= tenth {
			b.FirstHeap, b.FirstResident = max(b.FirstHeap, heap), max(b.FirstResident, m.resident)
		} else {
			b.LastHeap, b.LastResident = max(b.LastHeap, heap), max(b.LastResident, m.resident)
		}
	}
	return nil
}
