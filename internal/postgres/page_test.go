package postgres

import (
	"encoding/json"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// FuzzCursor reads any text as a cursor: it is refused plainly, or it is the same when it is written and read again, as
// text and in JSON.
func FuzzCursor(f *testing.F) {
	for _, text := range []string{
		"", "!", "AQ", "AQI", "AQIA", "AQE", "AP__________8B", Cursor(1).String(), Cursor(1<<63 - 1).String(),
		"\xff\x00", strings.Repeat("A", 1000),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCursor(text)
		if err != nil {
			if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeInvalid ||
				refused.Message == "" || c != 0 {
				t.Fatalf("%q is refused with %v, %#v", text, c, err)
			}
			return
		}
		if again, err := ParseCursor(c.String()); err != nil || again != c || c < 0 {
			t.Fatalf("%q is %d, and again %d, %v", text, c, again, err)
		}
		body, err := json.Marshal(Results[int]{Next: c})
		var back Results[int]
		if err != nil || json.Unmarshal(body, &back) != nil || back.Next != c {
			t.Fatalf("%q is %d, in JSON %s: %v", text, c, body, err)
		}
	})
}
