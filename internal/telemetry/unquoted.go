package telemetry

import (
	"bytes"
	"fmt"
	"io"
)

// Unquoted passes on what is written, each time up to the first thing that it quotes. It is for Go's standard log, to
// which net/http writes what a server has sent beyond its answer: that may be anything, such as what we have sent.
func Unquoted(w io.Writer) io.Writer { return unquoted{w} }

type unquoted struct{ w io.Writer }

func (u unquoted) Write(entry []byte) (int, error) {
	begin, _, quotes := bytes.Cut(entry, []byte{'"'})
	var err error
	if quotes {
		_, err = fmt.Fprintf(u.w, "%s…\n", begin)
	} else {
		_, err = u.w.Write(entry)
	}
	if err != nil {
		return 0, err
	}
	return len(entry), nil
}
