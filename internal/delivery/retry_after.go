package delivery

import (
	"net/http"
	"strings"
	"time"
)

// maxRetryAfter is how long a receiver may ask to be left alone.
const maxRetryAfter = time.Hour

// retryAfter reads the header Retry-After in both of its forms, seconds and a date; 0: it is neither, or is past.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value != "" && strings.Trim(value, "0123456789") == "" {
		var seconds time.Duration
		for _, digit := range value {
			if seconds = seconds*10 + time.Duration(digit-'0'); seconds >= maxRetryAfter/time.Second {
				return maxRetryAfter // However many digits follow.
			}
		}
		return seconds * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(0, at.Sub(now)), maxRetryAfter)
}
