package bench

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Soak is a long run of Packhorse under load, for its memory.
type Soak struct {
	Duration string   `json:"duration"`
	InFlight int      `json:"inFlight"`
	Orders   int      `json:"orders"`
	Samples  []Sample `json:"samples"`
	// FirstQuarter and LastQuarter are means of the resident memory, in bytes; Growth is the one by the other.
	FirstQuarter float64 `json:"firstQuarterBytes"`
	LastQuarter  float64 `json:"lastQuarterBytes"`
	Growth       float64 `json:"growth"`
}

// Sample is the worker's memory at one moment.
type Sample struct {
	Seconds  float64 `json:"seconds"` // since the soak began
	Resident int64   `json:"residentBytes"`
	Heap     float64 `json:"heapBytes"` // Go's, in use
}

// ShortestSoak is how long a soak takes to have enough samples to compare.
const ShortestSoak = 8 * sampleInterval

// sampleInterval is the time between two samples of a soak.
const sampleInterval = 5 * time.Second

// soak keeps so many orders in flight until the time is over.
func (s *stack) soak(ctx context.Context, o Options) (*Soak, error) {
	k := &Soak{Duration: o.Soak.String(), InFlight: judged}
	o.Progress.Begin(fmt.Sprintf("soak for %s, %d in flight", o.Soak, judged), -1)
	limited, cancel := context.WithTimeout(ctx, o.Soak)
	defer cancel()
	group, all := errgroup.WithContext(limited)
	var orders atomic.Int64
	for range judged {
		group.Go(func() error {
			for limited.Err() == nil {
				// An order that has begun is taken to its end.
				if _, err := s.drivers[Packhorse].live(ctx, func(Step, time.Duration) {}); err != nil {
					return err
				}
				orders.Add(1)
				o.Progress.Done()
			}
			return nil
		})
	}
	ended := make(chan error, 1)
	go func() { ended <- group.Wait() }()
	ticker := time.NewTicker(sampleInterval)
	defer ticker.Stop()
	started := time.Now()
	for {
		select {
		case <-ticker.C:
			if all.Err() != nil {
				continue
			}
			if err := s.sample(ctx, k, time.Since(started)); err != nil {
				return nil, err
			}
		case err := <-ended:
			k.Orders = int(orders.Load())
			k.judge()
			return k, err
		}
	}
}

func (s *stack) sample(ctx context.Context, k *Soak, at time.Duration) error {
	worker := s.workers[Packhorse]
	m, err := memoryOf(worker.PID())
	if err != nil {
		return err
	}
	metrics, err := scrapeMetrics(ctx, worker.Metrics)
	if err != nil {
		return err
	}
	k.Samples = append(
		k.Samples, Sample{at.Seconds(), m.resident, metrics.total("go_memstats_heap_inuse_bytes", "", "").sum},
	)
	return nil
}

// judge compares the first quarter of the samples with the last.
func (k *Soak) judge() {
	quarter := max(1, len(k.Samples)/4)
	mean := func(samples []Sample) float64 {
		var sum float64
		for _, s := range samples {
			sum += float64(s.Resident)
		}
		return sum / float64(len(samples))
	}
	if len(k.Samples) == 0 {
		return
	}
	k.FirstQuarter = mean(k.Samples[:quarter])
	k.LastQuarter = mean(k.Samples[len(k.Samples)-quarter:])
	k.Growth = k.LastQuarter / k.FirstQuarter
}

func (k *Soak) print(w io.Writer) {
	const mib = 1 << 20
	fmt.Fprintf(w,
		"\nsoak: %d orders in %s at %d in flight; resident memory of the worker %.1f MiB in the first quarter, %.1f "+
			"MiB in the last (%+.1f %%)\n",
		k.Orders, k.Duration, k.InFlight, k.FirstQuarter/mib, k.LastQuarter/mib, 100*(k.Growth-1))
}
