package main

import (
	"encoding/json"
	"strings"
	"testing"

	"packhorse/internal/graphql/schema"
)

func TestServeHelp(t *testing.T) {
	t.Parallel()
	status, stdout, _ := call(t, lantern(), "", "serve", "--help")
	for _, want := range []string{
		"PACKHORSE_API_ADDRESS", "PACKHORSE_DATABASE_URL", "TEMPORAL_ADDRESS", "PACKHORSE_REQUEST_TIMEOUT",
		"PACKHORSE_CALLBACK_HOSTS", "/admin/api/{version}/graphql.json", "PACKHORSE_TLS_CERT",
		"--tls-key",
	} {
		if status != statusDone || !strings.Contains(stdout, want) {
			t.Errorf("status %d, no %s in the help", status, want)
		}
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := call(t, lantern(), "", "schema")
	if status != statusDone || stdout != schema.SDL() || stderr != "" {
		t.Errorf("status %d, %d bytes, %q", status, len(stdout), stderr)
	}
	_, stdout, _ = call(t, lantern(), "", "schema", "--output", "json")
	var answer struct{ Schema string }
	if err := json.Unmarshal([]byte(stdout), &answer); err != nil || answer.Schema != schema.SDL() {
		t.Errorf("as JSON: %v", err)
	}
}
