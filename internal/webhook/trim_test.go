package webhook

import (
	"encoding/json"
	"testing"
)

func TestTrim(t *testing.T) {
	t.Parallel()
	const body = `{"id":9007199254740993,"order":{"id":"gid://shopify/Order/1","name":"#1","at":null},` +
		`"lines":[{"id":1,"sku":"A","price":"1.50"},{"id":2},{"id":3,"sku":null}],"gone":null,"note":"<&>"}`
	for name, test := range map[string]struct {
		fields []string
		want   string
	}{
		"without_fields_it_is_all": {nil, body},
		"a_key":                    {[]string{"id"}, `{"id":9007199254740993}`},
		"inside":                   {[]string{"order.id"}, `{"order":{"id":"gid://shopify/Order/1"}}`},
		"an_object_as_a_whole":     {[]string{"order"}, `{"order":{"id":"gid://shopify/Order/1","name":"#1","at":null}}`},
		"the_whole_wins":           {[]string{"order.id", "order"}, `{"order":{"id":"gid://shopify/Order/1","name":"#1","at":null}}`},
		"the_order_is_the_body's":  {[]string{"note", "order.name", "id"}, `{"id":9007199254740993,"order":{"name":"#1"},"note":"<&>"}`},
		"of_each_item":             {[]string{"lines.sku"}, `{"lines":[{"sku":"A"},{},{"sku":null}]}`},
		"null_stays":               {[]string{"gone.id", "order.at"}, `{"order":{"at":null},"gone":null}`},
		"what_is_not_there":        {[]string{"nowhere", "order.nowhere", "id.nowhere"}, `{"order":{}}`},
		"twice":                    {[]string{"id", "id"}, `{"id":9007199254740993}`},
		"a_path_of_nothing":        {[]string{""}, `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Trim([]byte(body), test.fields)
			if err != nil || string(got) != test.want {
				t.Errorf("%s, %v\nwant %s", got, err, test.want)
			}
		})
	}
	if got, err := Trim([]byte(`{"id":`), []string{"id"}); err == nil {
		t.Errorf("of half a body: %s", got)
	}
}

// FuzzTrim: what is left of JSON is JSON, and the body is as it was.
func FuzzTrim(f *testing.F) {
	f.Add(`{"a":[{"b":1},null,[2]],"c":{"d":"x"}}`, "a.b", "c")
	f.Fuzz(func(t *testing.T, body, one, another string) {
		raw := []byte(body)
		trimmed, err := Trim(raw, []string{one, another})
		if string(raw) != body {
			t.Fatalf("%q became %q", body, raw)
		}
		if err == nil && json.Valid(raw) && len(trimmed) > 0 && !json.Valid(trimmed) {
			t.Fatalf("of %q is left %q", body, trimmed)
		}
	})
}
