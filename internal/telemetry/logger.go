package telemetry

import (
	"io"
	"log/slog"
	"strings"
)

// NewLogger writes records of at least the level as "text" (key=value, the
// default) or "json" lines, with the values of sensitive keys redacted as Redact
// does, and those clipped that are longer than longestValue.
func NewLogger(w io.Writer, level slog.Leveler, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: func(groups []string, attribute slog.Attr) slog.Attr {
		return clipped(Redact(groups, attribute))
	}}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// longestValue bounds a value in bytes: an error may have in it what somebody sent. A stack has room.
const longestValue = 16 << 10

// clipped is the attribute, or the beginning of its text.
func clipped(attribute slog.Attr) slog.Attr {
	text := ""
	switch attribute.Value.Kind() {
	case slog.KindString:
		text = attribute.Value.String()
	case slog.KindAny:
		if err, ok := attribute.Value.Any().(error); ok {
			text = err.Error()
		}
	}
	if len(text) <= longestValue {
		return attribute
	}
	return slog.String(attribute.Key, strings.ToValidUTF8(text[:longestValue], "")+"…")
}
