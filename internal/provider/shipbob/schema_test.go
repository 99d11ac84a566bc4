package shipbob_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// material is what is known of the real ShipBob, on machines that have it.
const material = "../../../../shared/data/providers/shipbob"

var document = sync.OnceValues(func() (any, error) {
	text, err := os.ReadFile(material + "/openapi.json")
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
})

// at follows a path of keys.
func at(value any, path ...string) any {
	for _, key := range path {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

// operation is the document's name for an operation of the stand-in.
func operation(name string) (path, method string) {
	method, path, _ = strings.Cut(name, " ")
	path = "/2026-01" + strings.ReplaceAll(path, "{id}", "{orderId}")
	return path, strings.ToLower(method)
}

// schemaCheck holds the bodies of the stand-in, and of our client, to ShipBob's document where it is at hand.
func schemaCheck(t *testing.T) func(name string, status int, request, response []byte) {
	doc, err := document()
	if err != nil {
		t.Logf("bodies are not held to ShipBob's schema, which is not at %s", material)
		return nil
	}
	return func(name string, status int, request, response []byte) {
		path, method := operation(name)
		if at(doc, "paths", path, method) == nil {
			if name != "GET /shipments-tracking" { // The document does not have it.
				t.Errorf("ShipBob has no %s", name)
			}
			return
		}
		pointer := "#/paths/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(path) + "/" + method
		if len(request) > 0 {
			validate(t, doc, name+" request", pointer+"/requestBody/content/application~1json/schema", request)
		}
		if at(doc, "paths", path, method, "responses", strconv.Itoa(status)) == nil {
			if status < 300 {
				t.Errorf("%s answers no %d", name, status)
			}
			return
		}
		content := at(doc, "paths", path, method, "responses", strconv.Itoa(status), "content", "application/json")
		if content != nil && len(response) > 0 && status < 300 {
			validate(t, doc, name+" answer", pointer+"/responses/"+strconv.Itoa(status)+
				"/content/application~1json/schema", response)
		}
	}
}

// schemas are the compiled ones, by their place in the document.
var schemas sync.Map

func compiled(doc any, pointer string) (*jsonschema.Schema, error) {
	if schema, ok := schemas.Load(pointer); ok {
		return schema.(*jsonschema.Schema), nil
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("shipbob.json", doc); err != nil {
		return nil, err
	}
	schema, err := compiler.Compile("shipbob.json" + pointer)
	if err == nil {
		schemas.Store(pointer, schema)
	}
	return schema, err
}

func validate(t *testing.T, doc any, what, pointer string, body []byte) {
	schema, err := compiled(doc, pointer)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(withoutOddNulls(body)))
	if err != nil {
		t.Errorf("%s is no JSON: %v", what, err)
		return
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s is not as ShipBob's schema says: %v\n%.2000s", what, err, body)
	}
}

// withoutOddNulls leaves out what ShipBob sends in spite of its schema: a null in the place of an object.
func withoutOddNulls(body []byte) []byte {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return body
	}
	clean, err := json.Marshal(dropNullTracking(value))
	if err != nil {
		return body
	}
	return clean
}

func dropNullTracking(value any) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = dropNullTracking(value[i])
		}
	case map[string]any:
		for name, member := range value {
			if member == nil && name == "tracking" {
				delete(value, name)
				continue
			}
			value[name] = dropNullTracking(member)
		}
	}
	return value
}
