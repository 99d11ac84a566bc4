package devstack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
)

func startTemporal(t *testing.T, options TemporalOptions) *Temporal {
	t.Helper()
	server, err := StartTemporal(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return server
}

func TestTemporalComesBackWithItsState(t *testing.T) {
	t.Parallel()
	server := startTemporal(t, TemporalOptions{
		Namespace: "shop", SearchAttributes: map[string]string{"ItemState": "Keyword", "ItemDue": "Datetime"},
	})
	c, err := client.Dial(client.Options{HostPort: server.Address(), Namespace: server.Namespace()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	listed, err := c.OperatorService().ListSearchAttributes(t.Context(), &operatorservice.ListSearchAttributesRequest{Namespace: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ItemState", "ItemDue"} {
		if _, ok := listed.GetCustomAttributes()[name]; !ok {
			t.Errorf("search attribute %s is missing", name)
		}
	}
	if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "item/1", TaskQueue: "items"}, "Item"); err != nil {
		t.Fatal(err)
	}
	address := server.Address()
	for name, end := range map[string]func(context.Context) error{"stop": server.Stop, "kill": server.Kill} {
		process := server.Process()
		if err := end(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if running(process.PID()) || process.Err() != nil {
			t.Errorf("%s: running %v, error %v", name, running(process.PID()), process.Err())
		}
		if err := server.Start(t.Context()); err != nil {
			t.Fatalf("start after %s: %v", name, err)
		}
		if server.Address() != address {
			t.Errorf("address %s after %s, want %s", server.Address(), name, address)
		}
		if _, err := c.DescribeWorkflowExecution(t.Context(), "item/1", ""); err != nil {
			t.Errorf("the workflow is gone after %s: %v", name, err)
		}
	}
}

func TestTemporalServesItsUI(t *testing.T) {
	t.Parallel()
	port := takenPort(t)
	uiPort := takenPort(t)
	var told notices
	server := startTemporal(t, TemporalOptions{UI: true, Port: port, UIPort: uiPort, Notice: told.notice})
	for _, taken := range []int{port, uiPort} {
		if !told.contain(fmt.Sprintf("port %d is taken", taken)) {
			t.Errorf("told %q, want that port %d is taken", told.log.String(), taken)
		}
	}
	var status int
	eventually(t, "the UI", func() bool {
		response, err := http.Get(server.UIURL())
		if err != nil {
			return false
		}
		defer response.Body.Close()
		status = response.StatusCode
		return true
	})
	if status != http.StatusOK {
		t.Errorf("the UI answers %d", status)
	}
	if err := server.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(server.temporary.path); err == nil {
		t.Errorf("%s is still there", server.temporary.path)
	}
}

func TestTemporalSaysWhyItCannotStart(t *testing.T) {
	t.Parallel()
	_, err := StartTemporal(t.Context(), TemporalOptions{SearchAttributes: map[string]string{"ItemState": "Colour"}})
	if !errors.As(err, new(*ProcessError)) || !strings.Contains(err.Error(), "Colour") {
		t.Errorf("error %v, want Temporal's own words", err)
	}
}
