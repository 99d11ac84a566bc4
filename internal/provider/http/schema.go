package http

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// address names the contract for references inside of it.
const address = "packhorse:contract"

// compiler holds the contract; it is not safe for concurrent use.
var compiler = sync.OnceValues(func() (*jsonschema.Compiler, error) {
	// Numbers have to be as they come from JSON.
	text, err := json.Marshal(Document())
	if err != nil {
		return nil, fmt.Errorf("write the contract as JSON: %w", err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	return c, c.AddResource(address, document)
})

var compiling sync.Mutex

// Schema is a schema of the contract, such as "Answer". Values are as [jsonschema.UnmarshalJSON] reads them.
func Schema(name string) (*jsonschema.Schema, error) {
	compiling.Lock()
	defer compiling.Unlock()
	c, err := compiler()
	if err != nil {
		return nil, err
	}
	return c.Compile(address + "#/components/schemas/" + name)
}

// Callback says what is wrong with the body of a callback of this type; nil: nothing is.
func Callback(kind string, body any) error {
	webhooks, _ := Document()["webhooks"].(map[string]any)
	webhook, _ := webhooks[kind].(map[string]any)
	post, _ := webhook["post"].(map[string]any)
	content, _ := post["requestBody"].(map[string]any)
	ref, ok := content["$ref"].(string)
	if !ok {
		return fmt.Errorf("the contract has no callback %q", kind)
	}
	schema, err := Schema(ref[strings.LastIndexByte(ref, '/')+1:])
	if err != nil {
		return err
	}
	return schema.Validate(body)
}
