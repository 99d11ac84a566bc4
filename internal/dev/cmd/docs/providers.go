package main

import (
	"cmp"
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
	b.WriteString("| provider | what it is | options | can | limits | settings |\n|---|---|---|---|---|---|\n")
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
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", entry.ID, entry.What, strings.Join(optionIDs, "<br>"),
			strings.Join(capabilities, ", "), strings.Join(limits(entry), "<br>"), strings.Join(variables, "<br>"))
	}
	return b.String()
}

// limits is what a provider's system bears, and how far it lags.
func limits(entry provider.Entry) []string {
	if entry.Queue == nil {
		return []string{"never called"}
	}
	var list []string
	if entry.Settle > 0 {
		list = append(list, "settles in "+provider.PlainDuration(entry.Settle))
	}
	if entry.Queue.Rate > 0 {
		list = append(list, fmt.Sprintf("%.3g calls a minute", 60*entry.Queue.Rate))
	}
	if entry.Queue.Concurrency > 0 {
		list = append(list, fmt.Sprintf("%d calls at a time", entry.Queue.Concurrency))
	}
	if _, polled := entry.Offline.(provider.Poller); polled {
		list = append(list, "asked every "+provider.PlainDuration(cmp.Or(entry.PollEvery, provider.DefaultPollEvery)))
	}
	return list
}
