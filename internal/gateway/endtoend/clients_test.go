package endtoend

import (
	"path/filepath"
	"strings"
	"testing"

	"packhorse/internal/dev/npmtest"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/graphql/admin"
)

// TestClients takes an order through its life with the clients that others publish, as they are: those of the Admin
// API, two of GraphQL, and Temporal's for TypeScript. Shopify's speak HTTPS only.
func TestClients(t *testing.T) {
	t.Parallel()
	npmtest.Modules(t) // Before a stack is started for nothing.
	s := newShop(t, gatewaytest.Options{})
	secure := gatewaytest.Serve(
		t, string(s.Settings.Database.URL), s.Temporal, gatewaytest.Options{HTTPS: true},
	)
	services := s.service.Must(t, `{ shop { fulfillmentServices { id handle location { id } } } }`, nil)
	type service struct {
		ID, Handle string
		Location   struct{ ID string }
	}
	number := func(gid, kind string) string {
		id, err := admin.ParseGIDOf(gid, kind)
		if err != nil {
			t.Fatal(err)
		}
		return id.String()
	}
	environment := []string{
		"PACKHORSE_API=" + secure.URL, "NODE_EXTRA_CA_CERTS=" + secure.Certificate,
		"PACKHORSE_TOKEN=" + s.merchant.Token, "SERVICE_TOKEN=" + s.service.Token,
		"TEMPORAL_ADDRESS=" + s.Settings.Temporal.Address, "TEMPORAL_NAMESPACE=" + s.Settings.Temporal.Namespace,
	}
	for _, one := range gatewaytest.Get[[]service](t, services, "shop.fulfillmentServices") {
		if one.Location.ID == s.depot {
			environment = append(
				environment, "SERVICE_ID="+number(one.ID, admin.TypeFulfillmentService),
				"SERVICE_LOCATION="+number(one.Location.ID, admin.TypeLocation),
			)
		}
	}
	said := npmtest.Run(t, filepath.Join("testdata", "clients.mjs"), environment...)
	for _, client := range []string{
		"@shopify/admin-api-client", "@shopify/shopify-api", "urql", "Apollo", "@temporalio/client",
	} {
		if !strings.Contains(said, client+"\n") {
			t.Errorf("%s has not come through: %s", client, said)
		}
	}
}
