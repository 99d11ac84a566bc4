package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"google.golang.org/grpc"

	"packhorse/internal/config"
)

const (
	// attemptTimeout bounds one attempt to connect.
	attemptTimeout = 5 * time.Second
	// The pause between attempts doubles from the first to the last.
	firstPause = 200 * time.Millisecond
	lastPause  = 5 * time.Second
)

// Connection is a client of Temporal that is there before the service can be reached: it connects when it is first
// used, and again whenever that broke. What is asked while the service is away fails as it does in an outage.
type Connection struct {
	client.Client // of the SDK itself, which is what its workers take

	settings config.Temporal
}

// Open makes a connection and asks nobody. An error is about the settings themselves, and is the same the next time.
// The logger may be nil, and so may the metrics handler. Interceptors see each attempt of each request.
func Open(
	settings config.Temporal, logger *slog.Logger, metrics client.MetricsHandler,
	interceptors ...grpc.UnaryClientInterceptor,
) (*Connection, error) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	options, err := clientOptions(settings, logger, metrics)
	if err != nil {
		return nil, err
	}
	// What is sent is a few kilobytes at a time: to compress it costs a worker a tenth of its time.
	options.ConnectionOptions.GrpcCompression = &client.GrpcCompressionNone{}
	options.ConnectionOptions.DialOptions = []grpc.DialOption{grpc.WithChainUnaryInterceptor(interceptors...)}
	c, err := client.NewLazyClient(options)
	if err != nil {
		return nil, fmt.Errorf("connect to Temporal at %s: %w", settings.Address, err)
	}
	return &Connection{Client: c, settings: settings}, nil
}

// Dial connects to Temporal and checks that the namespace is there. While the service can't be reached it tries again
// until the context ends, and says so once in the log; what time doesn't heal, such as a wrong key, certificate or
// namespace, fails at once. It is for those who wait for an answer; a process that runs long takes [Open]. The errors
// say which setting to look at and have no secrets. The parameters are those of Open.
func Dial(
	ctx context.Context, settings config.Temporal, logger *slog.Logger, metrics client.MetricsHandler,
	interceptors ...grpc.UnaryClientInterceptor,
) (_ client.Client, err error) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	c, err := Open(settings, logger, metrics, interceptors...)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			c.Close()
		}
	}()
	waiting := false
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := c.attempt(ctx)
		if err == nil {
			if waiting {
				logger.Info("Temporal can be reached now", "server", settings.Address)
			}
			return c.Client, nil
		}
		if reason := permanent(err, settings); reason != "" {
			return nil, fmt.Errorf("connect to Temporal at %s: %s: %w", settings.Address, reason, err)
		}
		if !waiting && ctx.Err() == nil {
			waiting = true
			logger.Warn("Temporal can't be reached yet; trying again", "server", settings.Address, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("connect to Temporal at %s: %w before it could be reached (%w); "+
				"is it running, is TEMPORAL_ADDRESS right, and %s?", settings.Address, ctx.Err(), err,
				tlsQuestion(settings))
		case <-time.After(pause):
		}
	}
}

// nobody is the ID of a workflow that is looked for, and need not be there.
const nobody = "packhorse-readiness"

// Ready says why nobody can work with Temporal now, and which setting to look at, or nil: it answers, has the
// namespace, and can look up a workflow. A service whose own database fails is healthy by its own account. It asks
// once.
func (c *Connection) Ready(ctx context.Context) error {
	err := c.attempt(ctx)
	if err == nil {
		return c.lookUp(ctx)
	}
	if reason := permanent(err, c.settings); reason != "" {
		return fmt.Errorf("connect to Temporal at %s: %s: %w", c.settings.Address, reason, err)
	}
	return fmt.Errorf("connect to Temporal at %s: %w; is it running, is TEMPORAL_ADDRESS right, and %s?",
		c.settings.Address, err, tlsQuestion(c.settings))
}

func tlsQuestion(settings config.Temporal) string {
	if settings.UseTLS() {
		return "does it speak TLS, as TEMPORAL_TLS says"
	}
	return "does it speak without TLS, since TEMPORAL_TLS is not on"
}

// attempt asks whether the service answers, and looks for the namespace.
func (c *Connection) attempt(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	if _, err := c.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		// All that gRPC's balancer says when DNS gave it no address.
		if strings.Contains(err.Error(), "no children to pick from") {
			err = fmt.Errorf("the host's name can't be resolved: %w", err)
		}
		return err
	}
	_, err := c.WorkflowService().DescribeNamespace(
		ctx, &workflowservice.DescribeNamespaceRequest{Namespace: c.settings.Namespace},
	)
	// A key may be good for working in a namespace and not for describing it; a
	// wrong key was refused by the connection already.
	if err != nil && !errors.As(err, new(*serviceerror.PermissionDenied)) &&
		!errors.As(err, new(*serviceerror.Unimplemented)) {
		return err
	}
	return nil
}

