package search

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// ignorePlaces leaves out where nodes start.
var ignorePlaces = cmp.Options{cmpopts.IgnoreFields(And{}, "At"), cmpopts.IgnoreFields(Or{}, "At"),
	cmpopts.IgnoreFields(Not{}, "At"),
	cmpopts.IgnoreFields(Term{}, "At"), cmpopts.IgnoreFields(Value{}, "At")}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                  "",
		" \t\n":                             "",
		"status:open":                       "status:open",
		"  status:open  ":                   "status:open",
		"status: open":                      "status:open",
		"id:>= 5":                           "id:>=5",
		"id:>5 id:<7":                       "id:>5 AND id:<7",
		"id:>5 AND id:<=7":                  "id:>5 AND id:<=7",
		"a b c":                             "a AND b AND c",
		"a OR b c":                          "a OR (b AND c)",
		"a b OR c":                          "(a AND b) OR c",
		"(a OR b) c":                        "(a OR b) AND c",
		"((a))":                             "a",
		"( a )":                             "a",
		"a OR(b)":                           "a OR b",
		"(a OR b) OR c":                     "(a OR b) OR c",
		"NOT a":                             "-a",
		"NOT(a OR b)":                       "-(a OR b)",
		"-(a b)":                            "-(a AND b)",
		"NOT -a":                            "--a",
		"-status:closed":                    "-status:closed",
		"a -b":                              "a AND -b",
		"a-b":                               "a-b",
		"id:-5":                             `id:"-5"`,
		"status:open,on_hold":               "status:open,on_hold",
		"status:open, on_hold":              "status:open,on_hold",
		`tag:"a b",c*,'d'`:                  `tag:"a b",c*,d`,
		"email:*":                           "email:*",
		"-email:*":                          "-email:*",
		"(email:*)":                         "email:*",
		"*":                                 "*",
		"jo*":                               "jo*",
		`"jo e"*`:                           `"jo e"*`,
		`jo\*`:                              `"jo*"`,
		`'it''s`:                            "!",
		`'it\'s'`:                           `"it's"`,
		`O'Neill`:                           `"O'Neill"`,
		`"a \"b\" \\"`:                      `"a \"b\" \\"`,
		`a\:b`:                              `"a:b"`,
		`a\ b`:                              `"a b"`,
		`tag:""`:                            `tag:""`,
		`"AND"`:                             `"AND"`,
		"and or not":                        "and AND or AND not",
		"ORDER ANDY NOTE":                   "ORDER AND ANDY AND NOTE",
		"NOT:5":                             "NOT:5",
		"updated_at:>=2026-01-31T10:00:00Z": `updated_at:>="2026-01-31T10:00:00Z"`,
		"id:gid://shopify/Order/1?a=b":      `id:"gid://shopify/Order/1?a=b"`,
		"metafields.a.b-c:1":                "metafields.a.b-c:1",
		"#1001":                             "#1001",
		"Smith, John":                       `"Smith," AND John`,
		"name:<\"=\"":                       `name:<"="`,
		"größe:1":                           "!",
		"größe":                             "größe",
	} {
		e, err := Parse(text)
		switch {
		case want == "!":
			if err == nil {
				t.Errorf("%s became %s, want a refusal", text, e)
			}
		case err != nil:
			t.Errorf("%s: %v", text, err)
		case e.String() != want:
			t.Errorf("%s became %s, want %s", text, e, want)
		}
	}
}

