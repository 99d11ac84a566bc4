// Package logtest gives tests what is logged.
package logtest

import (
	"bytes"
	"sync"
)

// Log keeps what is written to it, and can be read meanwhile. The zero value is an empty log.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps it.
func (l *Log) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(text)
}

// String is all that was written so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
