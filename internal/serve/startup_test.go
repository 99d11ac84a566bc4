package serve

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"packhorse/internal/access"
	"packhorse/internal/config"
	"packhorse/internal/dev/devstack"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/gateway"
	"packhorse/internal/postgres"
	"packhorse/internal/worker/workertest"
)

func freeAddress(t *testing.T) string {
	t.Helper()
	port, err := devstack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// alone runs an API whose Temporal is away, and gives its address once it is served.
func alone(
	t *testing.T, databaseURL string, adjust ...func(*Settings),
) (s Settings, address string, stop func() error) {
	t.Helper()
	s = Settings{
		Database: config.Database{URL: config.DatabaseURL(databaseURL), MaxConns: 4},
		Temporal: config.Temporal{Address: freeAddress(t), Namespace: "default"},
		Gateway: config.Gateway{
			Address: "127.0.0.1:0", MetricsAddress: freeAddress(t),
			RequestTimeout: 5 * time.Second, IdleTimeout: time.Minute, StopTimeout: 10 * time.Second,
			MaxBodyBytes: gateway.DefaultMaxBody, CostLimit: 1000, CostBucket: 20_000, CostRestoreRate: 10_000,
			ShopName: "Shop", ShopCurrency: "EUR", ShopTimeZone: "UTC", GIDNamespace: "shopify",
			LogLevel: slog.LevelError + 1, LogFormat: "text",
		},
	}
	for _, change := range adjust {
		change(&s)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	addresses, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- Run(ctx, s, t.Output(), func(a string) { addresses <- a }) }()
	stop = func() error {
		cancel()
		err := <-done
		done <- nil
		return err
	}
	t.Cleanup(func() { _ = stop() })
	select {
	case address = <-addresses:
	case err := <-done:
		done <- nil
		t.Fatalf("the API ended at the start: %v", err)
	}
	return s, address, stop
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// An API that is started in an outage lives, and says what it lacks; it is not started again and again.
func TestServeStartsInAnOutage(t *testing.T) {
	t.Parallel()
	s, address, stop := alone(t, "postgres://nobody@"+freeAddress(t)+"/x")
	if status, _ := get(t, "http://"+s.Gateway.MetricsAddress+"/livez"); status != http.StatusOK {
		t.Errorf("/livez is %d", status)
	}
	status, text := get(t, "http://"+s.Gateway.MetricsAddress+"/readyz")
	if status != http.StatusServiceUnavailable || !strings.Contains(text, "[-] postgres: ") ||
		!strings.Contains(text, "[-] temporal: connect to Temporal at "+s.Temporal.Address) {
		t.Errorf("/readyz is %d %s", status, text)
	}
	status, text = ask(t, address, access.TokenPrefix+strings.Repeat("0", 64), `{ shop { name } }`)
	if status != http.StatusServiceUnavailable {
		t.Errorf("a request got %d %s", status, text)
	}
	begin := time.Now()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > 15*time.Second {
		t.Errorf("it took %v to stop", took)
	}
}

// An API whose Temporal answers nothing any more, for which SIGSTOP stands, is not ready until it does again.
func TestServeIsReadyWhileTemporalAnswers(t *testing.T) {
	t.Parallel()
	server := devstacktest.NewTemporal(t, nil)
	s, _, _ := alone(t, devstacktest.Database(t, postgres.Migrate), func(s *Settings) {
		s.Temporal.Address = server.Address()
	})
	wait := func(status int, reason string) {
		t.Helper()
		workertest.WaitFor(t, fmt.Sprintf("/readyz with %d %s", status, reason), func() bool {
			got, text := get(t, "http://"+s.Gateway.MetricsAddress+"/readyz")
			return got == status && strings.Contains(text, reason)
		})
	}
	wait(http.StatusOK, "ready")
	if err := server.Process().Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	wait(http.StatusServiceUnavailable, "temporal: connect to Temporal at "+server.Address())
	if err := server.Process().Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	wait(http.StatusOK, "ready")
}

// A namespace that forgets too soon is told of, and the API is ready nevertheless.
func TestServeWarnsOfAShortRetention(t *testing.T) {
	t.Parallel()
	server, name := devstacktest.Namespace(t, nil)
	c, err := client.NewNamespaceClient(client.Options{HostPort: server.Address()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Update(t.Context(), &workflowservice.UpdateNamespaceRequest{
		Namespace: name,
		Config:    &namespace.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(time.Hour)},
	}); err != nil {
		t.Fatal(err)
	}
	s, _, _ := alone(t, devstacktest.Database(t, postgres.Migrate), func(s *Settings) {
		s.Temporal.Address, s.Temporal.Namespace = server.Address(), name
	})
	workertest.WaitFor(t, "the warning of one that is ready", func() bool {
		status, text := get(t, "http://"+s.Gateway.MetricsAddress+"/readyz")
		return status == http.StatusOK && strings.Contains(text, `[!] retention: the namespace "`+name+`" keeps`)
	})
}

// A database that takes no writes, such as a standby, is told of, and the API is ready nevertheless, for queries.
func TestServeWarnsOfADatabaseThatTakesNoWrites(t *testing.T) {
	t.Parallel()
	server, name := devstacktest.Namespace(t, nil)
	url := devstacktest.Database(t, postgres.Migrate)
	token := newToken(t, url)
	s, address, _ := alone(t, url+"&default_transaction_read_only=on", func(s *Settings) {
		s.Temporal.Address, s.Temporal.Namespace = server.Address(), name
	})
	workertest.WaitFor(t, "the warning of one that is ready", func() bool {
		status, text := get(t, "http://"+s.Gateway.MetricsAddress+"/readyz")
		return status == http.StatusOK && strings.Contains(text, "[!] writes: PostgreSQL takes no writes")
	})
	if status, text := ask(t, address, token, `{ orders(first: 1) { nodes { id } } }`); status != http.StatusOK ||
		!strings.Contains(text, `"nodes":[]`) {
		t.Errorf("a query is answered with %d %s", status, text)
	}
	_, text := ask(t, address, token, `mutation { locationAdd(input: {name: "A", address: {countryCode: DE}}) {
		location { id } } }`)
	if !strings.Contains(text, "SERVICE_UNAVAILABLE") {
		t.Errorf("a mutation is answered with %s", text)
	}
}

func TestServeSaysThatTheDatabaseIsNotMigrated(t *testing.T) {
	t.Parallel()
	s, _, _ := alone(t, devstacktest.Database(t))
	workertest.WaitFor(t, "the reason", func() bool {
		_, text := get(t, "http://"+s.Gateway.MetricsAddress+"/readyz")
		return strings.Contains(text, "run packhorse migrate")
	})
}

// What needs PostgreSQL alone is answered while Temporal is away from the start, as it is in an outage that comes
// later; a command is told to come again.
func TestServeAnswersQueriesWithoutTemporal(t *testing.T) {
	t.Parallel()
	url := devstacktest.Database(t, postgres.Migrate)
	token := newToken(t, url)
	_, address, _ := alone(t, url)
	if status, text := ask(t, address, token, `{ orders(first: 1) { nodes { id } } }`); status != http.StatusOK ||
		!strings.Contains(text, `"data":{"orders":{"nodes":[]}}`) {
		t.Errorf("a query got %d %s", status, text)
	}
	if _, text := ask(t, address, token, `mutation { orderCancel(orderId: "gid://shopify/Order/1", reason: OTHER, `+
		`restock: false) { orderCancelUserErrors { message } } }`); strings.Contains(text, "INTERNAL_SERVER_ERROR") {
		t.Errorf("a command got %s", text)
	}
}

// newToken is the token of an app that may do everything.
func newToken(t *testing.T, url string) string {
	t.Helper()
	store, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	app, err := store.CreateApp(t.Context(), access.App{Name: "Test", Scopes: access.Scopes()})
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := store.CreateToken(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func ask(t *testing.T, address, token, document string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(
		t.Context(), http.MethodPost, "http://"+address+gateway.Endpoint(), strings.NewReader(document),
	)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/graphql")
	request.Header.Set("X-Shopify-Access-Token", token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}
