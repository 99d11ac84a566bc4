package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// A Server serves a process' health and metrics over HTTP:
//   - /livez is 200 while the process can answer at all. It asks nobody, so that
//     an outage of Temporal or PostgreSQL doesn't restart every process.
//   - /readyz is 200 when every check passes, else 503 with the reasons; warnings change nothing of that.
//   - /metrics is the registry, for Prometheus.
//
// Set the fields, then Start; the fields must not change afterwards.
type Server struct {
	// Address is host:port; port 0 means any free one, which Addr tells.
	Address string
	// Registry is what /metrics shows.
	Registry *prometheus.Registry
	// Checks are what /readyz asks; none means always ready.
	Checks []Check
	// Warnings are asked by /readyz, too, and told there; whatever they say, the process is ready.
	Warnings []Check
	// Logger is told when the server fails while it runs; the default is silent.
	Logger *slog.Logger

	listener  net.Listener
	server    *http.Server
	readiness readiness
	served    chan struct{}
}

// Start listens and serves in the background until Shutdown. It must be called
// once.
func (s *Server) Start() error {
	listener, err := net.Listen("tcp", s.Address)
	if err != nil {
		return fmt.Errorf("serve health and metrics on %s: %w", s.Address, err)
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	for _, check := range s.Checks {
		s.readiness.checkers = append(s.readiness.checkers, &checker{check: check, timeout: checkTimeout})
	}
	for _, check := range s.Warnings {
		s.readiness.warners = append(s.readiness.warners, &checker{check: check, timeout: checkTimeout})
	}
	s.listener = listener
	s.served = make(chan struct{})
	s.server = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.Logger.Handler(), slog.LevelDebug),
	}
	go func() {
		defer close(s.served)
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.Logger.Error("health and metrics are served no more", "listen", s.Addr(), "error", err)
		}
	}()
	return nil
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = io.WriteString(w, "alive\n")
	})
	mux.Handle("GET /readyz", &s.readiness)
	mux.Handle("GET /metrics", promhttp.InstrumentMetricHandler(s.Registry, promhttp.HandlerFor(s.Registry,
		promhttp.HandlerOpts{
			// One collector that fails must not hide the others.
			ErrorHandling:       promhttp.ContinueOnError,
			ErrorLog:            slog.NewLogLogger(s.Logger.Handler(), slog.LevelWarn),
			MaxRequestsInFlight: 4,
			Timeout:             10 * time.Second,
		})))
	return mux
}

// Addr is the host:port the server listens on; "" before Start.
func (s *Server) Addr() string {
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// Drain makes /readyz fail from now on, so that nothing new is sent here while
// running work ends.
func (s *Server) Drain() { s.readiness.draining.Store(true) }

// Shutdown drains, lets running requests end, and stops serving; when the
// context ends first, it cuts them off. Without Start it does nothing.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Drain()
	if s.server == nil {
		return nil
	}
	err := s.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.server.Close())
	}
	<-s.served
	if err != nil {
		return fmt.Errorf("stop serving health and metrics: %w", err)
	}
	return nil
}
