package pooler

import (
	"context"
	"net"
	"time"
)

// A server that is gone without having said so, such as behind a firewall that forgot the connection, is noticed after
// about half a minute: whoever waits for its answer asks again on another connection. pgx's own dialer would wait for
// two and a half, and where something was sent that did not arrive, the kernel for a quarter of an hour.
const (
	quietFor    = 15 * time.Second // without a word, after which the other end is asked whether it is there
	askedEvery  = 5 * time.Second
	askedTimes  = 3
	unconfirmed = 30 * time.Second // that what was sent did not arrive at the other end
)

// dial connects to the database.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: quietFor, Interval: askedEvery, Count: askedTimes},
		Control:         limitUnconfirmed,
	}
	return d.DialContext(ctx, network, address)
}
