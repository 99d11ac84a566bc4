package pooler

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// limitUnconfirmed sets for how long what was sent may stay without a confirmation.
func limitUnconfirmed(network, _ string, connection syscall.RawConn) (err error) {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	if failed := connection.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unconfirmed.Milliseconds()))
	}); failed != nil {
		return failed
	}
	return err
}
