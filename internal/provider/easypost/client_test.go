package easypost_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"packhorse/internal/dev/npmtest"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/easypost/easyposttest"
	"packhorse/internal/provider/providertest"
)

// TestEasyPostsOwnClient: the pretended EasyPost is one to the client that EasyPost publishes, so it is not too kind to
// ours; and that client believes the signatures that the provider believes.
func TestEasyPostsOwnClient(t *testing.T) {
	t.Parallel()
	other := easyposttest.New(t)
	code := create(t, newProvider(t, other, nil, options()), providertest.Request("a")).Labels[0].TrackingNumber
	event := other.Scan(code, easyposttest.Scan{Status: "in_transit", Detail: "arrived_at_facility"})

	server := easyposttest.New(t)
	said := npmtest.Run(t, filepath.Join("testdata", "client.mjs"), "EASYPOST_URL="+server.URL,
		"EASYPOST_KEY="+easyposttest.Key, "EVENT="+string(event), "SECRET="+secret,
		"SIGNATURE="+easypost.Sign(secret, event))
	var made struct{ Shipment, Code string }
	if err := json.Unmarshal([]byte(said), &made); err != nil {
		t.Fatalf("it said %s", said)
	}
	if shipments := server.Shipments(); server.Labels() != 1 || shipments[0].ID != made.Shipment ||
		shipments[0].TrackingCode != made.Code {
		t.Errorf("%d labels were sold; it said %s of %+v", server.Labels(), said, shipments)
	}
}
