package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The limits of a connection that need no setting.
const (
	headerTimeout  = 5 * time.Second  // to send the headers
	bodyTimeout    = 30 * time.Second // to send headers and body
	answerTimeout  = 15 * time.Second // to take the answer, beyond what the request takes
	maxHeaderBytes = 16 << 10
	// lastWords is how long requests that were told to end at once may take to say so.
	lastWords = 2 * time.Second
)

// ServerOptions bounds a server.
type ServerOptions struct {
	// RequestTimeout is the handler's own, so that the connection allows for it. Default: DefaultTimeout.
	RequestTimeout time.Duration
	// IdleTimeout is how long a connection without requests is kept. Default: 2 minutes.
	IdleTimeout time.Duration
	// StopTimeout is how long running requests may go on when the server is to stop. Default: 25 seconds.
	StopTimeout time.Duration
	// TLS makes it HTTPS. Default: plain HTTP.
	TLS *tls.Config
	// Logger is told of connections that break. Default: none.
	Logger *slog.Logger
}

type serverContextKey struct{}

// serverContext ends when running requests are to end at once; never outside [Serve].
func serverContext(ctx context.Context) context.Context {
	if server, ok := ctx.Value(serverContextKey{}).(context.Context); ok {
		return server
	}
	return context.Background()
}

type stoppingKey struct{}

// stopping ends when the server is told to stop: who waits for something that may never come is then to end. Outside
// [Serve] it never does.
func stopping(ctx context.Context) context.Context {
	if stop, ok := ctx.Value(stoppingKey{}).(context.Context); ok {
		return stop
	}
	return context.Background()
}

// Serve serves the handler until ctx ends, then takes no new connections, lets running requests end within the stop
// timeout, and closes what is left. It returns an error if the server stops by itself. The listener is closed.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, o ServerOptions) error {
	if o.RequestTimeout <= 0 {
		o.RequestTimeout = DefaultTimeout
	}
	if o.IdleTimeout <= 0 {
		o.IdleTimeout = 2 * time.Minute
	}
	if o.StopTimeout <= 0 {
		o.StopTimeout = 25 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	base := context.WithValue(context.WithValue(running, serverContextKey{}, running), stoppingKey{}, ctx)
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      bodyTimeout + o.RequestTimeout + answerTimeout,
		IdleTimeout:       o.IdleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return base },
	}
	failed := make(chan error, 1)
	go func() {
		if server.TLSConfig = o.TLS; o.TLS != nil {
			failed <- server.ServeTLS(listener, "", "")
			return
		}
		failed <- server.Serve(listener)
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serve the API on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	o.Logger.Info("The API is stopping: running requests may end.", "grace", o.StopTimeout.String())
	err := shutdown(ctx, server, o.StopTimeout)
	if errors.Is(err, context.DeadlineExceeded) {
		o.Logger.Warn("Requests that still run are ended.")
		end()
		if err = shutdown(ctx, server, lastWords); err != nil {
			err = server.Close()
		}
	}
	if err != nil {
		return fmt.Errorf("stop the API: %w", err)
	}
	return nil
}

// shutdown lets running requests end within the timeout. The context has ended already: only its values count.
func shutdown(ctx context.Context, server *http.Server, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	return server.Shutdown(ctx)
}
