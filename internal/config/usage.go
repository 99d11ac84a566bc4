package config

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// Usage writes the settings of the structs (pointers, as for Load) as a table of
// name, default and meaning, for --help.
func Usage(w io.Writer, specs ...any) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tDEFAULT\tWHAT")
	for _, spec := range specs {
		for _, s := range settingsOf(spec) {
			fmt.Fprintf(table, "%s\t%s\t%s\n", s.name, s.shownDefault(), s.meaning())
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the settings: %w", err)
	}
	return nil
}

// Markdown is the settings of all programs as tables, one for each struct: those of this package and more.
func Markdown(more ...Group) string {
	var text strings.Builder
	for i, group := range slices.Concat(groups(), more) {
		if i > 0 {
			text.WriteString("\n")
		}
		fmt.Fprintf(&text, "%s\n\n| variable | default | what it is |\n|---|---|---|\n", group.Title)
		for _, s := range settingsOf(group.Settings) {
			fallback := s.shownDefault()
			if s.fallback != "" {
				fallback = "`" + fallback + "`"
			}
			fmt.Fprintf(&text, "| `%s` | %s | %s |\n", s.name, fallback, strings.ReplaceAll(s.meaning(), "|", `\|`))
		}
	}
	return text.String()
}

func (s setting) shownDefault() string {
	if s.fallback == "" && s.required {
		return "(required)"
	}
	return s.fallback
}

func (s setting) meaning() string {
	if limits := s.limits(); limits != "" {
		return s.what + " (" + limits + ")"
	}
	return s.what
}

// A Group is the settings of a struct and who reads them.
type Group struct {
	Title    string // who reads them, with a colon
	Settings any    // a pointer to a struct, as for Load
}

// groups is every setting of this package. What is plugged in, as providers are, has settings besides.
func groups() []Group {
	return []Group{
		{"PostgreSQL, for every program:", new(Database)},
		{"Temporal, for every program, as for the `temporal` CLI and every Temporal SDK:", new(Temporal)},
		{"The worker:", new(Worker)},
		{"The API (`packhorse serve`):", new(Gateway)},
		{
			"Callback URLs of fulfillment services, and addresses of webhooks, for every program that knows them:",
			new(CallbackConfig),
		},
		{"Delivery of webhooks, for the worker:", new(Webhooks)},
		{"Secrets of apps, for every program:", new(Secrets)},
		{"Secrets that providers need, for every program:", new(ProviderSecrets)},
		{"The command line:", new(CLI)},
		{"The development stack and the tests:", new(Development)},
	}
}
