package fulfillment

import "testing"

func TestEffectKey(t *testing.T) {
	t.Parallel()
	if key := EffectKey(7, 3); key != "fulfillment-order/7#3" {
		t.Errorf("the key is %q, and providers know others", key)
	}
	if id, sequence, ok := ParseEffectKey(EffectKey(7, 3)); id != 7 || sequence != 3 || !ok {
		t.Errorf("read %d, %d, %v from the key of fulfillment order 7 and transition 3", id, sequence, ok)
	}
	for _, key := range []string{
		"", "7#3", "order/7#3", "fulfillment-order/7", "fulfillment-order/7#", "fulfillment-order/#3",
		"fulfillment-order/7#0",
		"fulfillment-order/7#-3", "fulfillment-order/0#3", "fulfillment-order/07#3", "fulfillment-order/7#03",
		"fulfillment-order/7#3#4",
		"fulfillment-order/7#3 ",
	} {
		if id, sequence, ok := ParseEffectKey(key); ok || id != 0 || sequence != 0 {
			t.Errorf("read %d, %d, %v from %q", id, sequence, ok, key)
		}
	}
}
