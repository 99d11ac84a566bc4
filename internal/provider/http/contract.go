package http

import (
	_ "embed"
	"fmt"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Version is that of the contract that is spoken here: see openapi.yaml.
const Version = "2026-11"

// VersionHeader is where both sides say which version they speak.
const VersionHeader = "Packhorse-Version"

//go:embed openapi.yaml
var contract []byte

// Contract is the OpenAPI document of the contract, as it is in the repository: YAML.
func Contract() []byte { return contract }

// Document is the contract as it is read from [Contract]: maps, lists, texts and numbers. It is not to be changed.
var Document = sync.OnceValue(func() map[string]any {
	var document map[string]any
	if err := yaml.Unmarshal(contract, &document); err != nil {
		panic(fmt.Sprintf("http: the contract is no YAML: %v", err)) // It is part of the program; a test reads it.
	}
	return document
})
