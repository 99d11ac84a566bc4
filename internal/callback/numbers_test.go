package callback

import (
	"fmt"
	"strings"
	"testing"
)

// TestReadTrackingNumbers in all forms that services give: numbers of what was asked are taken, and nothing else is.
func TestReadTrackingNumbers(t *testing.T) {
	t.Parallel()
	asked := []string{"#1001.1", "#1002.1"}
	long, many := strings.Repeat("é", 256), `["`+strings.Repeat(`1","`, 100)+`1"]`
	for what, test := range map[string]struct{ answer, want, note string }{
		"under the root":    {`{"tracking_numbers":{"#1001.1":"EX123"},"message":"fine","success":true}`, "map[#1001.1:[EX123]]", ""},
		"a list":            {`{"tracking_numbers":{"#1001.1":["EX123","EX124","EX123"]},"success":true}`, "map[#1001.1:[EX123 EX124]]", ""},
		"a bare map":        {`{"#1001.1":"EX123","#1002.1":" EX9 "}`, "map[#1001.1:[EX123] #1002.1:[EX9]]", ""},
		"none":              {`{"message":"There are no tracking numbers for requested orders"}`, "map[]", ""},
		"PHP's empty map":   {`{"tracking_numbers":[],"success":true}`, "map[]", ""},
		"behind a mark":     {"\ufeff" + `{"#1001.1":"EX123"}`, "map[#1001.1:[EX123]]", ""},
		"a null map":        {`{"tracking_numbers":null}`, "map[]", ""},
		"success as text":   {`{"message":"fine","tracking_numbers":{"#1001.1":"EX123"},"status":"true"}`, "map[#1001.1:[EX123]]", ""},
		"not asked":         {`{"tracking_numbers":{"#9.1":"X","#1002.1":"EX9"}}`, "map[#1002.1:[EX9]]", "It names what was not asked for: #9.1."},
		"no number yet":     {`{"tracking_numbers":{"#1001.1":null,"#1002.1":""}}`, "map[]", ""},
		"too long":          {`{"#1001.1":"` + long + `"}`, "map[]", "No text of up to 255 characters, nor a list of up to 100 of them: #1001.1."},
		"long enough":       {`{"#1001.1":"` + long[2:] + `"}`, "map[#1001.1:[" + long[2:] + "]]", ""},
		"a number":          {`{"#1001.1":123,"#1002.1":["A",1]}`, "map[]", "No text of up to 255 characters, nor a list of up to 100 of them: #1001.1, #1002.1."},
		"a map":             {`{"#1001.1":{"number":"1"}}`, "map[]", "No text of up to 255 characters, nor a list of up to 100 of them: #1001.1."},
		"a line break":      {`{"#1001.1":"A\nB"}`, "map[#1001.1:[A B]]", ""},
		"a bell":            {`{"#1001.1":"A\u0007B"}`, "map[]", "No text of up to 255 characters, nor a list of up to 100 of them: #1001.1."},
		"many of the same":  {`{"#1001.1":` + many + `}`, "map[#1001.1:[1]]", ""},
		"several not asked": {`{"a":"1","b":"1","c":"1","d":"1"}`, "map[]", "It names what was not asked for: a, b, c and 1 more."},
	} {
		numbers, note, err := ReadTrackingNumbers([]byte(test.answer), asked)
		if err != nil || fmt.Sprint(numbers) != test.want || note != test.note {
			t.Errorf("%s: %v, %q, %v; want %s, %q", what, numbers, note, err, test.want, test.note)
		}
	}
	for _, answer := range []string{"", "OK", "[]", "null", `"EX123"`, `{"tracking_numbers":"EX123"}`, `{"tracking_numbers":["EX123"]}`} {
		if numbers, _, err := ReadTrackingNumbers([]byte(answer), asked); err == nil {
			t.Errorf("%s is an answer: %v", answer, numbers)
		}
	}
}
