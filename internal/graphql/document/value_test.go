package document_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/graphql/document"
)

// decode reads variables as the server does.
func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// scalarOf is the argument of the test schema's field "scalars" which takes a type.
var scalarOf = map[string]string{
	"Int": "int", "Float": "float", "String": "string", "Boolean": "boolean", "ID": "id", "DateTime": "dateTime",
	"Date": "date",
	"URL":  "url", "Decimal": "decimal", "Money": "money", "UnsignedInt64": "unsigned", "JSON": "json",
	"Colour": "colour",
	"Status": "status", "[[Int!]!]": "matrix",
}

func TestVariable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		typeName, sent string
		want           string // as JSON; empty if it is refused
		problem        string // explanation, with the path before it
	}{
		{"Int", `1`, `1`, ""},
		{"Int", `-2147483648`, `-2147483648`, ""},
		{"Int", `2147483648`, "", "Could not coerce value 2147483648 to Int"},
		{"Int", `1.5`, "", "Could not coerce value 1.5 to Int"},
		{"Int", `"x"`, "", `Could not coerce value "x" to Int`},
		{"Int", `true`, "", "Could not coerce value true to Int"},
		{"Int", `null`, `null`, ""},
		{"Float", `1`, `1`, ""},
		{"Float", `1.5e3`, `1.5e3`, ""},
		{"Float", `1e999`, "", "Could not coerce value 1e999 to Float"},
		{"Float", `"1"`, "", `Could not coerce value "1" to Float`},
		{"String", `"ü<&>"`, `"ü<&>"`, ""},
		{"String", `5`, "", "Could not coerce value 5 to String"},
		{"String", `"a\u0000"`, "", `Could not coerce value "a\u0000" to String`},
		{"String", `{"a":1}`, "", `Could not coerce value {"a":1} to String`},
		{"Boolean", `false`, `false`, ""},
		{"Boolean", `"false"`, "", `Could not coerce value "false" to Boolean`},
		{"ID", `"gid://shopify/Order/1"`, `"gid://shopify/Order/1"`, ""},
		{"ID", `9999999999999999999999`, `"9999999999999999999999"`, ""},
		{"ID", `1.5`, "", "Could not coerce value 1.5 to ID"},
		{"DateTime", `"2026-01-02T03:04:05.678Z"`, `"2026-01-02T03:04:05.678Z"`, ""},
		{"DateTime", `"2026-01-02T03:04:05+01:00"`, `"2026-01-02T03:04:05+01:00"`, ""},
		{"DateTime", `"2026-01-02T03:04:05+0100"`, `"2026-01-02T03:04:05+01:00"`, ""},
		{"DateTime", `"2026-01-02"`, `"2026-01-02T00:00:00Z"`, ""},
		{"DateTime", `"2026-02-30T00:00:00Z"`, "", `Could not coerce value "2026-02-30T00:00:00Z" to DateTime`},
		{"DateTime", `"tomorrow"`, "", `Could not coerce value "tomorrow" to DateTime`},
		{
			"DateTime", `"9999-12-31T23:59:59-01:00"`, "",
			`Could not coerce value "9999-12-31T23:59:59-01:00" to DateTime`,
		},
		{
			"DateTime", `"0000-01-01T00:00:00+01:00"`, "",
			`Could not coerce value "0000-01-01T00:00:00+01:00" to DateTime`,
		},
		{"DateTime", `5`, "", `Could not coerce value 5 to DateTime`},
		{"Date", `"2026-01-02"`, `"2026-01-02"`, ""},
		{"Date", `"2026-13-02"`, "", `Could not coerce value "2026-13-02" to Date`},
		{"URL", `"ftp://example.com/a?b=c"`, `"ftp://example.com/a?b=c"`, ""},
		{"URL", `"example.com/a"`, "", "Invalid url 'example.com/a', missing scheme"},
		{"URL", `""`, "", "Invalid url '', missing scheme"},
		{"URL", `"https://"`, "", "Invalid url 'https://', missing host"},
		{"URL", `"https://a b/%zz"`, "", "Invalid url 'https://a b/%zz'"},
		{"URL", `5`, "", "Could not coerce value 5 to URL"},
		{"Decimal", `"12.50"`, `"12.50"`, ""},
		{"Decimal", `"12345678901234567890"`, `"12345678901234567890"`, ""},
		{"Decimal", `"123456789012345678901"`, "", `Could not coerce value "123456789012345678901" to Decimal`},
		{"Decimal", `12.50`, `"12.50"`, ""},
		{"Decimal", `1e3`, `"1000"`, ""},
		{"Decimal", `"1e3"`, "", `Could not coerce value "1e3" to Decimal`},
		{"Decimal", `"1,5"`, "", `Could not coerce value "1,5" to Decimal`},
		{"Money", `"-1"`, `"-1"`, ""},
		{"Money", `false`, "", `Could not coerce value false to Money`},
		{"UnsignedInt64", `"18446744073709551615"`, `"18446744073709551615"`, ""},
		{"UnsignedInt64", `18446744073709551615`, `"18446744073709551615"`, ""},
		{"UnsignedInt64", `"-1"`, "", `Could not coerce value "-1" to UnsignedInt64`},
		{"JSON", `{"a":[1,null,"x"]}`, `{"a":[1,null,"x"]}`, ""},
		{"JSON", `{"a":["\u0000"]}`, "", `Could not coerce value {"a":["\u0000"]} to JSON`},
		{"Colour", `[1]`, `[1]`, ""},
		{"Status", `"OPEN"`, `"OPEN"`, ""},
		{"Status", `"open"`, "", `Expected "open" to be one of: OPEN, CLOSED`},
		{"Status", `1`, "", `Expected 1 to be one of: OPEN, CLOSED`},
		{"[[Int!]!]", `[[1],[]]`, `[[1],[]]`, ""},
		{"[[Int!]!]", `5`, `[[5]]`, ""},
		{"[[Int!]!]", `[[1],[2,null]]`, "", "1.1: Expected value to not be null"},
	} {
		t.Run(test.typeName+" "+test.sent, func(t *testing.T) {
			t.Parallel()
			query := "query ($x: " + test.typeName + ") { scalars(" + scalarOf[test.typeName] + ": $x) }"
			p, errs := prepare(t, query, decode(t, `{"x": `+test.sent+`}`))
			if test.problem == "" {
				if errs != nil {
					t.Fatal(errs)
				}
				got, err := json.Marshal(p.Variables["x"])
				if err != nil {
					t.Fatal(err)
				}
				if plain := decode(t, `{"x": `+test.want+`}`)["x"]; !cmp.Equal(
					plain, decode(t, `{"x": `+string(got)+`}`)["x"],
				) {
					t.Errorf("value = %s, want %s", got, test.want)
				}
				return
			}
			path, explanation, nested := strings.Cut(test.problem, ": ")
			want := "Variable $x of type " + test.typeName + " was provided invalid value"
			if nested && strings.HasPrefix(path, "1.") {
				want += " for " + path + " (" + explanation + ")"
			} else {
				explanation = test.problem
			}
			if diff := cmp.Diff([]string{"INVALID_VARIABLE||" + want}, told(errs)); diff != "" {
				t.Fatalf("errors (-want +got):\n%s", diff)
			}
			form, err := json.Marshal(errs[0].Extensions["problems"])
			if err != nil {
				t.Fatal(err)
			}
			var problems []struct{ Explanation, Message string }
			if err := json.Unmarshal(form, &problems); err != nil {
				t.Fatal(err)
			}
			if len(problems) != 1 || problems[0].Explanation != explanation {
				t.Errorf("problems = %s, want explanation %q", form, explanation)
			}
			if own := strings.HasPrefix(explanation, "Invalid url"); own != (problems[0].Message != "") {
				t.Errorf("problems = %s; only a scalar with its own words has a message", form)
			}
		})
	}
}

