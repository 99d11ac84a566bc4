//go:build !linux

package pooler

import "syscall"

// limitUnconfirmed leaves it to the system for how long what was sent may stay without a confirmation.
func limitUnconfirmed(_, _ string, _ syscall.RawConn) error { return nil }
