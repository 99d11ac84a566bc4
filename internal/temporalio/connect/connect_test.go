package connect

import (
	"context"
	"log/slog"
	"testing"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/dev/logtest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// record is a log that tests can wait for.
type record struct {
	logtest.Log
	wrote chan struct{}
}

func newRecord() (*record, *slog.Logger) {
	r := &record{wrote: make(chan struct{}, 100)}
	return r, slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

func (r *record) Write(line []byte) (int, error) {
	defer func() { r.wrote <- struct{}{} }()
	return r.Log.Write(line)
}

func (r *record) wait(ctx context.Context, t *testing.T) {
	t.Helper()
	select {
	case <-r.wrote:
	case <-ctx.Done():
		t.Fatalf("nothing was logged: %v", ctx.Err())
	}
}
