package document

import (
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzScalar coerces any JSON value to every scalar: it is refused with a text that can be answered, or it becomes what
// the resolvers can read, what PostgreSQL can keep, and what stays the same when it is coerced again.
func FuzzScalar(f *testing.F) {
	for _, seed := range []string{`1`, `-0`, `1e3`, `1e400`, `2147483648`, `99999999999999999999`, `1.50`, `true`,
		`"a"`, `"\u0000"`, `"\ud800"`, `{"a":[1,"\u0000"]}`,
		`"2026-02-28T13:45:00Z"`, `"2026-02-28"`, `"2026-02-28T13:45:00+24:60"`, `"2026-02-28T13:45:00,5-2360"`,
		`"9999-12-31T23:59:59-00:01"`, `"0000-01-01T00:00:00-24:00"`,
		`"29.99"`, `"-.5"`, `"1e-7"`, `"+5"`, `"https://example.com/\u00fc"`, `"mailto:a"`, `"%zz://"`, `"//host"`,
		`"1:"`} {
		f.Add([]byte(seed))
	}
	names := append(slices.Sorted(maps.Keys(scalars)), "URL", "Unheard")
	f.Fuzz(func(t *testing.T, body []byte) {
		d := json.NewDecoder(strings.NewReader(string(body)))
		d.UseNumber()
		var value any
		if d.Decode(&value) != nil || value == nil {
			return
		}
		for _, name := range names {
			coerced, problem := coerceScalar(name, value)
			if problem != nil {
				if problem.explanation == "" || !utf8.ValidString(problem.explanation) {
					t.Fatalf("%s is no %s, because of %q", body, name, problem.explanation)
				}
				continue
			}
			if !read(name, coerced) {
				t.Fatalf("%s became the %s %v, which the resolvers can't read", body, name, coerced)
			}
			if again, problem := coerceScalar(name, coerced); problem != nil || !reflect.DeepEqual(again, coerced) {
				t.Fatalf("%s became the %s %v, and that %v: %+v", body, name, coerced, again, problem)
			}
		}
	})
}

// read tells whether the resolvers can read what a value was coerced to, and the store can keep it.
func read(name string, coerced any) bool {
	text, isText := coerced.(string)
	if isText && (strings.ContainsRune(text, 0) || !utf8.ValidString(text)) {
		return false
	}
	switch name {
	case "DateTime":
		at, err := time.Parse(time.RFC3339, text)
		_, unwritable := at.UTC().MarshalJSON()
		return err == nil && unwritable == nil
	case "Int":
		_, err := strconv.ParseInt(coerced.(json.Number).String(), 10, 32)
		return err == nil
	case "Float":
		n, err := coerced.(json.Number).Float64()
		return err == nil && !math.IsInf(n, 0)
	case "UnsignedInt64":
		_, err := strconv.ParseUint(text, 10, 64)
		return err == nil
	case "ID", "String", "Decimal", "Money", "URL":
		return isText
	}
	return true
}
