package main

import (
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows a bar on a terminal, and elsewhere a line for each round.
type progress struct {
	file *os.File
	term bool
	bar  *progressbar.ProgressBar
}

func newProgress(file *os.File) *progress {
	return &progress{file: file, term: term.IsTerminal(int(file.Fd()))}
}

// Begin is bench.Progress's.
func (p *progress) Begin(what string, orders int) {
	p.end()
	if !p.term {
		fmt.Fprintln(p.file, what)
		return
	}
	p.bar = progressbar.NewOptions(orders, progressbar.OptionSetWriter(p.file), progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(30), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(200*time.Millisecond))
}

// Done is bench.Progress's.
func (p *progress) Done() {
	if p.bar != nil {
		_ = p.bar.Add(1) // A terminal that is gone is no reason to stop.
	}
}

// Note is bench.Progress's.
func (p *progress) Note(text string) {
	if p.bar == nil {
		fmt.Fprintln(p.file, "  "+text)
		return
	}
	p.bar.Describe(text)
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
