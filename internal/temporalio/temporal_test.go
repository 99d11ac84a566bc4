package temporalio

import (
	"testing"

	"go.temporal.io/sdk/client"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/temporalio/connect"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// namespace is a namespace of one's own with the search attributes, and a client
// for it.
func namespace(t *testing.T, searchAttributes map[string]string) (config.Temporal, client.Client) {
	t.Helper()
	server, name := devstacktest.Namespace(t, searchAttributes)
	settings := config.Temporal{Address: server.Address(), Namespace: name}
	c, err := connect.Dial(t.Context(), settings, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return settings, c
}
