package orderimport

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// ndjsonLine is one line of a file of JSON documents.
type ndjsonLine struct {
	number  int // from 1
	text    []byte
	problem error // why the line can't be taken, whatever is in it
}

// Lines reads lines of a bounded length, from plain text or gzip.
type Lines struct {
	in      *bufio.Reader
	input   *counter
	longest int
	number  int
}

var gzipMagic = []byte{0x1f, 0x8b}

// Read reads lines of up to so many bytes. It recognises gzip by its first bytes, so that a pipe may be compressed,
// too; the error is that of a broken beginning.
func Read(in io.Reader, longest int) (*Lines, error) {
	input := &counter{in: in}
	buffered := bufio.NewReaderSize(input, 64<<10)
	if start, _ := buffered.Peek(len(gzipMagic)); bytes.Equal(start, gzipMagic) {
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("unpack the file: %w", err)
		}
		buffered = bufio.NewReaderSize(unpacked, 64<<10)
	}
	if start, _ := buffered.Peek(3); bytes.Equal(start, []byte("\xef\xbb\xbf")) {
		// the byte order mark that some programs write
		_, _ = buffered.Discard(3)
	}
	return &Lines{in: buffered, input: input, longest: longest}, nil
}

// next is the next line that is not blank; io.EOF after the last one. Of a line that is too long, only the beginning is
// kept.
func (l *Lines) next() (ndjsonLine, error) {
	for {
		line, err := l.readLine()
		if err != nil || line.problem != nil || len(bytes.TrimSpace(line.text)) > 0 {
			return line, err
		}
	}
}

func (l *Lines) readLine() (ndjsonLine, error) {
	l.number++
	line := ndjsonLine{number: l.number}
	size := 0
	for {
		part, err := l.in.ReadSlice('\n')
		size += len(part)
		if room := l.longest + len("\r\n") - len(line.text); room > 0 {
			line.text = append(line.text, part[:min(len(part), room)]...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && size > 0, err == nil:
		case errors.Is(err, io.EOF):
			return line, io.EOF
		default:
			return line, fmt.Errorf("read line %d: %w", l.number, err)
		}
		if size == len(line.text) { // A carriage return where the line was cut is not its end.
			line.text = bytes.TrimSuffix(bytes.TrimSuffix(line.text, []byte("\n")), []byte("\r"))
		}
		if len(line.text) > l.longest {
			line.problem = fmt.Errorf(
				"the line is %d bytes long, more than the %d that an order may have", size, l.longest,
			)
		}
		return line, nil
	}
}

// counter counts what was read, to know how far a file has come.
type counter struct {
	in io.Reader
	n  atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n.Add(int64(n))
	return n, err
}
