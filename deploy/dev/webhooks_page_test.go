package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"packhorse/internal/delivery"
	"packhorse/internal/dev/devstack"
)

// verifiers run what docs/webhooks.md shows, in each language: a file beside it reads requests, one a line, and says of
// each whether it is believed.
var verifiers = map[string]struct {
	file, harness, text string
	run                 []string
}{
	"js": {"verify.mjs", "main.mjs", `import { verify } from './verify.mjs'
import { readFileSync } from 'node:fs'
for (const line of readFileSync(0, 'utf8').trim().split('\n')) {
  const { secret, headers, body } = JSON.parse(line)
  console.log(String(verify(secret, headers, Buffer.from(body, 'base64'))))
}
`, []string{"node", "main.mjs"}},
	"python": {"verify.py", "main.py", `import base64, json, sys
from verify import verify
for line in sys.stdin:
    r = json.loads(line)
    print(str(verify(r["secret"], r["headers"], base64.b64decode(r["body"]))).lower())
`, []string{"python3", "main.py"}},
	"go": {"verify.go", "main.go", `package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	for d := json.NewDecoder(os.Stdin); d.More(); {
		var r struct {
			Secret  string
			Headers map[string]string
			Body    []byte
		}
		if err := d.Decode(&r); err != nil {
			panic(err)
		}
		header := http.Header{}
		for name, value := range r.Headers {
			header.Set(name, value)
		}
		fmt.Println(Verify(r.Secret, header, r.Body))
	}
}
`, []string{"go", "run", "main.go", "verify.go"}},
}

// request is one as the verifiers read it.
type request struct {
	Secret  string            `json:"secret"`
	Headers map[string]string `json:"headers"` // names in lower case
	Body    []byte            `json:"body"`
}

// TestSnippetsVerify: what the page shows believes what is sent, also with either secret of a rotation, and nothing
// that was changed, is old, or has another secret.
func TestSnippetsVerify(t *testing.T) {
	t.Parallel()
	root, err := devstack.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	body, now := []byte(`{"fulfillment_order":{"id":"gid://shopify/FulfillmentOrder/1","note":"Grüße"}}`), time.Now()
	sent := func(secret string, signer delivery.Signer, at time.Time, change func(*request)) request {
		m := delivery.Message{Position: 7, Topic: "fulfillment_orders/moved", Body: body, Attempt: 1}
		r := request{secret, map[string]string{}, body}
		for name, values := range m.Header(signer, at) {
			r.Headers[strings.ToLower(name)] = values[0]
		}
		if change != nil {
			change(&r)
		}
		return r
	}
	one, two := delivery.Signer{Current: "phss_1"}, delivery.Signer{Current: "phss_2", Previous: "phss_1"}
	var in bytes.Buffer
	want := ""
	for _, test := range []struct {
		request
		believed bool
	}{
		{sent("phss_1", one, now, nil), true},
		{sent("phss_1", two, now, nil), true},
		{sent("phss_2", two, now, nil), true},
		{sent("phss_2", one, now, nil), false},
		{sent("phss_1", one, now.Add(-6*time.Minute), nil), false},
		{sent("phss_1", one, now.Add(6*time.Minute), nil), false},
		{sent("phss_1", one, now, func(r *request) { r.Body = append(bytes.Clone(body), ' ') }), false},
		{sent("phss_1", one, now, func(r *request) { r.Headers["webhook-id"] += "0" }), false},
		{sent("phss_1", one, now, func(r *request) { r.Headers["webhook-signature"] = "v1,Grüße" }), false},
		{sent("phss_1", one, now, func(r *request) { r.Headers["webhook-timestamp"] = "soon" }), false},
		{sent("phss_1", one, now, func(r *request) { clear(r.Headers) }), false},
	} {
		line, err := json.Marshal(test.request)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
		want += map[bool]string{true: "true\n", false: "false\n"}[test.believed]
	}
	for language, v := range verifiers {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			shown := blocks(t, root, "docs/webhooks.md", language)
			if len(shown) != 1 {
				t.Fatalf("%d pieces, want 1", len(shown))
			}
			if _, err := exec.LookPath(v.run[0]); err != nil {
				t.Skipf("it needs %s, which is not here", v.run[0])
			}
			folder := t.TempDir()
			for name, text := range map[string]string{v.file: shown[0].text, v.harness: v.text} {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			command := exec.CommandContext(ctx, v.run[0], v.run[1:]...)
			command.Dir, command.Stdin = folder, bytes.NewReader(in.Bytes())
			out, err := command.CombinedOutput()
			if err != nil || string(out) != want {
				t.Errorf("it says, %v:\n%s\nwant\n%s", err, out, want)
			}
		})
	}
}
