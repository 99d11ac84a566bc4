package provider_test

import (
	"regexp"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

var pathSafe = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)

// A key is spelled in one way for URLs and lists, which no other key has.
func TestPathKeyIsOneToOne(t *testing.T) {
	t.Parallel()
	if got := provider.PathKey(fulfillment.EffectKey(7, 12)); got != "fo-7-12" {
		t.Errorf("got %s", got)
	}
	of := map[string]string{}
	for _, key := range []string{
		fulfillment.EffectKey(7, 12), fulfillment.EffectKey(71, 2), fulfillment.EffectKey(7, 12) + "/withdraw",
		fulfillment.EffectKey(7, 12) + "/return", "fo-7-12", "fo-7-12-withdraw", "a", "A", "a/cancel", "a-cancel",
		"a~2fcancel", "~", "~~", "%2f", "k-a", "a,b", "ä", "\x00", "fulfillment-order/07#12", "fulfillment-order/7#12/X",
		"fulfillment-order/7#12/a/b",
	} {
		path := provider.PathKey(key)
		if !pathSafe.MatchString(path) {
			t.Errorf("%q is spelled %q", key, path)
		}
		if other, taken := of[path]; taken {
			t.Errorf("%q and %q are both %s", key, other, path)
		}
		of[path] = key
		if back, ok := provider.ParsePathKey(path); !ok || back != key {
			t.Errorf("%q is spelled %s, which is %q %v", key, path, back, ok)
		}
	}
	for _, none := range []string{"", "k-", "fo-7", "fo-07-12", "fo-7-12-", "x", "k-~2", "k-~41", "k-~2F", "fo-7-12-A"} {
		if key, ok := provider.ParsePathKey(none); ok {
			t.Errorf("%q is the spelling of %q", none, key)
		}
	}
}

func FuzzPathKey(f *testing.F) {
	f.Add("fulfillment-order/7#12", "k-a~2fb")
	f.Fuzz(func(t *testing.T, key, path string) {
		if key != "" {
			if back, ok := provider.ParsePathKey(provider.PathKey(key)); !ok || back != key {
				t.Errorf("%q became %q", key, back)
			}
		}
		if parsed, ok := provider.ParsePathKey(path); ok && provider.PathKey(parsed) != path {
			t.Errorf("%q is read as %q, which is spelled %q", path, parsed, provider.PathKey(parsed))
		}
	})
}
