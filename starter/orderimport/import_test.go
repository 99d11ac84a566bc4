package orderimport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

const longestOrder = 1 << 20

// taker creates each order once, as the real thing does.
type taker struct {
	before func(fulfillment.Order) error

	mu    sync.Mutex
	known map[fulfillment.ID]bool
	calls int
}

func (s *taker) CreateOrder(_ context.Context, o fulfillment.Order) (fulfillment.OrderCreated, error) {
	if s.before != nil {
		if err := s.before(o); err != nil {
			return fulfillment.OrderCreated{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[fulfillment.ID]bool{}
	}
	s.calls++
	repeated := s.known[o.ID]
	s.known[o.ID] = true
	return fulfillment.OrderCreated{OrderID: o.ID, Repeated: repeated}, nil
}

func orderLine(name string) string {
	return fmt.Sprintf(`{"sourceIdentifier":%q,"name":%q,"lineItems":[{"title":"x","quantity":1}]}`, name, name)
}

func orderLines(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(orderLine(fmt.Sprint(i)) + "\n")
	}
	return b.String()
}

func identify(o *fulfillment.Order) { o.ID = fulfillment.OrderIDOf(o.SourceIdentifier) }

// runImport imports a file, and looks at what is told of it.
func runImport(ctx context.Context, t *testing.T, s *taker, file []byte) (Summary, error) {
	t.Helper()
	lines, err := Read(bytes.NewReader(file), longestOrder)
	if err != nil {
		t.Fatal(err)
	}
	read := int64(0)
	i := Import{Take: s.CreateOrder, Identify: identify, RejectFile: filepath.Join(t.TempDir(), "rejected"),
		Progress: func(_ Summary, n int64) { read = n }}
	done, err := i.Run(ctx, lines)
	if done.Complete && read != int64(len(file)) {
		t.Errorf("it tells of %d bytes read, of %d", read, len(file))
	}
	if _, err := os.Stat(i.RejectFile); (err == nil) != (done.Rejected > 0) {
		t.Errorf("%d lines are rejected; of the file for them: %v", done.Rejected, err)
	}
	return done, err
}

func TestAgainCreatesNothing(t *testing.T) {
	t.Parallel()
	s := new(taker)
	packed := gzipped(orderLines(200))
	for _, want := range []Summary{
		{Created: 200, LastLine: 200, Complete: true}, {AlreadyThere: 200, LastLine: 200, Complete: true},
	} {
		if got, err := runImport(t.Context(), t, s, packed); err != nil || got != want {
			t.Errorf("%v, got %+v, want %+v", err, got, want)
		}
	}
}

func TestTheSameOrderIsHandedOverOnceAtATime(t *testing.T) {
	t.Parallel()
	var underway atomic.Int32
	s := &taker{before: func(fulfillment.Order) error {
		if underway.Add(1) > 1 {
			t.Error("the same order was handed over twice at the same time")
		}
		defer underway.Add(-1)
		for range 1000 {
			runtime.Gosched() // Others get their chance.
		}
		return nil
	}}
	done, err := runImport(t.Context(), t, s, []byte(strings.Repeat(orderLine("a")+"\n", 40)))
	if err != nil || done.Created != 1 || done.AlreadyThere != 39 {
		t.Errorf("%v, %+v, want 1 created and 39 already there", err, done)
	}
}

// TestEndsEarly: whatever ends an import, what is on its way arrives, and is counted.
func TestEndsEarly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		at50 func(cancel func()) error
		want string
	}{
		{"nothing_can_be_handed_over", func(func()) error {
			return &fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: "No answer."}
		}, "line 51: No answer."},
		{"interrupted", func(cancel func()) error { cancel(); return nil }, context.Canceled.Error()},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := &taker{before: func(o fulfillment.Order) error {
				if o.Name == "50" {
					return test.at50(cancel)
				}
				return nil
			}}
			done, err := runImport(ctx, t, s, []byte(orderLines(1000)))
			if err == nil || err.Error() != test.want || done.Complete {
				t.Errorf("it ended with %v and %+v, want %q", err, done, test.want)
			}
			if s.calls < 50 || s.calls > 50+3*inFlight || done.LastLine < 50 {
				t.Errorf("it handed over %d orders, up to line %d", s.calls, done.LastLine)
			}
		})
	}
}

func TestARefusalStopsNobody(t *testing.T) {
	t.Parallel()
	s := &taker{before: func(o fulfillment.Order) error {
		if o.Name == "1" {
			return &fulfillment.Error{Code: fulfillment.CodeUnroutable, Message: "No location ships it."}
		}
		return nil
	}}
	done, err := runImport(t.Context(), t, s, []byte(orderLines(3)))
	if done.RejectFile = ""; err != nil || done != (Summary{Created: 2, Rejected: 1, LastLine: 3, Complete: true}) {
		t.Errorf("%v, %+v", err, done)
	}
}

func TestAnInputThatBreaksOff(t *testing.T) {
	t.Parallel()
	packed := gzipped(orderLines(200))
	done, err := runImport(t.Context(), t, new(taker), packed[:len(packed)-10])
	if err == nil || done.Complete || errors.Is(err, context.Canceled) {
		t.Errorf("%v, %+v", err, done)
	}
}

