package orderimport

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
)

// Rejected is a line of a file that was not taken, with the reason. It is also a line of the reject file.
type Rejected struct {
	Line      int              `json:"line"` // from 1
	Reason    string           `json:"reason"`
	Code      fulfillment.Code `json:"code,omitempty"`
	Text      string           `json:"text,omitempty"`      // the original line, if that is UTF-8
	Bytes     []byte           `json:"base64,omitempty"`    // else its bytes, which would be others as text, and a newline
	Truncated bool             `json:"truncated,omitempty"` // it is only its beginning
}

// keptOfLongLine is how much of a line that is too long goes to the reject file, in bytes.
const keptOfLongLine = 1024

func newRejected(line ndjsonLine, err error) Rejected {
	r := Rejected{Line: line.number, Reason: err.Error(), Code: fulfillment.CodeInvalid}
	if refused, ok := fulfillment.AsError(err); ok {
		r.Code = refused.Code
	}
	original := line.text
	if line.problem != nil && len(line.text) > keptOfLongLine {
		cut := keptOfLongLine
		for cut > keptOfLongLine-utf8.UTFMax && !utf8.RuneStart(line.text[cut]) {
			cut--
		}
		original, r.Truncated = line.text[:cut], true
	}
	if utf8.Valid(original) {
		r.Text = string(original)
	} else {
		r.Bytes = append(slices.Clone(original), '\n') // Several stay lines when they are decoded at once.
	}
	return r
}

// isRejected tells whether a line is one of a reject file.
func isRejected(line []byte) bool {
	var r Rejected
	return json.Unmarshal(line, &r) == nil && r.Line > 0 && r.Reason != "" && (r.Text != "" || len(r.Bytes) > 0)
}

// rejects is the reject file. It is made when the first line is rejected.
type rejects struct {
	path string
	file *os.File
	out  *bufio.Writer
	n    int
}

func (r *rejects) add(one Rejected) error {
	if r.file == nil {
		file, err := os.OpenFile(r.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // Orders have personal data.
		if err != nil {
			return fmt.Errorf("make the reject file: %w", err)
		}
		r.file, r.out = file, bufio.NewWriter(file)
	}
	r.n++
	encoder := json.NewEncoder(r.out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(one); err != nil {
		return fmt.Errorf("write the reject file: %w", err)
	}
	return nil
}

func (r *rejects) close() error {
	if r.file == nil {
		return nil
	}
	if err := errors.Join(r.out.Flush(), r.file.Close()); err != nil {
		return fmt.Errorf("write the reject file: %w", err)
	}
	return nil
}
