package telemetry

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"packhorse/internal/dev/logtest"
)

func startup() (*Startup, *logtest.Log) {
	var log logtest.Log
	return NewStartup(slog.New(slog.NewTextHandler(&log, nil))), &log
}

func TestStartupSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, log := startup()
		check := s.Check()
		if err := check.Ready(t.Context()); err == nil {
			t.Error("ready before anything was looked at")
		}
		missing := errors.New("it is not there")
		passed := make(chan error, 1)
		var there atomic.Bool
		go func() {
			passed <- s.Await(t.Context(), "the thing", func(context.Context) error {
				if there.Load() {
					return nil
				}
				return missing
			})
		}()
		synctest.Wait()
		if err := check.Ready(t.Context()); !errors.Is(err, missing) ||
			!strings.Contains(err.Error(), "waits for the thing") {
			t.Errorf("/readyz says %v", err)
		}
		time.Sleep(50 * time.Second)
		synctest.Wait()
		if n := strings.Count(log.String(), "it is not there"); n != 1 {
			t.Errorf("the same reason is logged %d times within a minute: %s", n, log)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := strings.Count(log.String(), "it is not there"); n != 2 {
			t.Errorf("the reason is logged %d times in two minutes: %s", n, log)
		}
		there.Store(true)
		if err := <-passed; err != nil || !strings.Contains(log.String(), "is there") {
			t.Errorf("got %v; logged %s", err, log)
		}
		if err := check.Ready(t.Context()); err == nil {
			t.Error("ready before the work begins")
		}
		s.Done()
		if err := check.Ready(t.Context()); err != nil {
			t.Errorf("not ready though the work has begun: %v", err)
		}
	})
}

func TestStartupEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, ready := range map[string]func(context.Context) error{
		"while_it_pauses": func(context.Context) error { return errors.New("away") },
		"while_it_looks":  func(ctx context.Context) error { <-ctx.Done(); return errors.New("no answer") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, _ := startup()
				ctx, stop := context.WithCancel(t.Context())
				time.AfterFunc(time.Minute+time.Second, stop)
				begin := time.Now()
				err := s.Await(ctx, "the thing", ready)
				if took := time.Since(begin); !errors.Is(err, context.Canceled) || took != time.Minute+time.Second {
					t.Errorf("got %v after %v, want to be cancelled at once", err, took)
				}
			})
		})
	}
}
