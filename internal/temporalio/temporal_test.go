package temporalio

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"

	"go.temporal.io/sdk/client"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// namespace is a namespace of one's own with the search attributes, and a client
// for it.
func namespace(t *testing.T, searchAttributes map[string]string) (config.Temporal, client.Client) {
	t.Helper()
	server, name := devstacktest.Namespace(t, searchAttributes)
	settings := config.Temporal{Address: server.Address(), Namespace: name}
	c, err := Dial(t.Context(), settings, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return settings, c
}

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
