package connect

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"

	"packhorse/internal/dev/devstack/devstacktest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// record is a log that tests can wait for.
type record struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{}
}

func newRecord() (*record, *slog.Logger) {
	r := &record{wrote: make(chan struct{}, 100)}
	return r, slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

func (r *record) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrote <- struct{}{}
	return r.text.Write(line)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func (r *record) wait(ctx context.Context, t *testing.T) {
	t.Helper()
	select {
	case <-r.wrote:
	case <-ctx.Done():
		t.Fatalf("nothing was logged: %v", ctx.Err())
	}
}
