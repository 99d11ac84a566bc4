package endtoend

import (
	"encoding/json"
	"strings"
)

// chance makes choices of the bytes that fuzzing gives: whatever it changes in them is another choice, not another text
// that nobody can read. When there are no more, the first of everything is chosen.
type chance struct{ bytes []byte }

// over tells whether all bytes are used up.
func (c *chance) over() bool { return len(c.bytes) == 0 }

// below is a number from 0 to n-1. Whatever n is, it takes a byte, so that what is chosen later stays.
func (c *chance) below(n int) int {
	if c.over() {
		return 0
	}
	b := c.bytes[0]
	c.bytes = c.bytes[1:]
	return int(b) % n
}

func oneOf[T any](c *chance, all []T) T { return all[c.below(len(all))] }

// strangeValues take the place of what is valid.
var strangeValues = []string{
	`null`, `true`, `0`, `-1`, `1`, `2.0`, `0.5`, `9223372036854775807`, `9223372036854775808`, `1e400`, `""`, `" "`, `"a"`, `"0"`,
	`"-1"`, `[]`, `{}`, `[null]`, `[[]]`, `"\u0000"`, `"\ud800"`, "\"a\ufffdb\"", "\"\\u202e\u00a0\"", `"2030-01-01T00:00:00Z"`,
	`"2020-01-01T00:00:00Z"`, `"9999-12-31T23:59:59-23:59"`, `"1h"`, `"https://example.com/%zz"`, `"<fo>"`, `"<other>"`, `"<line>"`,
	`"<orderline>"`, `"<shipment>"`, `"<hold>"`, `"<place>"`, `"<depot>"`, `"<order>"`, `"` + strings.Repeat("ä", 300) + `"`,
	`"` + strings.Repeat("long ", 1200) + `"`,
}

// mangle changes a valid JSON text in up to two places: values are replaced, left out, repeated, exchanged or nested,
// fields are misspelt or given twice, and the text is cut.
func mangle(c *chance, text string) string {
	for range c.below(3) {
		text = mangleOnce(c, text)
	}
	return text
}

func mangleOnce(c *chance, text string) string {
	if c.below(16) == 15 {
		return text[:c.below(len(text)+1)]
	}
	places := valuesIn(text)
	if len(places) == 0 {
		return text
	}
	at := oneOf(c, places)
	value := text[at.from:at.to]
	replace := func(by string) string { return text[:at.from] + by + text[at.to:] }
	switch c.below(8) {
	case 1: // Several such values, where a list may have them.
		return replace(value + "," + value)
	case 2: // With what is inside of it, once more.
		return replace("[" + value + "]")
	case 3:
		other := oneOf(c, places)
		return replace(text[other.from:other.to])
	case 4: // The field, or the element, is left out.
		if start := strings.LastIndexAny(text[:at.from], ",{["); start >= 0 && text[start] == ',' {
			return text[:start] + text[at.to:]
		}
		return replace("null")
	case 5: // The field is misspelt.
		if key := strings.TrimRight(text[:at.from], ": "); strings.HasSuffix(key, `"`) && len(key) > 1 {
			return key[:len(key)-1] + `s"` + text[len(key):]
		}
		return replace("7")
	case 6: // A whole number, one more or less.
		return replace(oneOf(c, []string{"2", "3", "100", "1000001"}))
	}
	return replace(oneOf(c, strangeValues))
}

// valueAt is where a value is in a JSON text.
type valueAt struct{ from, to int }

// valuesIn finds the values in a JSON text, each with those inside of it.
func valuesIn(text string) []valueAt {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var found []valueAt
	var open []int      // where each list and object begins that is being read
	var fields []bool   // whether it is an object
	var expectsKey bool // the next text is the name of a field
	for {
		before := int(decoder.InputOffset())
		token, err := decoder.Token()
		if err != nil {
			return found
		}
		to := int(decoder.InputOffset())
		from := before + strings.IndexFunc(text[before:to], func(r rune) bool { return !strings.ContainsRune(" \n\t\r,:", r) })
		inObject := func() bool { return len(fields) > 0 && fields[len(fields)-1] }
		switch delim, _ := token.(json.Delim); {
		case delim == '{' || delim == '[':
			open, fields = append(open, from), append(fields, delim == '{')
			expectsKey = delim == '{'
			continue
		case delim == '}' || delim == ']':
			found = append(found, valueAt{open[len(open)-1], to})
			open, fields = open[:len(open)-1], fields[:len(fields)-1]
		case expectsKey:
			expectsKey = false
			continue
		default:
			found = append(found, valueAt{from, to})
		}
		expectsKey = inObject()
	}
}

// shuffled are some bytes that make other choices for every n.
func shuffled(n, length int) []byte {
	made := make([]byte, length)
	state := uint32(n)*2654435761 + 1
	for i := range made {
		state = state*1664525 + 1013904223
		made[i] = byte(state >> 24)
	}
	return made
}
