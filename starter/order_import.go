package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const (
	// importInFlight is how many orders are being handed over at the same time.
	importInFlight = 16
	// importGrace is how long orders that are on their way may take to arrive after Ctrl-C.
	importGrace = 15 * time.Second
	// shownRejects is how many rejected lines are told at once; the reject file has all.
	shownRejects = 20
)

// imported is what became of a file.
type imported struct {
	Created      int    `json:"created"`
	AlreadyThere int    `json:"alreadyThere"`
	Rejected     int    `json:"rejected"`
	LastLine     int    `json:"lastLine"` // the last one that was dealt with
	RejectFile   string `json:"rejectFile,omitempty"`
	Complete     bool   `json:"complete"` // the whole file was read
}

func (a *app) newOrderImport() *cobra.Command {
	var rejectFile string
	c := &cobra.Command{
		Use: "import FILE", Short: "Hand over many orders, one JSON object a line", Args: oneArgument("file", nil),
		Long: `Hands over the orders of a file with one JSON object a line, also compressed with gzip; - is the standard input. Each
order needs an id or a sourceIdentifier, by which it is recognised: imported again, nothing is created twice.

A line that can't be taken does not stop the others. It goes to the reject file (by default the file's name with
.rejected.ndjson), which is only made when it is needed, as {"line", "reason", "code", "text"}; text is the original
line (of one of more than 1 MiB only the beginning), so "jq -r .text" gives the lines back, to be mended and imported.`,
		Example: `  packhorse order import orders.ndjson.gz
  zcat orders.ndjson.gz | packhorse order import - --reject-file bad.ndjson`,
	}
	c.Flags().StringVar(&rejectFile, "reject-file", "", "`FILE` for the lines that are rejected")
	_ = c.MarkFlagFilename("reject-file")
	c.RunE = func(c *cobra.Command, args []string) error {
		path := cmp.Or(rejectFile, rejectPath(args[0]))
		if sameFile(path, args[0]) {
			return &usageError{fmt.Errorf("the reject file %s is the file to import", path)}
		}
		return a.importOrders(c.Context(), args[0], path)
	}
	return c
}

// rejectPath is where rejected lines go by default: beside the file, and for the standard input in this folder.
func rejectPath(file string) string {
	if file == "-" {
		file = "import"
	}
	for _, ending := range []string{".gz", ".ndjson", ".jsonl", ".json"} {
		file = strings.TrimSuffix(file, ending)
	}
	return file + ".rejected.ndjson"
}

// inputName is how people call a file to read.
func inputName(file string) string {
	if file == "-" {
		return "the standard input"
	}
	return file
}

func sameFile(one, other string) bool {
	if filepath.Clean(one) == filepath.Clean(other) {
		return true
	}
	first, err := os.Stat(one)
	if err != nil {
		return false
	}
	second, err := os.Stat(other)
	return err == nil && os.SameFile(first, second)
}

func (a *app) importOrders(ctx context.Context, file, rejectPath string) (err error) {
	in, total := io.Reader(a.in), int64(-1)
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return err // It names the file.
		}
		defer opened.Close()
		if info, err := opened.Stat(); err == nil && info.Mode().IsRegular() {
			total = info.Size()
		}
		in = opened
	}
	counted := &counter{in: in}
	lines, err := newNDJSON(counted, longestOrder)
	if err != nil {
		return err
	}
	s, err := a.backend.sender(ctx)
	if err != nil {
		return err
	}
	run := &importRun{app: a, send: s, rejects: rejects{path: rejectPath}}
	run.progress = a.newProgress(total, "importing")
	run.position = counted.n.Load
	stopped := run.all(ctx, lines)
	run.progress.end()
	if err := run.rejects.close(); err != nil {
		stopped = errors.Join(stopped, err)
	}
	return run.summary(ctx, file, stopped)
}
