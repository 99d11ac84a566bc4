package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/rivo/uniseg"
	"golang.org/x/term"
)

// table is a table for people: a header and rows, or pairs of a name and its value. Rows are no wider than the
// terminal; what goes elsewhere, and pairs, are whole.
type table struct {
	w      io.Writer
	width  int // of the terminal; 0: it goes elsewhere
	header []string
	rows   [][]string
	least  []int // widths of the columns of the table that this one goes on from; nil: it begins
}

// terminalWidth is how many columns a terminal has; 0 when w is none.
func terminalWidth(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}

func (a *app) newTable(header ...string) *table {
	t := &table{w: a.out, width: a.width, header: header}
	if len(header) > 0 {
		t.rows = append(t.rows, header)
	}
	return t
}

// row adds a row; what isn't there is shown as a dash. The last cell may stay empty.
func (t *table) row(cells ...string) {
	for i, cell := range cells {
		if cell == "" && i < len(cells)-1 {
			cell = "-"
		}
		cells[i] = oneLine(cell)
	}
	t.rows = append(t.rows, cells)
}

// pair adds a line of the head of a page, unless there is nothing to say.
func (t *table) pair(name, text string) {
	if text != "" {
		t.rows = append(t.rows, []string{"  " + name, oneLine(text)})
	}
}

// goesOn leaves the header out, and keeps columns where they were in the table before; nil: there is none.
func (t *table) goesOn(before *table) {
	if before != nil {
		t.least = before.widths()
	}
}

func (t *table) flush() error {
	widths := t.fit(t.widths())
	rows := t.rows
	if t.least != nil {
		rows = rows[1:]
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if widths[i] == 0 {
				continue
			}
			cell = cut(cell, widths[i])
			line.WriteString(cell + strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell)+len(gap)))
		}
		if _, err := fmt.Fprintln(t.w, strings.TrimRight(line.String(), " ")); err != nil {
			return fmt.Errorf("write the answer: %w", err)
		}
	}
	return nil
}

const (
	gap = "  " // between columns

	// readable is how wide a shortened column still is as long as the one of the IDs can be left out instead.
	readable  = 9
	narrowest = 3
)

// widths are those of the columns, with nothing shortened.
func (t *table) widths() []int {
	widths := slices.Clone(t.least)
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], uniseg.StringWidth(cell))
		}
	}
	return widths
}

// fit makes the columns as narrow as the terminal asks for: the widest ones first. What a command takes stays whole,
// because a part of it is of no use; IDs are left out (0) where there are names and too little room.
func (t *table) fit(widths []int) []int {
	if t.width == 0 || t.header == nil {
		return widths
	}
	if t.shrink(widths, readable) {
		return widths
	}
	if id := slices.Index(t.header, "ID"); id > 0 {
		widths[id] = 0
	}
	t.shrink(widths, narrowest)
	return widths
}

// shrink makes columns as narrow as needed, but not narrower than this, and tells whether that is enough.
func (t *table) shrink(widths []int, narrowest int) bool {
	for level := slices.Max(widths); level >= narrowest; level-- {
		total := -len(gap)
		for i, width := range widths {
			if width > level && !t.isWhole(i) {
				width = level
			}
			if width > 0 {
				total += width + len(gap)
			}
		}
		if total > t.width {
			continue
		}
		for i, width := range widths {
			if width > level && !t.isWhole(i) {
				widths[i] = level
			}
		}
		return true
	}
	return false
}

// isWhole tells whether a column has what commands take: IDs and names such as "#1010-1".
func (t *table) isWhole(column int) bool {
	for _, row := range t.rows[1:] {
		if column < len(row) && row[column] != "-" && !strings.HasPrefix(row[column], "#") &&
			strings.Trim(row[column], "0123456789") != "" {
			return false
		}
	}
	return true
}

// cut shortens text to so many columns of a terminal.
func cut(text string, width int) string {
	if uniseg.StringWidth(text) <= width {
		return text
	}
	const mark = "…"
	var b strings.Builder
	left := width - uniseg.StringWidth(mark)
	for letters := uniseg.NewGraphemes(text); letters.Next() && letters.Width() <= left; {
		b.WriteString(letters.Str())
		left -= letters.Width()
	}
	return strings.TrimRight(b.String(), " ") + mark
}

// oneLine keeps text from breaking the table, or the terminal: control characters become spaces.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return ' '
		}
		return r
	}, text)
}
