package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Trim leaves of a body, which is a JSON object, what the paths name, in the body's order and with the same digits:
// `fulfillment_order.id` keeps the id of fulfillment_order, `fulfillment_order` all of it. Of a list, each item keeps
// what its paths name. What is null stays where a path leads through it, and a path that leads nowhere leaves nothing.
// Without paths the body is returned as it is.
func Trim(body []byte, includeFields []string) ([]byte, error) {
	if len(includeFields) == 0 {
		return body, nil
	}
	wanted := &branch{}
	for _, path := range includeFields {
		wanted.add(strings.Split(path, "."))
	}
	trimmed, _, err := wanted.trim(body)
	if err != nil {
		return nil, fmt.Errorf("trim a webhook's body: %w", err)
	}
	return trimmed, nil
}

// branch is what is wanted of a value.
type branch struct {
	whole bool
	of    map[string]*branch // of an object, by key
}

func (b *branch) add(path []string) {
	if len(path) == 0 {
		b.whole = true
		return
	}
	if b.of == nil {
		b.of = map[string]*branch{}
	}
	if b.of[path[0]] == nil {
		b.of[path[0]] = &branch{}
	}
	b.of[path[0]].add(path[1:])
}

// trim leaves what is wanted of a value; false: nothing, as it is no place where the paths could go on.
func (b *branch) trim(value json.RawMessage) (json.RawMessage, bool, error) {
	value = bytes.TrimSpace(value)
	if b.whole || string(value) == "null" {
		return value, true, nil
	}
	if len(value) == 0 || value[0] != '{' && value[0] != '[' {
		return nil, false, nil
	}
	isObject := value[0] == '{'
	decoder := json.NewDecoder(bytes.NewReader(value))
	if _, err := decoder.Token(); err != nil {
		return nil, false, err
	}
	kept := value[:1:1]
	for decoder.More() {
		var key json.Token
		inner := b
		if isObject {
			var err error
			if key, err = decoder.Token(); err != nil {
				return nil, false, err
			}
			inner = b.of[key.(string)] // The decoder takes nothing else for a key.
		}
		var item json.RawMessage
		if err := decoder.Decode(&item); err != nil {
			return nil, false, err
		}
		if inner == nil {
			continue
		}
		trimmed, ok, err := inner.trim(item)
		if err != nil {
			return nil, false, err
		}
		if !ok {
			continue
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		if isObject {
			name, err := json.Marshal(key)
			if err != nil {
				return nil, false, err
			}
			kept = append(append(kept, name...), ':')
		}
		kept = append(kept, trimmed...)
	}
	if isObject {
		return append(kept, '}'), true, nil
	}
	return append(kept, ']'), true, nil
}
