package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/starter/orderimport"
)

// shownRejects is how many rejected lines are told at once; the reject file has all.
const shownRejects = 20

func (a *app) newOrderImport() *cobra.Command {
	var rejectFile string
	c := &cobra.Command{
		Use: "import FILE", Short: "Hand over many orders, one JSON object a line", Args: oneArgument("file", nil),
		Long: `Hands over the orders of a file with one JSON object a line, also compressed with gzip; - is the standard input. Each
order needs an id or a sourceIdentifier, by which it is recognised: imported again, nothing is created twice.

A line that can't be taken does not stop the others. It goes to the reject file (by default the file's name with
.rejected.ndjson), which is only made when it is needed, as {"line", "reason", "code", "text"}; text is the original
line (of one of more than 1 MiB only the beginning), so "jq -r .text" gives the lines back, to be mended and imported.
A line that is not UTF-8 has its bytes in "base64" instead of a text: "jq -r '.base64 // empty' | base64 -d" gives it
back as it was, to be converted with iconv.`,
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

func (a *app) importOrders(ctx context.Context, file, rejectPath string) error {
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
	lines, err := orderimport.Read(in, longestOrder)
	if err != nil {
		return err
	}
	b, err := a.backend.book(ctx)
	if err != nil {
		return err
	}
	importing := &asker{actor: fulfillment.Actor{Role: fulfillment.RoleOperator}}
	asked, orders, err := a.asksOrders(ctx, b, &fulfillment.Meta{}, importing)
	if err != nil {
		return err
	}
	shown := a.newProgress(total, "importing")
	rejects, encoded := 0, false
	done, stopped := orderimport.Import{
		Take: func(ctx context.Context, order fulfillment.Order) (fulfillment.OrderCreated, error) {
			return orders.Create(ctx, operation.NewOrder{Order: order})
		},
		Identify:   operation.IdentifyOrder,
		RejectFile: rejectPath,
		Rejected: func(one orderimport.Rejected) {
			encoded = encoded || len(one.Bytes) > 0
			if rejects++; rejects > shownRejects || a.json() {
				return
			}
			fmt.Fprintf(a.errOut, "line %d: %s\n", one.Line, oneLine(one.Reason))
			if rejects == shownRejects {
				fmt.Fprintf(a.errOut, "more rejected lines are only in %s\n", rejectPath)
			}
		},
		Progress: func(so orderimport.Summary, read int64) {
			shown.describe(count(so.Orders(), "order"))
			shown.to(read)
		},
	}.Run(asked, lines)
	shown.end()
	return a.importSummary(ctx, file, mending(rejectPath, encoded), done, stopped)
}

// mending is what is done about rejected lines. Those that are not UTF-8 are in the file as bytes.
func mending(rejectPath string, encoded bool) string {
	if !encoded {
		return fmt.Sprintf("Mend them (jq -r .text %s has the lines) and import them.", rejectPath)
	}
	return fmt.Sprintf("Mend them (jq -r '.text // empty' %[1]s has the lines, and jq -r '.base64 // empty' %[1]s | "+
		"base64 -d those that are not UTF-8) and import them.", rejectPath)
}

// importSummary tells what became of the file, and what is done about rejected lines; stopped says why it ended early.
func (a *app) importSummary(
	ctx context.Context, file, mend string, done orderimport.Summary, stopped error,
) error {
	if a.json() {
		if err := writeJSON(a.out, done); err != nil {
			return err
		}
	} else {
		text := fmt.Sprintf("%s created, %d already there, %d rejected",
			count(done.Created, "order"), done.AlreadyThere, done.Rejected)
		if done.RejectFile != "" {
			text += " (see " + done.RejectFile + ")"
		}
		fmt.Fprintln(a.out, text)
	}
	goOn := fmt.Sprintf("Import %s again to go on: what is there already is recognised.", file)
	switch {
	case ctx.Err() != nil && stopped != nil:
		return &stoppedError{fmt.Errorf("interrupted after line %d", done.LastLine), goOn, true}
	case stopped != nil:
		return &stoppedError{fmt.Errorf("stopped after line %d: %w", done.LastLine, stopped), goOn, true}
	case done.Rejected > 0:
		rejected := fmt.Errorf("%s of %s rejected", count(done.Rejected, "line"), inputName(file))
		return &stoppedError{rejected, mend, false}
	}
	return nil
}
