package callback

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
)

const (
	// maxNumber is how many characters a tracking number has at most, and maxNumbers how many a shipment has.
	maxNumber, maxNumbers = 255, 100
	// maxNotes is how many names a note has at most.
	maxNotes = 3
)

// ReadTrackingNumbers reads an answer to [TrackingNumbers]: the numbers by the names of the shipments that were asked
// for. All forms that services are known to give are taken: the map under "tracking_numbers" or as the whole answer,
// each number as a text or a list of texts, and no map at all when there are none. What is not a number of what was
// asked is left out; the note says what. An answer that is no JSON object is an error.
func ReadTrackingNumbers(answer []byte, asked []string) (numbers map[string][]string, note string, err error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(withoutMark(answer), &all); err != nil || all == nil {
		return nil, "", errors.New("the answer is no JSON object")
	}
	given, rooted := all["tracking_numbers"]
	if rooted {
		var none []any
		all = nil
		if err := json.Unmarshal(given, &all); err != nil {
			if json.Unmarshal(given, &none) != nil || len(none) > 0 {
				return nil, "", errors.New("tracking_numbers is no map of names to numbers")
			}
		}
	}
	numbers = map[string][]string{}
	var unasked, wrong []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch {
		case slices.Contains(asked, name):
			if list := numbersIn(all[name]); list != nil {
				numbers[name] = list
			} else if !empty(all[name]) {
				wrong = append(wrong, name)
			}
		case rooted || !slices.Contains(aside, name):
			unasked = append(unasked, name)
		}
	}
	var notes []string
	if len(unasked) > 0 {
		notes = append(notes, "It names what was not asked for: "+some(unasked)+".")
	}
	if len(wrong) > 0 {
		notes = append(notes, fmt.Sprintf("No text of up to %d characters, nor a list of up to %d of them: %s.",
			maxNumber, maxNumbers, some(wrong)))
	}
	return numbers, strings.Join(notes, " "), nil
}

// withoutMark is an answer without the byte order mark that some editors write before a program, which then sends it
// before all that it says.
func withoutMark(answer []byte) []byte { return bytes.TrimPrefix(answer, []byte("\ufeff")) }

// aside are keys of answers that are no names of shipments.
var aside = []string{"message", "msg", "success", "status", "error"}

// numbersIn are the numbers of one shipment, each once; nil: it is neither a number nor a list of them.
func numbersIn(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		var one string
		if json.Unmarshal(raw, &one) != nil {
			return nil
		}
		list = []string{one}
	}
	var numbers []string
	for _, number := range list {
		number = fulfillment.Tidy(number)
		if number == "" || utf8.RuneCountInString(number) > maxNumber ||
			strings.ContainsFunc(number, unicode.IsControl) {
			return nil
		}
		if !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
	}
	if len(numbers) > maxNumbers {
		return nil
	}
	return numbers
}

// empty tells whether a service says so that it has no number yet.
func empty(raw json.RawMessage) bool {
	switch strings.TrimSpace(string(raw)) {
	case "null", `""`, "[]", "{}":
		return true
	}
	return false
}

// some names the first of several, shortened: they are a stranger's.
func some(names []string) string {
	shown := slices.Clone(names[:min(len(names), maxNotes)])
	for i, name := range shown {
		if cut := []rune(name); len(cut) > 40 {
			name = string(cut[:40]) + "…"
		}
		if name == "" {
			name = `""`
		}
		shown[i] = strings.ToValidUTF8(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, name), "")
	}
	text := strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
