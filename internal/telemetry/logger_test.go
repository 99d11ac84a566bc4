package telemetry

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"go.temporal.io/sdk/log"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		"email", "Email", "customerEmail", "email_addresses", "phone", "address", "shippingAddress", "shipping-address",
		"password", "accessToken", "access_tokens", "API_KEY", "apiKey", "APIKey", "api.key", "first_name", "lastName",
		"Authorization",
	} {
		if got := Redact(nil, slog.String(key, "x")).Value.String(); got != redacted {
			t.Errorf("%s: %q, want it redacted", key, got)
		}
		if got := Redact([]string{"order", key}, slog.Int("value", 1)).Value.String(); got != redacted {
			t.Errorf("value in group %s: %q, want it redacted", key, got)
		}
	}
	for _, key := range []string{
		"server", "listen", "order", "name", "key", "monkey", "emailed", "tokenizer", "command", "",
	} {
		if got := Redact([]string{"order"}, slog.String(key, "x")).Value.String(); got != "x" {
			t.Errorf("%s: %q, want it as it is", key, got)
		}
	}
}

func TestNewLogger(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		"json": `"level":"WARN","msg":"token of x","order":{"email":"[redacted]","number":7}}`,
		"text": `level=WARN msg="token of x" order.email=[redacted] order.number=7`,
	} {
		var text bytes.Buffer
		logger := NewLogger(&text, slog.LevelWarn, format)
		logger.Info("too much")
		logger.Warn("token of x", slog.Group("order", "email", "a@example.com", "number", 7))
		if !strings.Contains(text.String(), want) || strings.Count(text.String(), "\n") != 1 {
			t.Errorf("%s: got %s, want one line with %s", format, &text, want)
		}
	}
}

// What somebody sent must not fill the log, also within an error.
func TestLoggerClips(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	for _, format := range []string{"json", "text"} {
		var text bytes.Buffer
		NewLogger(&text, slog.LevelInfo, format).Info("said", "text", long, "error", errors.New(long), "number", 7)
		if n := text.Len(); n < 2*longestValue || n > 2*longestValue+1000 || !strings.Contains(text.String(), "7") {
			t.Errorf("%s: a line of %d bytes", format, n)
		}
	}
}

// The Temporal SDK logs through it, too.
func TestLoggerRedactsWhatTheSDKSays(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	log.NewStructuredLogger(NewLogger(&text, slog.LevelInfo, "text")).Error(
		"failed", "TaskToken", "abc", "Namespace", "default",
	)
	if got := text.String(); strings.Contains(got, "abc") || !strings.Contains(got, "Namespace=default") {
		t.Errorf("got %s", got)
	}
}
