package delivery

import (
	"fmt"
	"strings"
	"testing"
)

// Receivers accept both secrets during a rotation, but look at one X-Shopify-Hmac-Sha256 only.
func TestRotation(t *testing.T) {
	t.Parallel()
	rotated := signer()
	rotated.Previous = oldSecret
	want := plain()
	want["X-Shopify-Hmac-Sha256"] = oldShopify
	want["webhook-signature"] = newStandard + " " + oldStandard
	check(t, message().Header(rotated, now), want)
}

func TestSignerNeverPrintsSecrets(t *testing.T) {
	t.Parallel()
	s := signer()
	s.Previous = oldSecret
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if got := fmt.Sprintf(verb, s) + fmt.Sprintf(verb, &s); strings.Contains(got, "phss_") {
			t.Errorf("%s prints %s", verb, got)
		}
	}
	if got := s.LogValue().String(); strings.Contains(got, "phss_") {
		t.Errorf("logs say %s", got)
	}
}
