package simulated

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
)

// chance decides for one key what happens. It depends on the seed, the key and the number of the call with that key,
// never on which call came first: a rehearsal that is repeated, or interrupted, is the same again.
type chance struct {
	seed int64
	key  string
}

func (c chance) bits(what string, call int) uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s\x00%d", c.seed, c.key, what, call))
	return binary.BigEndian.Uint64(sum[:8])
}

// draw is uniform in [0, 1).
func (c chance) draw(what string, call int) float64 {
	return float64(c.bits(what, call)>>11) / (1 << 53)
}

// happens is true at this rate.
func (c chance) happens(what string, rate float64, call int) bool { return c.draw(what, call) < rate }

// delay varies d by up to jitter of it, both ways.
func (c chance) delay(what string, d fulfillment.Duration, jitter float64) fulfillment.Duration {
	return fulfillment.Duration(float64(d) * (1 + jitter*(2*c.draw(what, 0)-1)))
}

func (c chance) between(what string, r Range, call int) time.Duration {
	return time.Duration(r.Min) + time.Duration(float64(r.Max-r.Min)*c.draw(what, call))
}

// reference is the simulated system's own name for what it did under the key.
func (c chance) reference() string { return fmt.Sprintf("SIM-%012X", c.bits("reference", 0)>>16) }

func (c chance) trackingNumber(prefix string, parcel int) string {
	return fmt.Sprintf("%s%012d", prefix, c.bits("tracking", parcel)%1e12)
}