// lookUp asks for a workflow, which takes a part of the service behind its frontend, and its database. An answer is one
// also when it is that there is none, that these credentials may not look, or that too much is asked at the moment.
func (c *Connection) lookUp(ctx context.Context) error {
	// The service itself, since the client would try again and lose the reason.
	_, err := c.WorkflowService().DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{
		Namespace: c.settings.Namespace, Execution: &common.WorkflowExecution{WorkflowId: nobody},
	})
	switch {
	case err == nil, errors.As(err, new(*serviceerror.NotFound)), errors.As(err, new(*serviceerror.PermissionDenied)),
		errors.As(err, new(*serviceerror.ResourceExhausted)):
		return nil
	}
	return fmt.Errorf("look up a workflow: Temporal at %s is there and fails: %w; its own log says why, and if that "+
		"doesn't pass it has to be started anew", c.settings.Address, err)
}

// permanent says what to do about an error that another attempt would meet
// again, or "".
func permanent(err error, settings config.Temporal) string {
	text := err.Error()
	switch {
	case errors.As(err, new(*serviceerror.NamespaceNotFound)):
		return fmt.Sprintf("there is no namespace %q; set TEMPORAL_NAMESPACE, or make it with "+
			"`temporal operator namespace create --namespace %s`", settings.Namespace, settings.Namespace)
	case errors.As(err, new(*serviceerror.PermissionDenied)), strings.Contains(text, "Unauthenticated"):
		return "the service refuses these credentials; see TEMPORAL_API_KEY and TEMPORAL_TLS_CLIENT_CERT_PATH"
	case strings.Contains(text, "first record does not look like a TLS handshake"):
		return "the service speaks without TLS; set TEMPORAL_TLS=false or unset the TEMPORAL_TLS_* settings"
	case strings.Contains(text, "x509: "):
		return "the service's certificate can't be trusted; see TEMPORAL_TLS_SERVER_CA_CERT_PATH and " +
			"TEMPORAL_TLS_SERVER_NAME"
	case strings.Contains(text, "tls: ") && !strings.Contains(text, "EOF"):
		return "the service refuses the TLS connection; see TEMPORAL_TLS_CLIENT_CERT_PATH"
	}
	return ""
}

func clientOptions(
	settings config.Temporal, logger *slog.Logger, metrics client.MetricsHandler,
) (client.Options, error) {
	// With a scheme (dns:///…) it is gRPC's business.
	if _, _, err := net.SplitHostPort(settings.Address); err != nil && !strings.Contains(settings.Address, "://") {
		return client.Options{}, fmt.Errorf("connect to Temporal: TEMPORAL_ADDRESS is not a host:port: %w", err)
	}
	options := client.Options{
		HostPort:       settings.Address,
		Namespace:      settings.Namespace,
		Logger:         sdklog.NewStructuredLogger(logger),
		MetricsHandler: metrics,
	}
	if !settings.UseTLS() {
		options.ConnectionOptions.TLSDisabled = true
	} else {
		var err error
		if options.ConnectionOptions.TLS, err = tlsConfig(settings); err != nil {
			return client.Options{}, err
		}
	}
	if settings.APIKey != "" {
		options.Credentials = client.NewAPIKeyStaticCredentials(settings.APIKey.Reveal())
	}
	return options, nil
}

// tlsConfig reads the authorities once, and the client's certificate also for
// every new connection, so that a renewed one is taken up without a restart.
func tlsConfig(settings config.Temporal) (*tls.Config, error) {
	conf := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         settings.TLSServerName,
		InsecureSkipVerify: settings.TLSDisableHostVerification,
	}
	authorities, err := pemText(
		"TEMPORAL_TLS_SERVER_CA_CERT_PATH", settings.TLSServerCACertPath, settings.TLSServerCACertData,
	)
	if err != nil {
		return nil, err
	}
	if len(authorities) > 0 {
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(authorities) {
			return nil, errors.New("TEMPORAL_TLS_SERVER_CA_CERT_PATH or _DATA has no certificate in PEM form")
		}
	}
	if settings.TLSClientCertPath == "" && settings.TLSClientCertData == "" {
		return conf, nil
	}
	if _, err := clientCertificate(settings); err != nil {
		return nil, err
	}
	conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		return clientCertificate(settings)
	}
	return conf, nil
}
