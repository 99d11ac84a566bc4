package main

import (
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/config"
)

// newSettingsTopic is a page of the help, not a command: packhorse help settings.
func newSettingsTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString("Packhorse is set by environment variables. Those that this program reads:\n\n")
	if err := config.Usage(
		&b, &config.Database{}, &config.Temporal{}, &config.CallbackConfig{}, &config.Secrets{},
		&config.ProviderSecrets{}, &config.CLI{},
	); err != nil {
		b.WriteString(err.Error()) // A strings.Builder takes everything.
	}
	b.WriteString("\nThe API's: packhorse serve --help. The worker's: packhorse-worker --help")
	return &cobra.Command{Use: "settings", Short: "The environment variables", Long: b.String()}
}
