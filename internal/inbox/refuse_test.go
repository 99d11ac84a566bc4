package inbox

import (
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
)

// TestReleaseThatIsForbidden is refused, and not taken for one that finds nothing to release.
func TestReleaseThatIsForbidden(t *testing.T) {
	t.Parallel()
	long := time.Now().Add(-30 * 24 * time.Hour)
	for code, want := range map[fulfillment.Code]news.State{
		fulfillment.CodeAccessDenied: news.Refused, fulfillment.CodeInvalidState: news.Done,
		fulfillment.CodeHoldNotFound: news.Done,
	} {
		item := news.Item{Verb: fulfillment.VerbReleaseHold, RefusedSince: &long}
		got, _ := new(Worker).refuse(item, &fulfillment.Error{Code: code, Message: "No."})
		if got.State != want {
			t.Errorf("after %s it is %s, not %s", code, got.State, want)
		}
	}
}
