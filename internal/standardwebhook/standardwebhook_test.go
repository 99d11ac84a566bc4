package standardwebhook_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"packhorse/internal/standardwebhook"
)

const (
	one   = "whsec_dGhlIGZpcnN0IHNlY3JldCBvZiB0aGlzIHRlc3Q="
	other = "whsec_dGhlIHNlY29uZCBzZWNyZXQgb2YgdGhpcyB0ZXN0"
)

func parse(t *testing.T, text string) standardwebhook.Secrets {
	t.Helper()
	s, err := standardwebhook.ParseSecrets(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// While secrets are rotated, both sides may hold two, and one that is common is enough.
func TestRotation(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	for _, test := range []struct {
		sender, receiver string
		believes         bool
	}{
		{one, one, true}, {one, other, false},
		{other + "\n" + one, one, true}, {other + "\n" + one, other, true},
		{one, other + "\n" + one + "\n", true}, {other, "\n  " + one + "  \n" + other, true},
	} {
		header := http.Header{}
		if err := parse(t, test.sender).Sign(header, "msg_1", now, []byte("body")); err != nil {
			t.Fatal(err)
		}
		id, err := parse(t, test.receiver).Verify(header, []byte("body"), now)
		if (err == nil) != test.believes || test.believes && id != "msg_1" {
			t.Errorf("sent with %d, received with %d secrets: %q, %v", strings.Count(test.sender, "whsec"),
				strings.Count(test.receiver, "whsec"), id, err)
		}
	}
}

// A malformed secret is refused, and never told.
func TestSecretsAreNotTold(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "\n", "c2VjcmV0", "whsec_", "whsec_c2hvcnQ=", one + "\nwhsec_!!!",
		"whsec_" + strings.Repeat("QUFB", 22)} {
		_, err := standardwebhook.ParseSecrets(bad)
		if err == nil {
			t.Errorf("%q was taken", bad)
		} else if bad := strings.TrimSpace(bad); bad != "" && bad != "whsec_" && strings.Contains(err.Error(), bad) {
			t.Errorf("the error tells %q: %v", bad, err)
		}
	}
	s := parse(t, one)
	if text := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(text, "first") || !strings.Contains(text, "1 secrets") {
		t.Error(text)
	}
}

// What the reference implementation says of these messages is what we say.
func TestVectors(t *testing.T) {
	t.Parallel()
	const file = "../../../shared/data/providers/signatures/standard-webhooks.json"
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		t.Skipf("the vectors are not at hand: %s", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Vectors []struct {
			Name    string
			Secrets []string
			Now     int64
			Headers map[string]string
			Body    string
			Valid   bool
		}
	}
	if err := json.Unmarshal(text, &recorded); err != nil || len(recorded.Vectors) < 18 {
		t.Fatalf("%d vectors, %v", len(recorded.Vectors), err)
	}
	for _, v := range recorded.Vectors {
		header := http.Header{}
		for name, value := range v.Headers {
			header.Set(name, value)
		}
		_, err := parse(t, strings.Join(v.Secrets, "\n")).Verify(header, []byte(v.Body), time.Unix(v.Now, 0))
		if (err == nil) != v.Valid {
			t.Errorf("%s: %v, want valid %t", v.Name, err, v.Valid)
		}
	}
}