func TestParsePlaces(t *testing.T) {
	t.Parallel()
	got, err := Parse(`ä (b:1,"2" OR -c:>3)`)
	want := &And{At: 0, Terms: []Expr{
		&Term{At: 0, Values: []Value{{At: 0, Text: "ä"}}},
		&Or{At: 3, Terms: []Expr{
			&Term{At: 3, Field: "b", Values: []Value{{At: 5, Text: "1"}, {At: 7, Text: "2"}}},
			&Not{At: 14, Term: &Term{At: 15, Field: "c", Comparator: Greater, Values: []Value{{At: 18, Text: "3"}}}},
		}},
	}}
	if diff := cmp.Diff(Expr(want), got); err != nil || diff != "" {
		t.Errorf("%v -want +got:\n%s", err, diff)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		character int
		says      string
	}{
		"a)":                                  {2, "closes none"},
		"(a":                                  {1, "never closed"},
		"a (b (c)":                            {3, "never closed"},
		"()":                                  {2, "term is missing"},
		"a ( ) b":                             {5, "term is missing"},
		"a OR":                                {5, "term is missing"},
		"a AND ":                              {7, "term is missing"},
		"NOT":                                 {4, "term is missing"},
		"AND a":                               {1, "before AND"},
		"a OR OR b":                           {6, "before OR"},
		"a AND OR b":                          {7, "before OR"},
		"NOT AND b":                           {5, "before AND"},
		"- a":                                 {1, "without a space"},
		"-":                                   {1, "without a space"},
		"a(b)":                                {2, "space is missing"},
		"(a)b":                                {4, "space is missing"},
		`"a"b`:                                {4, "space is missing"},
		"tag:a(b)":                            {6, "space is missing"},
		"tag:(a OR b)":                        {5, "tag:a,b"},
		"tag:":                                {5, "after tag:"},
		"tag: )":                              {6, "after tag:"},
		"id:>":                                {5, "after id:>"},
		"tag:a,":                              {7, "after tag:a,"},
		"tag:a,,b":                            {7, "after tag:a,"},
		"tag: AND a":                          {6, "missing before AND"},
		"tag:*,a":                             {6, "any value"},
		"tag:a,*":                             {7, "any value"},
		"tag:a*b":                             {6, "end of a value"},
		"a*b":                                 {2, "end of a value"},
		"id:>5*":                              {6, "can't follow"},
		"id:>5,6":                             {6, "one value"},
		`tag:"a`:                              {5, "never closed"},
		"'a":                                  {1, "never closed"},
		`a\`:                                  {2, "backslash"},
		":a":                                  {1, "name of a field"},
		"12:30":                               {3, "name of a field"},
		"größe:1":                             {6, "name of a field"},
		"updated_at>2026-01-31":               {11, "colon"},
		strings.Repeat("(", MaxDepth+1) + "a": {MaxDepth + 1, "nested"},
		strings.Repeat("-", MaxDepth+1) + "a": {MaxDepth + 1, "nested"},
		strings.Repeat("a ", MaxValues) + "b": {2*MaxValues + 1, "too many values"},
		"a:" + strings.Repeat("b,", MaxValues) + "b":                 {2*MaxValues + 3, "too many values"},
		strings.Repeat("a", MaxLength+1):                             {MaxLength + 1, "too long"},
		strings.Repeat("\U0001F4E6", MaxLength) + "\U0001F4E6 a b c": {MaxLength + 1, "too long"},
	} {
		e, err := Parse(text)
		short := text[:min(len(text), 30)]
		var refused *Error
		if !errors.As(err, &refused) {
			t.Errorf("%s became %v, %v; want a refusal", short, e, err)
			continue
		}
		if e != nil || refused.At+1 != want.character || !strings.Contains(refused.Message, want.says) {
			t.Errorf("%s: %v, %v; want character %d, %q", short, e, err, want.character, want.says)
		}
	}
}

func TestParseLimits(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"depth":    strings.Repeat("(", MaxDepth) + "a" + strings.Repeat(")", MaxDepth),
		"values":   strings.Repeat("a ", MaxValues),
		"length":   strings.Repeat("\U0001F4E6", MaxLength),
		"siblings": strings.Repeat("(a) -b ", MaxDepth+1),
	} {
		if _, err := Parse(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestStringParses: the text of any tree parses to the same tree.
func TestStringParses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawExpr(3).Draw(t, "tree")
		got, err := Parse(want.String())
		if diff := cmp.Diff(want, got, ignorePlaces); err != nil || diff != "" {
			t.Fatalf("%s: %v -drawn +parsed:\n%s", want, err, diff)
		}
	})
}

func drawExpr(depth int) *rapid.Generator[Expr] {
	return rapid.Custom(func(t *rapid.T) Expr {
		kind := 0
		if depth > 0 {
			kind = rapid.IntRange(0, 3).Draw(t, "kind")
		}
		switch kind {
		case 1:
			return &And{Terms: rapid.SliceOfN(drawExpr(depth-1), 2, 3).Draw(t, "and")}
		case 2:
			return &Or{Terms: rapid.SliceOfN(drawExpr(depth-1), 2, 3).Draw(t, "or")}
		case 3:
			return &Not{Term: drawExpr(depth-1).Draw(t, "not")}
		}
		return drawTerm(t)
	})
}

func drawTerm(t *rapid.T) *Term {
	term := &Term{
		Field: rapid.OneOf(
			rapid.Just(""), rapid.StringMatching(`[a-zA-Z][a-zA-Z0-9_.-]{0,5}`), rapid.SampledFrom(reserved),
		).Draw(t, "field"),
	}
	value := rapid.OneOf(rapid.String(), rapid.SampledFrom(reserved), rapid.StringMatching(`[-=<>*:,()"'\\ a]{0,4}`))
	most := 1
	if term.Field != "" {
		term.Comparator = rapid.SampledFrom(
			[]Comparator{Equal, Less, LessOrEqual, Greater, GreaterOrEqual, Exists},
		).Draw(t, "comparator")
		most = 3
	} else if rapid.Bool().Draw(t, "any") {
		term.Comparator = Exists
	}
	switch term.Comparator {
	case Exists:
	case Equal:
		for range rapid.IntRange(1, most).Draw(t, "values") {
			term.Values = append(
				term.Values, Value{Text: value.Draw(t, "value"), Prefix: rapid.Bool().Draw(t, "prefix")},
			)
		}
	default:
		term.Values = []Value{{Text: value.Draw(t, "value")}}
	}
	return term
}

// FuzzParse: whatever the text, parsing ends in a tree whose text parses to the same tree, or in an error that points
// into the text.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", `a:"b c",d* OR -(e:>=5 f:*) AND NOT 'g\'h'`, "((", "a:b:c", "*", `\`, "-", "a,b", "\xff:\x00",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text)
		if err != nil {
			var refused *Error
			if !errors.As(err, &refused) || refused.At < 0 || refused.At > len([]rune(text)) || refused.Message == "" {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		again, err := Parse(e.String())
		if diff := cmp.Diff(e, again, ignorePlaces); diff != "" && err == nil {
			t.Fatalf("%q became %s; -first +again:\n%s", text, e, diff)
		}
		// Brackets and quotes may make the text of an accepted query too long or too deep.
		if err != nil && len([]rune(e.String())) <= MaxLength && !strings.Contains(err.Error(), "nested") {
			t.Fatalf("%q became %s: %v", text, e, err)
		}
	})
}
