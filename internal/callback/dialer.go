package callback

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// ErrPrivateAddress says that a connection was refused because its address is not on the public Internet.
var ErrPrivateAddress = errors.New("the address is not public")

// dialTimeout is short, because whoever is called back is expected to answer within seconds.
const dialTimeout = 5 * time.Second

// Dialer connects to public addresses only, unless AllowPrivate says otherwise: a connection to another one fails with
// [ErrPrivateAddress] before a packet is sent. It judges the address that a name has resolved to, so it holds for names
// that were changed since [Rules.Check], and for redirects. It does not see hosts: a client that follows redirects has
// to check each URL, and must use no proxy.
func (r Rules) Dialer() *net.Dialer {
	return &net.Dialer{Timeout: dialTimeout, Control: r.control}
}

func (r Rules) control(network, address string, _ syscall.RawConn) error {
	switch network {
	case "tcp4", "tcp6":
	default:
		return fmt.Errorf("call back over %s: only TCP is used", network)
	}
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read the address of a callback: %w", err)
	}
	if !r.AllowPrivate && !Public(target.Addr()) {
		return fmt.Errorf("connect to %s: %w", target.Addr(), ErrPrivateAddress)
	}
	return nil
}
