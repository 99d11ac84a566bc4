package easypost

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// MemoryLedger is a Ledger of one process, for tests. The zero value is ready.
type MemoryLedger struct {
	mu            sync.Mutex
	calls         map[string]*memoryCall
	cancellations map[string]provider.Answer
	last          int64
}

type memoryCall struct {
	Call
	looked   map[int64]time.Time
	finished map[int64]bool
}

var _ Ledger = (*MemoryLedger)(nil)

func (l *MemoryLedger) lock() func() {
	l.mu.Lock()
	if l.calls == nil {
		l.calls, l.cancellations = make(map[string]*memoryCall), make(map[string]provider.Answer)
	}
	return l.mu.Unlock
}

func (c *memoryCall) copied() Call {
	call := c.Call
	call.Parcels = slices.Clone(call.Parcels)
	return call
}

// begin is Begin, locked.
func (l *MemoryLedger) begin(call Call) *memoryCall {
	if c, ok := l.calls[call.Key]; ok {
		return c
	}
	c := &memoryCall{Call: call, looked: make(map[int64]time.Time), finished: make(map[int64]bool)}
	c.Parcels = slices.Clone(call.Parcels)
	for i := range c.Parcels {
		l.last++
		c.Parcels[i].ID = l.last
		c.looked[l.last] = call.CreatedAt
	}
	l.calls[call.Key] = c
	return c
}

// Begin is Ledger's.
func (l *MemoryLedger) Begin(_ context.Context, call Call) (Call, error) {
	defer l.lock()()
	return l.begin(call).copied(), nil
}

// Find is Ledger's.
func (l *MemoryLedger) Find(_ context.Context, key string) (Call, bool, error) {
	defer l.lock()()
	if c, ok := l.calls[key]; ok {
		return c.copied(), true, nil
	}
	return Call{}, false, nil
}

// Made is Ledger's.
func (l *MemoryLedger) Made(_ context.Context, key string, number int, shipmentID string) (string, error) {
	defer l.lock()()
	p := l.calls[key].parcel(number)
	p.ShipmentID = cmp.Or(p.ShipmentID, shipmentID)
	return p.ShipmentID, nil
}

// Bought is Ledger's.
func (l *MemoryLedger) Bought(_ context.Context, key string, number int, purchase Purchase) (*provider.Answer, error) {
	defer l.lock()()
	c := l.calls[key]
	p := c.parcel(number)
	p.Bought, p.Purchase = true, purchase
	return c.Ended, nil
}

// End is Ledger's.
func (l *MemoryLedger) End(_ context.Context, call Call, answer provider.Answer) (provider.Answer, error) {
	defer l.lock()()
	c := l.begin(call)
	if c.Ended == nil {
		c.Ended = &answer
	}
	return *c.Ended, nil
}

// Cancel is Ledger's.
func (l *MemoryLedger) Cancel(
	_ context.Context, key, requestKey string, answer provider.Answer, ended *provider.Answer,
) (provider.Answer, error) {
	defer l.lock()()
	if first, ok := l.cancellations[key]; ok {
		return first, nil
	}
	l.cancellations[key] = answer
	if c, ok := l.calls[requestKey]; ok && ended != nil && c.Ended == nil {
		c.Ended = ended
	}
	return answer, nil
}

// Cancellation is Ledger's.
func (l *MemoryLedger) Cancellation(_ context.Context, key string) (provider.Answer, bool, error) {
	defer l.lock()()
	answer, ok := l.cancellations[key]
	return answer, ok, nil
}

// Refund is Ledger's.
func (l *MemoryLedger) Refund(_ context.Context, parcelID int64, status string) error {
	defer l.lock()()
	for _, c := range l.calls {
		for i := range c.Parcels {
			if c.Parcels[i].ID == parcelID {
				c.Parcels[i].RefundStatus = status
			}
		}
	}
	return nil
}

// OfShipment is Ledger's.
func (l *MemoryLedger) OfShipment(
	_ context.Context, shipmentID, trackingCode string,
) (Call, Parcel, bool, error) {
	defer l.lock()()
	for _, c := range l.calls {
		for _, p := range c.Parcels {
			if shipmentID != "" && p.ShipmentID == shipmentID ||
				shipmentID == "" && trackingCode != "" && p.Purchase.TrackingCode == trackingCode {
				return c.copied(), p, true, nil
			}
		}
	}
	return Call{}, Parcel{}, false, nil
}

// Due is Ledger's.
func (l *MemoryLedger) Due(_ context.Context, service fulfillment.ID, before time.Time, limit int) ([]Due, error) {
	defer l.lock()()
	var due []Due
	looked := make(map[int64]time.Time)
	for _, c := range l.calls {
		for _, p := range c.Parcels {
			if c.ServiceID == service && p.ShipmentID != "" && !c.finished[p.ID] && c.looked[p.ID].Before(before) &&
				(p.Bought || c.Ended != nil) {
				due = append(due, Due{c.copied(), p})
				looked[p.ID] = c.looked[p.ID]
			}
		}
	}
	slices.SortFunc(due, func(a, b Due) int {
		return cmp.Or(looked[a.Parcel.ID].Compare(looked[b.Parcel.ID]), cmp.Compare(a.Parcel.ID, b.Parcel.ID))
	})
	return due[:min(len(due), limit)], nil
}

// Looked is Ledger's.
func (l *MemoryLedger) Looked(_ context.Context, ids, finished []int64, at time.Time) error {
	defer l.lock()()
	for _, c := range l.calls {
		for _, p := range c.Parcels {
			if slices.Contains(ids, p.ID) {
				c.looked[p.ID] = at
			}
			if slices.Contains(finished, p.ID) {
				c.finished[p.ID] = true
			}
		}
	}
	return nil
}
