package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// ndjsonLine is one line of a file of JSON documents.
type ndjsonLine struct {
	number  int // from 1
	text    []byte
	problem error // why the line can't be taken, whatever is in it
}

// ndjson reads lines of a bounded length, from plain text or gzip.
type ndjson struct {
	in      *bufio.Reader
	longest int
	number  int
}

var gzipMagic = []byte{0x1f, 0x8b}

// newNDJSON recognises gzip by its first bytes, so that a pipe may be compressed, too.
func newNDJSON(in io.Reader, longest int) (*ndjson, error) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	if start, _ := buffered.Peek(len(gzipMagic)); bytes.Equal(start, gzipMagic) {
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("unpack the file: %w", err)
		}
		buffered = bufio.NewReaderSize(unpacked, 64<<10)
	}
	if start, _ := buffered.Peek(3); bytes.Equal(start, []byte("\xef\xbb\xbf")) { // the byte order mark that some programs write
		_, _ = buffered.Discard(3)
	}
	return &ndjson{in: buffered, longest: longest}, nil
}

// next is the next line that is not blank; io.EOF after the last one. Of a line that is too long, only the beginning is
// kept.
func (r *ndjson) next() (ndjsonLine, error) {
	for {
		line, err := r.read()
		if err != nil || line.problem != nil || len(bytes.TrimSpace(line.text)) > 0 {
			return line, err
		}
	}
}

func (r *ndjson) read() (ndjsonLine, error) {
	r.number++
	line := ndjsonLine{number: r.number}
	size := 0
	for {
		part, err := r.in.ReadSlice('\n')
		size += len(part)
		if room := r.longest + len("\r\n") - len(line.text); room > 0 {
			line.text = append(line.text, part[:min(len(part), room)]...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && size > 0, err == nil:
		case errors.Is(err, io.EOF):
			return line, io.EOF
		default:
			return line, fmt.Errorf("read line %d: %w", r.number, err)
		}
		if size == len(line.text) { // A carriage return where the line was cut is not its end.
			line.text = bytes.TrimSuffix(bytes.TrimSuffix(line.text, []byte("\n")), []byte("\r"))
		}
		if len(line.text) > r.longest {
			line.problem = fmt.Errorf("the line is %d bytes long, more than the %d that an order may have", size, r.longest)
		}
		return line, nil
	}
}
