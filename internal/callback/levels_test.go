package callback

import (
	"fmt"
	"testing"
)

// TestReadStock in all forms that services give.
func TestReadStock(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"LAMP-1":100}`:                     "map[LAMP-1:100] ",
		`{"LAMP-1":"10"}`:                    "map[LAMP-1:10] ",
		`{"stock_levels":{"LAMP-1":"10"}}`:   "map[LAMP-1:10] ",
		`{"stock_levels":[],"success":true}`: "map[] ",
		`{"stock_levels":7,"LAMP-1":-3," B  1 ":10.0}`: "map[B 1:10 LAMP-1:0 stock_levels:7] " +
			"Below 0, kept as 0: LAMP-1.",
		`{}`:                    "map[] ",
		`[]`:                    "map[] ",
		`{"stock_levels":null}`: "map[] ",
		`{"":1," ":2}`:          "map[] No SKU with a whole number: \"\",  .",
		"\ufeff{\"A\":1}":       "map[A:1] ",
		`{"A":"-1","B":-2.0,"C":0,"D":-1.5}`: "map[A:0 B:0 C:0] No SKU with a whole number: D. " +
			"Below 0, kept as 0: A, B.",
		`{"A":1,"B":1.5,"C":null}`: "map[A:1] No SKU with a whole number: B, C.",
	} {
		levels, note, err := ReadStock([]byte(answer))
		if got := fmt.Sprint(levels, " ", note); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", answer, got, err, want)
		}
	}
	for _, answer := range []string{"", "{a: 9, 0}", "null", `"10"`, "[1]", `{"stock_levels":"none"}`} {
		if levels, _, err := ReadStock([]byte(answer)); err == nil {
			t.Errorf("%s is an answer: %v", answer, levels)
		}
	}
}
