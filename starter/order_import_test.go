package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/starter/orderimport"
)

// remembering creates each order once, as the real thing does.
func remembering() *fakeBackend {
	f := &fakeBackend{}
	var mu sync.Mutex
	known := map[fulfillment.ID]bool{}
	f.create = func(o fulfillment.Order) (fulfillment.OrderCreated, error) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(o.Name, "refuse") {
			return fulfillment.OrderCreated{}, &fulfillment.Error{
				Code: fulfillment.CodeUnroutable, Message: "No location ships it.",
			}
		}
		repeated := known[o.ID]
		known[o.ID] = true
		return fulfillment.OrderCreated{OrderID: o.ID, Repeated: repeated}, nil
	}
	return f
}

func orderLine(name string) string {
	return fmt.Sprintf(`{"sourceIdentifier":%q,"name":%q,"lineItems":[{"title":"x","quantity":1}]}`, name, name)
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImport(t *testing.T) {
	t.Parallel()
	f := remembering()
	long := strings.Repeat("x", longestOrder+1)
	file := writeFile(t, "orders.ndjson", "\xef\xbb\xbf"+strings.Join([]string{
		orderLine("a"), "", "not json", orderLine("b"), `{"lineItems":[]}`, orderLine("refuse"), `{"id":"5","x":1}`, long,
		orderLine("a"), "\r", orderLine("c"),
	}, "\n"))
	status, stdout, stderr := call(t, f, "", "order", "import", file)
	rejectFile := strings.TrimSuffix(file, ".ndjson") + ".rejected.ndjson"
	if want := "3 orders created, 1 already there, 5 rejected (see " + rejectFile + ")\n"; status != statusFailed ||
		stdout != want {
		t.Errorf("status %d, said %q, want %q\n%s", status, stdout, want, stderr)
	}
	body, err := os.ReadFile(rejectFile)
	if err != nil {
		t.Fatal(err)
	}
	var got []orderimport.Rejected
	for text := range strings.Lines(string(body)) {
		var one orderimport.Rejected
		if err := json.Unmarshal([]byte(text), &one); err != nil {
			t.Fatal(err)
		}
		got = append(got, one)
	}
	want := []orderimport.Rejected{
		{Line: 3, Code: fulfillment.CodeInvalid, Text: "not json"},
		{Line: 5, Code: fulfillment.CodeInvalid, Text: `{"lineItems":[]}`},
		{Line: 6, Code: fulfillment.CodeUnroutable, Text: orderLine("refuse")},
		{Line: 7, Code: fulfillment.CodeInvalid, Text: `{"id":"5","x":1}`},
		{Line: 8, Code: fulfillment.CodeInvalid, Text: long[:1024], Truncated: true},
	}
	if len(got) != len(want) {
		t.Fatalf("rejected %+v", got)
	}
	for i := range want {
		reason := got[i].Reason
		if got[i].Reason = ""; !reflect.DeepEqual(got[i], want[i]) || reason == "" ||
			!strings.Contains(stderr, fmt.Sprintf("line %d: ", want[i].Line)) {
			t.Errorf("rejected %+v because of %q, want %+v", got[i], reason, want[i])
		}
	}
}

func TestImportOfNoFile(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"order", "import", "nowhere.ndjson"}, {"order", "create", "-f", "nowhere.json"}} {
		status, _, stderr := call(t, remembering(), "", args...)
		if status != statusFailed || !strings.Contains(stderr, "nowhere") || strings.Contains(stderr, "PostgreSQL") {
			t.Errorf("%v: status %d, said %q, want the file's name and nothing about servers", args, status, stderr)
		}
	}
}

func TestImportStopsWhenNothingCanBeHandedOver(t *testing.T) {
	t.Parallel()
	f := remembering()
	create := f.create
	f.create = func(o fulfillment.Order) (fulfillment.OrderCreated, error) {
		if o.Name == "50" {
			return fulfillment.OrderCreated{}, &fulfillment.Error{
				Code: fulfillment.CodeUnavailable, Message: "No answer.",
			}
		}
		return create(o)
	}
	var lines []string
	for i := range 1000 {
		lines = append(lines, orderLine(fmt.Sprint(i)))
	}
	status, _, stderr := call(
		t, f, strings.Join(lines, "\n"), "order", "import", "-", "--reject-file", filepath.Join(t.TempDir(), "r"),
	)
	if status != statusFailed || !strings.Contains(stderr, "line 51: No answer.") ||
		!strings.Contains(stderr, "Import - again to go on") {
		t.Errorf("status %d: %s", status, stderr)
	}
	if n := len(f.sent); n < 51 || n > 50+3*16 {
		t.Errorf("it handed over %d orders", n)
	}
}

func TestImportEndsOnInterrupt(t *testing.T) {
	t.Parallel()
	f := remembering()
	create := f.create
	ctx, cancel := context.WithCancel(t.Context())
	var once sync.Once
	f.create = func(o fulfillment.Order) (fulfillment.OrderCreated, error) {
		if o.Name == "20" {
			once.Do(cancel)
		}
		return create(o)
	}
	var lines []string
	for i := range 1000 {
		lines = append(lines, orderLine(fmt.Sprint(i)))
	}
	var out, errOut bytes.Buffer
	a := newApp(strings.NewReader(strings.Join(lines, "\n")), &out, &errOut)
	a.backend = f.asBackend()
	status := a.run(ctx, []string{"order", "import", "-", "-o", "json"})
	var got orderimport.Summary
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || status != statusFailed || got.Complete {
		t.Errorf("status %d %v %s %s", status, err, &out, &errOut)
	}
	if got.Created != len(f.sent) || got.Created < 21 || got.Created > 21+3*16 {
		t.Errorf("it counts %d orders and handed over %d", got.Created, len(f.sent))
	}
	if !strings.Contains(errOut.String(), "interrupted after line") {
		t.Errorf("said %s", &errOut)
	}
}

func TestImportRefusesToOverwriteItsInput(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "orders.ndjson", "bad\n")
	if status, _, _ := call(
		t, remembering(), "", "order", "import", file, "--reject-file", file,
	); status != statusUsage {
		t.Errorf("status %d", status)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "bad\n" {
		t.Errorf("%q %v", text, err)
	}
}

// TestImportOfOtherContent: an order that is there with other content is none of those that are there already.
func TestImportOfOtherContent(t *testing.T) {
	t.Parallel()
	f := remembering()
	take := f.create
	f.create = func(o fulfillment.Order) (fulfillment.OrderCreated, error) {
		if o.Note != "" {
			return fulfillment.OrderCreated{}, (&fulfillment.OrderExistsError{OrderID: o.ID, Differs: []string{"note"}}).Refusal()
		}
		return take(o)
	}
	other := strings.Replace(orderLine("a"), `"name"`, `"note":"Knock","name"`, 1)
	file := writeFile(t, "orders.ndjson", orderLine("a")+"\n"+orderLine("a")+"\n"+other+"\n")
	status, stdout, stderr := call(t, f, "", "order", "import", file)
	if status != statusFailed || !strings.HasPrefix(stdout, "1 order created, 1 already there, 1 rejected") {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	text, err := os.ReadFile(strings.TrimSuffix(file, ".ndjson") + ".rejected.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var rejected orderimport.Rejected
	if err := json.Unmarshal(text, &rejected); err != nil {
		t.Fatal(err)
	}
	if rejected.Line != 3 || rejected.Code != fulfillment.CodeOrderExists || rejected.Text != other ||
		!strings.Contains(rejected.Reason, "differs in note") {
		t.Errorf("rejected %+v", rejected)
	}
}
