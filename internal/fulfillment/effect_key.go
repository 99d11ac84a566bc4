package fulfillment

import (
	"fmt"
	"strconv"
	"strings"
)

// EffectKeyPrefix is what the key of an effect begins with, as does the ID of the workflow that calls for it; the
// number of the fulfillment order follows.
const EffectKeyPrefix = "fulfillment-order/"

// EffectKey is the key of the effect that a fulfillment order's transition of this sequence asks for, such as
// "fulfillment-order/7#3". It survives retries, resets and continue-as-new.
func EffectKey(id ID, sequence int64) string {
	return fmt.Sprintf("%s%d#%d", EffectKeyPrefix, id, sequence)
}

// ParseEffectKey reads what [EffectKey] wrote, and nothing that is only like it. The ID and the sequence are positive.
func ParseEffectKey(key string) (id ID, sequence int64, ok bool) {
	rest, ok := strings.CutPrefix(key, EffectKeyPrefix)
	number, of, cut := strings.Cut(rest, "#")
	id, err := ParseID(number)
	sequence, parseErr := strconv.ParseInt(of, 10, 64)
	if !ok || !cut || err != nil || parseErr != nil || sequence < 1 || key != EffectKey(id, sequence) {
		return 0, 0, false
	}
	return id, sequence, true
}