// TestLiteral defends that a literal is refused just where a variable with the same value
// is, and that the executor gets what a variable would have given.
func TestLiteral(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ typeName, literal, want string }{
		{"Int", `5`, `5`},
		{"Int", `2147483648`, ""},
		{"Int", `5.0`, ""},
		{"ID", `9999999999999999999999`, `"9999999999999999999999"`},
		{"ID", `OPEN`, ""},
		{"Float", `99999999999999999999`, `99999999999999999999`},
		{"Float", `1e999`, ""},
		{"DateTime", `"2026-01-02T03:04:05+0100"`, `"2026-01-02T03:04:05+01:00"`},
		{"Decimal", `12.50`, `"12.50"`},
		{"UnsignedInt64", `18446744073709551615`, `"18446744073709551615"`},
		{"String", `"""a"""`, `"a"`},
		{"String", `true`, ""},
		{"JSON", `{a: [1, {b: 99999999999999999999}]}`, `{"a":[1,{"b":99999999999999999999}]}`},
		{"JSON", `[1e999]`, ""},
		{"String", `["a"]`, ""},
		{"[[Int!]!]", `5`, `5`},
		{"[[Int!]!]", `[[1], "x"]`, ""},
		{"Boolean", `null`, `null`},
	} {
		t.Run(test.typeName+" "+test.literal, func(t *testing.T) {
			t.Parallel()
			p, errs := prepare(t, "{ scalars("+scalarOf[test.typeName]+": "+test.literal+") }", nil)
			if test.want == "" {
				if len(errs) != 1 || errs[0].Rule != "argumentLiteralsIncompatible" {
					t.Errorf("errors = %v, want argumentLiteralsIncompatible", errs)
				}
				return
			}
			if errs != nil {
				t.Fatal(errs)
			}
			args := p.Operation.SelectionSet[0].(*ast.Field).ArgumentMap(nil)
			got, err := json.Marshal(args[scalarOf[test.typeName]])
			if err != nil {
				t.Fatal(err)
			}
			var a, b any
			if json.Unmarshal(got, &a) != nil || json.Unmarshal([]byte(test.want), &b) != nil || !cmp.Equal(a, b) {
				t.Errorf("argument = %s, want %s", got, test.want)
			}
		})
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	const create = `mutation M($input: OrderInput!) { create(input: $input) { order { id } } }`
	for _, test := range []struct {
		rule, query, sent string
		want              string // variables as JSON, or the message
	}{
		{
			"recorded: missing", `query Q($id: ID!) { order(id: $id) { id } }`, `{}`,
			"Variable $id of type ID! was provided invalid value",
		},
		{
			"null", `query Q($id: ID!) { order(id: $id) { id } }`, `{"id": null}`,
			"Variable $id of type ID! was provided invalid value",
		},
		{
			"undeclared ones are ignored", `query Q($id: ID!) { order(id: $id) { id } }`, `{"id": "1", "other": {}}`,
			`{"id":"1"}`,
		},
		{"absent", `query Q($s: Status) { orders(status: $s) { id } }`, `{}`, `{}`},
		{
			"default", `query Q($n: Int = 5, $ids: [ID!] = 7) { orders(page: $n, ids: $ids) { id } }`, `{}`,
			`{"ids":["7"],"n":5}`,
		},
		{
			"null instead of the default", `query Q($n: Int = 5) { orders(page: $n) { id } }`, `{"n": null}`,
			`{"n":null}`,
		},
		{"recorded: enum", create, `{"input": {"name": "a", "status": "LOST"}}`,
			`Variable $input of type OrderInput! was provided invalid value for status (Expected "LOST" to be one of: OPEN, CLOSED)`},
		{"several problems", create, `{"input": {"nope": 1, "address": {"street": "x"}, "quantity": "1"}}`,
			`Variable $input of type OrderInput! was provided invalid value for quantity (Could not coerce value "1" to Int), address.street (Field is not defined on AddressInput), address.city (Expected value to not be null), nope (Field is not defined on OrderInput), name (Expected value to not be null)`},
		{"in a list", create, `{"input": {"name": "a", "addresses": [{"city": "b"}, {"city": 1}]}}`,
			`Variable $input of type OrderInput! was provided invalid value for addresses.1.city (Could not coerce value 1 to String)`},
		{
			"a single value for a list", create, `{"input": {"name": "a", "ids": 5}}`,
			`{"input":{"ids":["5"],"name":"a"}}`,
		},
		{"not an object", create, `{"input": [1]}`, "Variable $input of type OrderInput! was provided invalid value"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			p, errs := prepare(t, test.query, decode(t, test.sent))
			got := ""
			if len(errs) > 0 {
				got = errs[0].Message
				if errs[0].Rule != document.CodeInvalidVariable || len(errs[0].Locations) != 1 || errs[0].Path != nil {
					t.Errorf("error = %+v, want code, location and no path", errs[0])
				}
			} else {
				encoded, err := json.Marshal(p.Variables)
				if err != nil {
					t.Fatal(err)
				}
				got = string(encoded)
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestVariableErrorForm(t *testing.T) {
	t.Parallel()
	_, errs := prepare(
		t, `mutation M($input: OrderInput!) { create(input: $input) { order { id } } }`,
		decode(t, `{"input": {"name": "a", "url": "x"}}`),
	)
	got, err := json.Marshal(errs)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"message":"Variable $input of type OrderInput! was provided invalid value for url (Invalid url 'x', missing scheme)","locations":[{"line":1,"column":12}],"extensions":{"code":"INVALID_VARIABLE","problems":[{"path":["url"],"explanation":"Invalid url 'x', missing scheme","message":"Invalid url 'x', missing scheme"}],"value":{"name":"a","url":"x"}}}]`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
