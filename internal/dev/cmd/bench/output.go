package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"packhorse/internal/dev/bench"
)

// output is where the figures go, and whether they must reach their targets.
type output struct {
	file    string // for all figures as JSON; empty: none
	require bool
}

// flags says so on the command line.
func (to *output) flags(c *cobra.Command, file string) {
	c.Flags().StringVar(&to.file, "json", file, "`FILE` for all figures as JSON; empty: none")
	c.Flags().BoolVar(&to.require, "require", false, "fail if a target is missed")
}

// report is what was measured.
type report interface {
	Print(w io.Writer)
	Missed() []bench.Target
}

// measure shows how a measurement goes, and what it came to.
func measure[R report](cmd *cobra.Command, to output, run func(p *progress) (R, error)) error {
	p := newProgress(os.Stderr)
	measured, err := run(p)
	p.end()
	if err != nil {
		if cmd.Context().Err() != nil {
			return errors.New("interrupted")
		}
		return err
	}
	if err := write(to.file, measured); err != nil {
		return err
	}
	measured.Print(cmd.OutOrStdout())
	return to.check(len(measured.Missed()))
}

// check fails if targets are missed that must be reached.
func (to *output) check(missed int) error {
	if !to.require || missed == 0 {
		return nil
	}
	return fmt.Errorf("%d targets are missed", missed)
}

// write writes figures as JSON; an empty path: nowhere.
func write(path string, figures any) error {
	if path == "" {
		return nil
	}
	body, err := json.MarshalIndent(figures, "", "\t")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, append(body, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}
