package workflows_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	historypb "go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// maxPlain is the size from which a history is compressed.
const maxPlain = 24 << 10

// identity is the machine and the process that did something: nobody's business, and no part of a replay.
var identity = regexp.MustCompile(`"identity":"[^"]*"`)

// writeHistory writes the JSON that the Temporal CLI and UI write and read, an event a line.
func writeHistory(t *testing.T, file string, recorded *historypb.History) {
	t.Helper()
	var text bytes.Buffer
	text.WriteString("{\"events\":[\n")
	for i, e := range recorded.Events {
		// Payloads stay as they are: IDs have more digits than a number of JSON is read with.
		body, err := protojson.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			text.WriteString(",\n")
		}
		var line bytes.Buffer
		if err := json.Compact(&line, body); err != nil { // The encoder varies its spaces on purpose.
			t.Fatal(err)
		}
		text.Write(identity.ReplaceAll(line.Bytes(), []byte(`"identity":"recorder"`)))
	}
	text.WriteString("\n]}\n")
	body := text.Bytes()
	if len(body) > maxPlain {
		var packed bytes.Buffer
		w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		body, file = packed.Bytes(), file+".gz"
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, body, 0o644); err != nil {
		t.Fatal(err)
	}
}