// TestRejectedBytes: a line in another encoding is in the reject file as it was. Whether it is taken from there by text
// or by bytes, it is refused again and never imported damaged.
func TestRejectedBytes(t *testing.T) {
	t.Parallel()
	line := `{"sourceIdentifier":"lat-1","lineItems":[{"title":"Caf%s","quantity":1}]}`
	utf16 := func(text string) string {
		var b strings.Builder
		for _, r := range text {
			b.WriteString(string([]byte{byte(r), byte(r >> 8)}))
		}
		return b.String()
	}
	for name, original := range map[string]string{
		"Latin-1":              fmt.Sprintf(line, "\xe9"),
		"UTF-16":               "\xff\xfe" + utf16(fmt.Sprintf(line, "é")),
		"UTF-16 without a BOM": utf16(fmt.Sprintf(line, "e")),
		"damaged before":       fmt.Sprintf(line, "\uFFFD"),
		"damaged and escaped":  fmt.Sprintf(line, `\ufffd`),
		"half a character":     fmt.Sprintf(line, `\ud83d`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, err := Read(strings.NewReader(original+"\n"), longestOrder)
			if err != nil {
				t.Fatal(err)
			}
			s := &taker{before: func(o fulfillment.Order) error { return o.Complete(time.Now()) }}
			i := Import{Take: s.CreateOrder, Identify: identify, RejectFile: filepath.Join(t.TempDir(), "rejected")}
			if done, err := i.Run(t.Context(), lines); err != nil || done.Created != 0 || done.Rejected != 1 {
				t.Fatalf("%v, %+v", err, done)
			}
			written, err := os.ReadFile(i.RejectFile)
			if err != nil {
				t.Fatal(err)
			}
			var rejected Rejected
			if err := json.Unmarshal(written, &rejected); err != nil {
				t.Fatal(err)
			}
			if back := rejected.Text + strings.TrimSuffix(string(rejected.Bytes), "\n"); back != original {
				t.Errorf("the reject file has %q, want %q", back, original)
			}
			for _, fed := range []string{rejected.Text, string(rejected.Bytes), "null", string(written),
				strings.ToValidUTF8(string(rejected.Bytes), "\uFFFD")} {
				if strings.TrimSpace(fed) == "" {
					continue
				}
				done, err := runImport(t.Context(), t, s, []byte(fed+"\n"))
				if err != nil || done.Created != 0 || s.calls != 0 {
					t.Errorf("%q fed back: %v, %+v", fed, err, done)
				}
			}
		})
	}
}

// TestRejectedLinesStayApart: the bytes of several lines in another encoding are the lines again, one after the other,
// and a line of the reject file itself is said to be one.
func TestRejectedLinesStayApart(t *testing.T) {
	t.Parallel()
	const file = `{"sourceIdentifier":"a","note":"Caf` + "\xe9" + `"}` + "\n" + `{"sourceIdentifier":"b","note":"` + "\xfc" + `ber"}` + "\n"
	rejects := func(text string) (all []Rejected, written []byte) {
		lines, err := Read(strings.NewReader(text), longestOrder)
		if err != nil {
			t.Fatal(err)
		}
		i := Import{
			Take: new(taker).CreateOrder, Identify: identify, RejectFile: filepath.Join(t.TempDir(), "rejected"),
			Rejected: func(one Rejected) { all = append(all, one) },
		}
		if _, err := i.Run(t.Context(), lines); err != nil {
			t.Fatal(err)
		}
		if written, err = os.ReadFile(i.RejectFile); err != nil {
			t.Fatal(err)
		}
		return all, written
	}
	all, written := rejects(file)
	var back string
	for _, one := range all {
		back += string(one.Bytes)
	}
	if back != file {
		t.Errorf("the lines are %q, want %q", back, file)
	}
	all, _ = rejects(string(written))
	for _, one := range all {
		if !strings.HasPrefix(one.Reason, "This is a line of a reject file") {
			t.Errorf("a line of the reject file is refused, because %s", one.Reason)
		}
	}
	if len(all) != 2 {
		t.Errorf("of the reject file, %d lines are rejected, want 2", len(all))
	}
}

// TestOrderWithoutAName: an order that could not be recognised when it comes again is rejected, with all else that is
// wrong with it.
func TestOrderWithoutAName(t *testing.T) {
	t.Parallel()
	var told []string
	lines, err := Read(strings.NewReader(
		`{"lineItems":[{"title":"x","quantity":1}]}
{"sourceIdentifier":" ","shippingAddress":{"countryCode":"UK"},"lineItems":[{"title":"x","quantity":0}]}
`), longestOrder)
	if err != nil {
		t.Fatal(err)
	}
	i := Import{Take: new(taker).CreateOrder, Identify: identify, RejectFile: filepath.Join(t.TempDir(), "rejected"),
		Rejected: func(one Rejected) { told = append(told, one.Reason) }}
	if done, err := i.Run(t.Context(), lines); err != nil || done.Rejected != 2 {
		t.Fatalf("%+v, %v", done, err)
	}
	for _, want := range []string{"neither an id nor a sourceIdentifier", "countryCode", "lineItems[0].quantity"} {
		if !strings.Contains(told[1], want) {
			t.Errorf("%q does not name %s", told[1], want)
		}
	}
	if strings.Contains(told[0], ";") {
		t.Errorf("%q names more than is wrong", told[0])
	}
}
