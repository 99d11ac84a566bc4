package telemetry

import (
	"io"
	"log/slog"
)

// NewLogger writes records of at least the level as "text" (key=value, the
// default) or "json" lines, with the values of sensitive keys redacted as Redact
// does.
func NewLogger(w io.Writer, level slog.Leveler, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: Redact}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
