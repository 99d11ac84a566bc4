package delivery

import (
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                               0,
		"0":                              0,
		"120":                            2 * time.Minute,
		" 7 ":                            7 * time.Second,
		"3600":                           time.Hour,
		"3601":                           time.Hour,
		"99999999999999999999999999":     time.Hour,
		"-5":                             0,
		"1.5":                            0,
		"soon":                           0,
		"Mon, 30 Nov 2026 09:00:30 GMT":  30 * time.Second,
		"Monday, 30-Nov-26 09:00:30 GMT": 30 * time.Second,
		"Mon Nov 30 09:00:30 2026":       30 * time.Second,
		"Mon, 30 Nov 2026 08:59:59 GMT":  0,
		"Fri, 31 Dec 9999 23:59:59 GMT":  time.Hour,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q is %v, want %v", value, got, want)
		}
	}
}
