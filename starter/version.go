package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is which version this program is.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the sources
	Modified bool   `json:"modified,omitempty"` // the sources had changes that were not committed
	Go       string `json:"go"`
}

func thisBuild() build {
	b := build{Version: "unknown", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = info.Main.Version
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func (a *app) newVersion() *cobra.Command {
	c := &cobra.Command{Use: "version", Short: "Say which version this is", Args: cobra.NoArgs}
	c.RunE = func(*cobra.Command, []string) error {
		b := thisBuild()
		if a.json() {
			return writeJSON(a.out, b)
		}
		fmt.Fprintf(a.out, "packhorse %s (%s)\n", b.Version, b.Go)
		return nil
	}
	return c
}
