package main

import (
	"context"
	"fmt"
	"strings"

	"packhorse/internal/config"
	"packhorse/internal/provider"
	"packhorse/internal/provider/catalogue"
)

// providerTable is the catalogue of providers.
func providerTable() string {
	var b strings.Builder
	b.WriteString("| provider | what it is | options | can | settings |\n|---|---|---|---|---|\n")
	for _, entry := range catalogue.New() {
		options, err := entry.Offline.Options(context.Background())
		if err != nil {
			panic(fmt.Sprintf("the provider %s can't list its options offline: %v", entry.ID, err))
		}
		var optionIDs, capabilities, variables []string
		for _, o := range options {
			optionIDs = append(optionIDs, "`"+o.ID+"`")
		}
		for _, c := range provider.Capabilities(entry.Offline) {
			capabilities = append(capabilities, string(c))
		}
		if entry.Settings != nil {
			for _, v := range config.Variables(entry.Settings) {
				variables = append(variables, "`"+v.Name+"`")
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", entry.ID, entry.What, strings.Join(optionIDs, "<br>"),
			strings.Join(capabilities, ", "), strings.Join(variables, "<br>"))
	}
	return b.String()
}
