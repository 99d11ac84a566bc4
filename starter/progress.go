package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far long work has come: a bar on a terminal, elsewhere a line now and then.
type progress interface {
	describe(text string) // what is going on
	note(text string)     // something worth telling is done
	to(done int64)        // so much of the total is done
	end()
}

// lineEvery is how often the progress of long work is told where there is no terminal.
const lineEvery = 5 * time.Second

func (a *app) newProgress(total int64, what string) progress {
	if file, ok := a.errOut.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return &bar{progressbar.NewOptions64(total, progressbar.OptionSetWriter(file),
			progressbar.OptionSetDescription(what),
			progressbar.OptionSetWidth(30), progressbar.OptionSetPredictTime(total > 0),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond))}
	}
	return &lines{w: a.errOut, total: total, text: what, now: a.now, last: a.now()}
}

type bar struct{ *progressbar.ProgressBar }

func (b *bar) describe(text string) { b.Describe(text) }
func (b *bar) note(text string)     { b.Describe(text) }
func (b *bar) to(done int64)        { _ = b.Set64(done) } // A terminal that is gone is no reason to stop.
func (b *bar) end()                 { _ = b.Finish() }

type lines struct {
	w     io.Writer
	total int64
	text  string
	now   func() time.Time
	last  time.Time
}

func (l *lines) describe(text string) { l.text = text }

func (l *lines) note(text string) { fmt.Fprintln(l.w, text) }

func (l *lines) to(done int64) {
	if l.now().Sub(l.last) < lineEvery {
		return
	}
	l.last = l.now()
	if l.total > 0 {
		fmt.Fprintf(l.w, "%s (%d %%)\n", l.text, 100*done/l.total)
		return
	}
	fmt.Fprintln(l.w, l.text)
}

func (l *lines) end() {}
