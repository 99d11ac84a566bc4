package document_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// told is an error as the tables below write it: "code|path|message".
func told(errs gqlerror.List) []string {
	list := []string{}
	for _, e := range errs {
		var path []string
		for _, p := range e.Path {
			path = append(path, fmt.Sprint(p))
		}
		list = append(list, fmt.Sprintf("%v|%s|%s", e.Extensions["code"], strings.Join(path, "/"), e.Message))
	}
	return list
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule  string
		query string
		want  []string
	}{
		{
			"valid",
			`query Q($id: ID!) { order(id: $id) { ...F __typename } } fragment F on Order { id self { name } }`, nil,
		},
		{"introspection is valid", `{ __schema { types { name } } __type(name: "Order") { kind } }`, nil},
		{"recorded: unknown field", `mutation M { create(input: {name: "a"}) { userErrors { field code } } }`, []string{
			"undefinedField|mutation M/create/userErrors/code|Field 'code' doesn't exist on type 'UserError'"}},
		{"recorded: missing argument", `query Q { order { id } }`, []string{
			"missingRequiredArguments|query Q/order|Field 'order' is missing required arguments: id"}},
		{"recorded: null literal", `query Q { order(id: null) { id } }`, []string{
			"argumentLiteralsIncompatible|query Q/order/id|Argument 'id' on Field 'order' has an invalid value " +
				"(null). Expected type 'ID!'."}},
		{"recorded: unknown argument", `query Q { order(id: "1", permits: true) { id } }`, []string{
			"argumentNotAccepted|query Q/order/permits|Field 'order' doesn't accept argument 'permits'"}},
		{"all errors in order", `{ order(id: null) { a b } nope }`, []string{
			"argumentLiteralsIncompatible|query/order/id|Argument 'id' on Field 'order' has an invalid value " +
				"(null). Expected type 'ID!'.",
			"undefinedField|query/order/a|Field 'a' doesn't exist on type 'Order'",
			"undefinedField|query/order/b|Field 'b' doesn't exist on type 'Order'",
			"undefinedField|query/nope|Field 'nope' doesn't exist on type 'QueryRoot'"}},
		{"nothing inside an unknown field", `{ nope(a: {b: 1}, c: null) @what { x { y } } }`, []string{
			"undefinedField|query/nope|Field 'nope' doesn't exist on type 'QueryRoot'"}},
		{"an alias is in the path", `{ a: order(id: "1") { b: nope } }`, []string{
			"undefinedField|query/a/b|Field 'nope' doesn't exist on type 'Order'"}},
		{"selections of a scalar", `{ order(id: "1") { id { x ...F } } } fragment F on Order { id }`, []string{
			`selectionMismatch|query/order/id|Selections can't be made on scalars (field 'id' returns ID but has selections ["x", "F"])`,
			"useAndDefineFragment|fragment F|Fragment F was defined, but not used"}},
		{"selections of an enum", `{ order(id: "1") { status { x } } }`, []string{
			`selectionMismatch|query/order/status|Selections can't be made on enums (field 'status' returns Status but has selections ["x"])`}},
		{"object without selections", `{ order(id: "1") }`, []string{
			"selectionMismatch|query/order|Field must have selections (field 'order' returns Order but has no " +
				"selections. Did you mean 'order { ... }'?)"}},
		{"field of a union", `{ thing { id } }`, []string{
			"selectionMismatch|query/thing|Selections can't be made directly on unions (see selections on Thing)"}},
		{"enum literal", `{ orders(status: LOST) { id } }`, []string{
			"argumentLiteralsIncompatible|query/orders/status|Argument 'status' on Field 'orders' has an invalid " +
				"value (LOST). Expected type 'Status'."}},
		{"list literal", `{ orders(ids: ["1", null, 2.5]) { id } }`, []string{
			`argumentLiteralsIncompatible|query/orders/ids|Argument 'ids' on Field 'orders' has an invalid value (["1", null, 2.5]). Expected type '[ID!]'.`}},
		{"date literal", `{ orders(at: "soon") { id } }`, []string{
			`argumentLiteralsIncompatible|query/orders/at|Argument 'at' on Field 'orders' has an invalid value ("soon"). Expected type 'DateTime'.`}},
		{"only the innermost literal", `{ input(input: {name: "a", address: {city: 5}, quantity: "x"}) }`, []string{
			"argumentLiteralsIncompatible|query/input/input/address/city|Argument 'city' on InputObject " +
				"'AddressInput' has an invalid value (5). Expected type 'String!'.",
			`argumentLiteralsIncompatible|query/input/input/quantity|Argument 'quantity' on InputObject 'OrderInput' has an invalid value ("x"). Expected type 'Int'.`}},
		{"a scalar with its own words", `{ input(input: {name: "a", url: "/here"}) }`, []string{
			"argumentLiteralsIncompatible|query/input/input/url|Invalid url '/here', missing scheme"}},
		{"missing field of an input object", `{ input(input: {address: {}, addresses: [{zip: "1"}]}) }`, []string{
			"missingRequiredInputObjectAttribute|query/input/input/name|Argument 'name' on InputObject 'OrderInput' " +
				"is required. Expected type String!",
			"missingRequiredInputObjectAttribute|query/input/input/address/city|Argument 'city' on InputObject " +
				"'AddressInput' is required. Expected type String!",
			"missingRequiredInputObjectAttribute|query/input/input/addresses/city|Argument 'city' on InputObject " +
				"'AddressInput' is required. Expected type String!"}},
		{"unknown field of an input object", `{ input(input: {name: "a", nope: 1}) }`, []string{
			"argumentNotAccepted|query/input/input/nope|InputObject 'OrderInput' doesn't accept argument 'nope'"}},
		{"field of an input object twice", `{ input(input: {name: "a", name: "b"}) }`, []string{
			`inputFieldNotUnique|query/input/input|There can be only one input field named "name"`}},
		{"not an input object", `{ input(input: "a") }`, []string{
			`argumentLiteralsIncompatible|query/input/input|Argument 'input' on Field 'input' has an invalid value ("a"). Expected type 'OrderInput!'.`}},
		{"argument twice", `{ order(id: "1", id: "2") { id } }`, []string{
			`argumentNotUnique|query/order|There can be only one argument named "id"`}},
		{"unknown directive", `{ order(id: "1") @what(x: $y) { id } }`, []string{
			"undefinedDirective|query/order|Directive @what is not defined"}},
		{"directive in a wrong place", `query Q @skip(if: true) { animal { name } }`, []string{
			"directiveCannotBeApplied|query Q|'@skip' can't be applied to queries (allowed: fields, fragment " +
				"spreads, inline fragments)"}},
		{"directive without argument", `mutation M { create(input: {name: "a"}) @idempotent { order { id } } }`,
			[]string{
				"missingRequiredArguments|mutation M/create|Directive 'idempotent' is missing required arguments: key"}},
		{"directive with unknown argument", `{ animal @skip(if: true, un: 1) { name } }`, []string{
			"argumentNotAccepted|query/animal/un|Directive 'skip' doesn't accept argument 'un'"}},
		{"directive twice", `{ animal @skip(if: true) @skip(if: true) @tag @tag { name } }`, []string{
			`directiveNotUniqueForLocation|query/animal|The directive "skip" can only be used once at this location.`}},
		{"fragment on unknown type", `{ thing { ...F ... on Gone { id } } } fragment F on Lost { id }`, []string{
			"undefinedType|query/thing/... on Gone|No such type Gone, so it can't be a fragment condition",
			"undefinedType|fragment F|No such type Lost, so it can't be a fragment condition"}},
		{"fragment on scalar", `{ thing { ... on Status { id } } }`, []string{
			"fragmentOnNonCompositeType|query/thing/... on Status|Invalid fragment on type Status (must be Union, " +
				"Interface or Object)"}},
		{"impossible spread", `{ order(id: "1") { ...F ... on Animal { name } } } fragment F on Shop { title }`,
			[]string{
				"cannotSpreadFragment|query/order/... F|Fragment F on Shop can't be spread inside Order",
				"cannotSpreadFragment|query/order/... on Animal|Fragment on Animal can't be spread inside Order"}},
		{"unknown fragment", `{ order(id: "1") { ...Gone } }`, []string{
			"useAndDefineFragment|query/order/... Gone|Fragment Gone was used, but not defined"}},
		{"endless fragments",
			`{ order(id: "1") { ...A } } fragment A on Order { self { ...B } } fragment B on Order { ...A ...C } fragment C on Order { id }`, []string{
				"infiniteLoop|fragment A|Fragment A contains an infinite loop",
				"infiniteLoop|fragment B|Fragment B contains an infinite loop"}},
		{"fragment of itself", `{ order(id: "1") { ...A } } fragment A on Order { ...A }`, []string{
			"infiniteLoop|fragment A|Fragment A contains an infinite loop"}},
		{"fragment name twice", `{ order(id: "1") { ...A } } fragment A on Order { id } fragment A on Order { name }`,
			[]string{
				`fragmentNotUnique||Fragment name "A" must be unique`}},
		{"field conflict", `{ order(id: "1") { id: name id } }`, []string{
			"fieldConflict||Field 'id' has a field conflict: name or id?"}},
		{"argument conflict", `{ order(id: "1") { id } ...F } fragment F on QueryRoot { order(id: "2") { id } }`,
			[]string{
				`fieldConflict||Field 'order' has an argument conflict: {id:"\"1\""} or {id:"\"2\""}?`}},
		{"conflict in merged selections",
			`{ order(id: "1") { self { a: id } } ...F } fragment F on QueryRoot { order(id: "1") { self { a: name } } }`, []string{
				"fieldConflict||Field 'a' has a field conflict: id or name?"}},
		{
			"arguments in another order are the same",
			`{ order(id: "1") { lines(first: 1, query: "a") { nodes { id } } lines(query: "a", first: 1) { nodes { name } } } }`,
			nil,
		},
		{
			"no conflict between object types, as recorded",
			`{ thing { ... on Order { x: id } ... on Shop { x: size } } }`, nil,
		},
		{"unused variable", `query Q($id: ID!, $x: Int) { order(id: $id) { id } }`, []string{
			"variableNotUsed|query Q|Variable $x is declared by Q but not used"}},
		{"unused variable of an anonymous query", `query ($x: Int) { animal { name } }`, []string{
			"variableNotUsed|query|Variable $x is declared by anonymous query but not used"}},
		{"undeclared variable",
			`query Q { order(id: $id) { ...F } } fragment F on Order { lines(first: $n) { nodes { id } } }`, []string{
				"variableNotDefined|query Q/order/id|Variable $id is used by Q but not declared",
				"variableNotDefined|fragment F/lines/first|Variable $n is used by F but not declared"}},
		{
			"variable used by a fragment before the operation",
			`fragment F on Order { lines(first: $n) { nodes { id } } } query Q($n: Int) { order(id: "1") { ...F } }`,
			nil,
		},
		{
			"variable inside a value",
			`query Q($c: String!, $i: ID!, $x: Int) { input(input: {name: "a", address: {city: $c}, ids: [$i], extra: {deep: [$x]}}) }`,
			nil,
		},
		{"variable of another type", `query Q($id: String!) { order(id: $id) { id } }`, []string{
			"variableMismatch|query Q/order/id|Type mismatch on variable $id and argument id (String! / ID!)"}},
		{"variable may be null", `query Q($id: ID) { order(id: $id) { id } }`, []string{
			"variableMismatch|query Q/order/id|Nullability mismatch on variable $id and argument id (ID / ID!)"}},
		{"variable with a default is not null", `query Q($id: ID = "1") { order(id: $id) { id } }`, nil},
		{"variable is no list", `query Q($id: ID!) { orders(ids: $id) { id } }`, []string{
			"variableMismatch|query Q/orders/ids|List dimension mismatch on variable $id and argument ids (ID! / [ID!])"}},
		{"variable in a list", `query Q($id: ID, $other: ID!) { orders(ids: [$id, $other]) { id } }`, []string{
			"variableMismatch|query Q/orders/ids|Nullability mismatch on variable $id and argument ids ([ID]! / [ID!])"}},
		{"variable twice", `query Q($id: ID!, $id: ID!) { order(id: $id) { id } }`, []string{
			`variableNotUnique|query Q|There can only be one variable named "id"`}},
		{"variable of unknown type", `query Q($id: Gone!) { order(id: $id) { id } }`, []string{
			"variableRequiresValidType|query Q|Gone isn't a defined input type (on $id)"}},
		{"variable of output type", `query Q($id: [Order]) { order(id: $id) { id } }`, []string{
			"variableRequiresValidType|query Q|Order isn't a valid input type (on $id)"}},
		{"wrong default", `query Q($n: Int = "x", $s: Status = GONE) { orders(page: $n, status: $s) { id } }`, []string{
			`defaultValueInvalidType|query Q|Could not coerce value "x" to Int`,
			"defaultValueInvalidType|query Q|Default value for $s doesn't match type Status"}},
		{"no subscriptions", `subscription S { order }`, []string{
			"missingSubscriptionConfiguration|subscription S|Schema is not configured for subscriptions"}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			// Variables of the valid documents need not be sent for this.
			_, errs := prepare(t, test.query, map[string]any{"id": "1", "c": "c", "i": "1", "other": "1"})
			if diff := cmp.Diff(append([]string{}, test.want...), told(errs)); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

// TestErrorForm defends the JSON form of a static error: apps read locations and extensions.
func TestErrorForm(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"query Q {\n  order { id }\n}":  `[{"message":"Field 'order' is missing required arguments: id","path":["query Q","order"],"locations":[{"line":2,"column":3}],"extensions":{"arguments":"id","className":"Field","code":"missingRequiredArguments","name":"order"}}]`,
		"{ order(id: \"1\") { a: x } }": `[{"message":"Field 'x' doesn't exist on type 'Order'","path":["query","order","a"],"locations":[{"line":1,"column":20}],"extensions":{"code":"undefinedField","fieldName":"x","typeName":"Order"}}]`,
		"{ order(id: null) { id } }":    `[{"message":"Argument 'id' on Field 'order' has an invalid value (null). Expected type 'ID!'.","path":["query","order","id"],"locations":[{"line":1,"column":3}],"extensions":{"argumentName":"id","code":"argumentLiteralsIncompatible","typeName":"Field"}}]`,
	} {
		_, errs := prepare(t, query, nil)
		got, err := json.Marshal(errs)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}
