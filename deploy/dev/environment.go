package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// allowPrivate is the setting of whether webhooks and callbacks may go to this machine.
const allowPrivate = "PACKHORSE_CALLBACK_ALLOW_PRIVATE"

// variables is what a program needs to find this stack.
func (s *stack) variables() []string {
	list := []string{
		"PACKHORSE_DATABASE_URL=" + s.databaseURL(),
		"TEMPORAL_ADDRESS=" + s.temporal.Address(),
		"TEMPORAL_NAMESPACE=" + s.temporal.Namespace(),
	}
	if s.warehouseSecret != "" {
		list = append(list, "PACKHORSE_SECRET_"+warehouseSecret+"="+s.warehouseSecret)
	}
	if s.secretsKeys != "" {
		list = append(list, secretsKeys+"="+s.secretsKeys)
	}
	if s.allowPrivate != "" {
		list = append(list, allowPrivate+"="+s.allowPrivate)
	}
	if ui := s.temporal.UIURL(); ui != "" {
		list = append(list, "PACKHORSE_TEMPORAL_UI_URL="+ui)
	}
	if s.token != "" { // The API is up.
		list = append(list, "PACKHORSE_API="+s.apiURL(), "PACKHORSE_TOKEN="+s.token)
	}
	return list
}

func (s *stack) databaseURL() string { return s.postgres.URL(databaseName) }

// environment is that of a child: ours, without settings that point to another
// Temporal or would make it speak TLS, and with the variables.
func (s *stack) environment() []string {
	var kept []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TEMPORAL_") && !strings.HasPrefix(variable, "PACKHORSE_DATABASE_URL=") {
			kept = append(kept, variable)
		}
	}
	return append(kept, s.variables()...)
}

func (s *stack) environmentFile() string { return filepath.Join(s.folder, "env") }

// writeEnvironmentFile writes the variables for a shell to source.
func (s *stack) writeEnvironmentFile() error {
	var text strings.Builder
	for _, variable := range s.variables() {
		name, value, _ := strings.Cut(variable, "=")
		fmt.Fprintf(&text, "export %s=%s\n", name, quoted(value))
	}
	fmt.Fprintf(&text, "export PATH=%s:\"$PATH\"\n", quoted(s.programs()))
	if err := os.WriteFile(s.environmentFile(), []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("write the environment for your shell: %w", err)
	}
	return nil
}

// programs is the folders of our own programs and of the Temporal CLI that the stack uses.
func (s *stack) programs() string {
	return filepath.Join(s.root, "bin") + string(filepath.ListSeparator) + filepath.Dir(s.temporal.Program())
}

// quoted is a value as a shell reads it.
func quoted(value string) string { return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'" }

// removeEnvironmentFile forgets the variables, which point nowhere after a stop.
func (s *stack) removeEnvironmentFile() error {
	if err := os.Remove(s.environmentFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the environment for your shell: %w", err)
	}
	return nil
}
