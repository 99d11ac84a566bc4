package connect

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/grpc"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/telemetry"
)

func TestDialConnects(t *testing.T) {
	t.Parallel()
	server, name := devstacktest.Namespace(t, nil)
	registry := prometheus.NewRegistry()
	c, err := Dial(
		t.Context(), config.Temporal{Address: server.Address(), Namespace: name}, nil,
		telemetry.NewMetricsHandler(registry),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	w := worker.New(c, "greetings", worker.Options{})
	w.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Second})
		return workflow.ExecuteLocalActivity(ctx, func(context.Context) error { return nil }).Get(ctx, nil)
	}, workflow.RegisterOptions{Name: "Greeting"})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: "greetings"}, "Greeting")
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(
		recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil),
	)
	for _, want := range []string{
		`temporal_local_activity_total{`, `temporal_request_latency_seconds_bucket{`,
		`temporal_worker_task_slots_available{`,
		`task_queue="greetings"`, `workflow_type="Greeting"`, `namespace="` + name + `"`,
	} {
		if recorder.Code != http.StatusOK || !strings.Contains(recorder.Body.String(), want) {
			t.Errorf("the SDK's metrics lack %s", want)
		}
	}
}

func TestDialWaitsForTheServer(t *testing.T) {
	t.Parallel()
	server := devstacktest.NewTemporal(t, nil)
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	log, logger := newRecord()
	answer := make(chan error, 1)
	go func() {
		c, err := Dial(ctx, config.Temporal{Address: server.Address(), Namespace: server.Namespace()}, logger, nil)
		if err == nil {
			c.Close()
		}
		answer <- err
	}()
	log.wait(ctx, t) // It has met the absence.
	if err := server.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-answer; err != nil {
		t.Fatal(err)
	}
	if got := log.String(); strings.Count(got, "can't be reached yet") != 1 ||
		!strings.Contains(got, "can be reached now") {
		t.Errorf("logged %s, want once that it waits and once that it has it", got)
	}
}

func TestDialGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	port, err := devstack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	nobody := (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}).String()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = Dial(ctx, config.Temporal{Address: nobody, Namespace: "default"}, nil, nil)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), nobody) ||
		!strings.Contains(err.Error(), "TEMPORAL_ADDRESS") {
		t.Errorf("got %v, want the deadline, the address and what to look at", err)
	}
}

// What time doesn't heal fails long before the context ends.
func TestDialFailsAtOnce(t *testing.T) {
	t.Parallel()
	server := devstacktest.Temporal(t, nil)
	https := httptest.NewUnstartedServer(nil)
	https.EnableHTTP2 = true
	https.StartTLS()
	t.Cleanup(https.Close)
	secure := https.Listener.Addr().String()
	yes, no := true, false
	missing := filepath.Join(t.TempDir(), "missing.pem")
	for name, test := range map[string]struct {
		settings config.Temporal
		want     string
	}{
		"namespace": {
			config.Temporal{Address: server.Address(), Namespace: "nowhere"},
			`no namespace "nowhere"; set TEMPORAL_NAMESPACE`,
		},
		"no_port": {config.Temporal{Address: "temporal", Namespace: "default"}, "TEMPORAL_ADDRESS is not a host:port"},
		"tls_to_a_server_without": {config.Temporal{Address: server.Address(), Namespace: "default", TLS: &yes},
			"speaks without TLS; set TEMPORAL_TLS=false"},
		"unknown_authority": {
			config.Temporal{Address: secure, Namespace: "default", TLS: &yes}, "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
		},
		"missing_file": {
			config.Temporal{Address: secure, Namespace: "default", TLSServerCACertPath: missing},
			"read the file of TEMPORAL_TLS_SERVER_CA_CERT_PATH",
		},
		"no_certificate": {
			config.Temporal{Address: secure, Namespace: "default", TLSServerCACertData: "x"},
			"no certificate in PEM form",
		},
		"no_key_pair": {
			config.Temporal{Address: secure, Namespace: "default", TLSClientCertData: "x", TLSClientKeyData: "hunter2"},
			"use the client certificate",
		},
		"api_key_means_tls": {
			config.Temporal{Address: server.Address(), Namespace: "default", APIKey: "hunter2"}, "speaks without TLS",
		},
		"unless_it_is_off": {
			config.Temporal{Address: server.Address(), Namespace: "nowhere", APIKey: "hunter2", TLS: &no},
			"no namespace",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := Dial(ctx, test.settings, nil, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want … %s …", err, test.want)
			}
			if ctx.Err() != nil {
				t.Error("it waited for the end of the context")
			}
		})
	}
}

// A service that answers for its health, and fails in all that takes its database, is of no use.
func TestReadyNeedsMoreThanAFrontend(t *testing.T) {
	t.Parallel()
	server, name := devstacktest.Namespace(t, nil)
	for reason, test := range map[string]struct {
		err  error
		want string
	}{
		"no_such_workflow":  {nil, ""},
		"the_database":      {serviceerror.NewUnavailable("Error interrupted (9)"), "Error interrupted (9)"},
		"a_refused_look":    {serviceerror.NewPermissionDenied("no", ""), ""},
		"too_many_requests": {&serviceerror.ResourceExhausted{Message: "slow down"}, ""},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			c, err := Open(config.Temporal{Address: server.Address(), Namespace: name}, nil, nil, func(
				ctx context.Context, method string, request, reply any, connection *grpc.ClientConn,
				invoke grpc.UnaryInvoker, options ...grpc.CallOption,
			) error {
				if test.err != nil && strings.HasSuffix(method, "/DescribeWorkflowExecution") {
					return serviceerror.ToStatus(test.err).Err()
				}
				return invoke(ctx, method, request, reply, connection, options...)
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			err = c.Ready(ctx)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) ||
				!strings.Contains(err.Error(), server.Address())) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// A certificate that is renewed on disk is used by the next connection.
func TestClientCertificateIsReadAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	settings := config.Temporal{
		TLSClientCertPath: filepath.Join(folder, "cert.pem"), TLSClientKeyPath: filepath.Join(folder, "key.pem"),
		TLSServerName: "temporal.example.com",
	}
	writeCertificate(t, settings, 1)
	conf, err := tlsConfig(settings)
	if err != nil {
		t.Fatal(err)
	}
	if conf.ServerName != "temporal.example.com" || conf.InsecureSkipVerify || conf.MinVersion != tls.VersionTLS12 {
		t.Errorf("got %+v", conf)
	}
	for serial := int64(1); serial <= 2; serial++ {
		writeCertificate(t, settings, serial)
		certificate, err := conf.GetClientCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := certificate.Leaf.SerialNumber.Int64(); got != serial {
			t.Errorf("got certificate %d, want %d", got, serial)
		}
	}
}

func writeCertificate(t *testing.T, settings config.Temporal, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyBytes, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{
		settings.TLSClientCertPath: {Type: "CERTIFICATE", Bytes: certificate},
		settings.TLSClientKeyPath:  {Type: "PRIVATE KEY", Bytes: keyBytes},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
