package endtoend

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"packhorse/internal/dev/npmtest"
	"packhorse/internal/gateway/gatewaytest"
)

// TestGraphQLOverHTTP has the API audited by graphql-http: nothing of what GraphQL over HTTP asks for is missing.
func TestGraphQLOverHTTP(t *testing.T) {
	t.Parallel()
	npmtest.Modules(t) // Before a stack is started for nothing.
	s := newShop(t, gatewaytest.Options{})
	said := npmtest.Run(
		t, filepath.Join("testdata", "audit.mjs"), "PACKHORSE_API="+s.URL, "PACKHORSE_TOKEN="+s.merchant.Token,
	)
	var results []struct{ Name, Status, Reason string }
	if err := json.Unmarshal([]byte(said), &results); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	audits := map[string]int{}
	for _, r := range results {
		level, _, _ := strings.Cut(r.Name, " ")
		audits[level]++
		if r.Status != "ok" {
			t.Errorf("%s: %s: %s", r.Status, r.Name, r.Reason)
		}
	}
	if audits["MUST"] != 13 || audits["SHOULD"] != 23 || audits["MAY"] != 25 {
		t.Errorf("the audits are %v", audits)
	}
}
