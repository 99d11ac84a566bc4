package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// clipped bounds what askers may write into a log line.
const clipped = 200

// observe logs and counts every request when it has been answered. Neither the token nor the document, the variables
// or the answer get into the log: they are secrets and people's data.
func (g *Gateway) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		found := &record{}
		answered := &recorder{ResponseWriter: w}
		g.metrics.inFlight.Inc()
		defer func() {
			g.metrics.inFlight.Dec()
			took := time.Since(started)
			if found.class == "" {
				found.class = classOfStatus(answered.status)
			}
			g.metrics.request(found, took)
			g.logger.LogAttrs(
				context.WithoutCancel(r.Context()), slog.LevelInfo, "request",
				logAttributes(r, found, answered, took)...,
			)
		}()
		next.ServeHTTP(answered, r.WithContext(withRecord(r.Context(), found)))
	})
}

func logAttributes(r *http.Request, found *record, answered *recorder, took time.Duration) []slog.Attr {
	attributes := []slog.Attr{
		slog.String("method", clip(r.Method)),
		slog.String("path", clip(r.URL.Path)),
		slog.Int("status", answered.status),
		slog.String("class", found.class),
		slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.Int("bytes", answered.bytes),
		slog.String("request_id", RequestID(r.Context())),
	}
	if found.app != "" {
		attributes = append(attributes, slog.String("app", found.app))
	}
	if found.kind != "" {
		attributes = append(
			attributes, slog.String("type", found.kind),
			slog.String("fields", clip(strings.Join(found.fields, ","))), slog.Int("cost", found.cost),
		)
	}
	if found.operation != "" {
		attributes = append(attributes, slog.String("operation", clip(found.operation)))
	}
	return attributes
}

func clip(text string) string {
	if len(text) <= clipped {
		return text
	}
	return strings.ToValidUTF8(text[:clipped], "") + "…"
}

// classOfStatus is the class of an answer that is no GraphQL.
func classOfStatus(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return ClassUnauthorized
	case status == http.StatusNotFound:
		return ClassNotFound
	case status >= 500:
		return ClassInternal
	case status >= 400:
		return ClassBadRequest
	}
	return ClassOK
}
