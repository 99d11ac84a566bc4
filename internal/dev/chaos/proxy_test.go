package chaos

import (
	"io"
	"net"
	"testing"
	"time"
)

// echo is a server that sends back what it is sent.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

// hears tells whether an echo comes back through the link, in this time.
func hears(address string, within time.Duration) bool {
	conn, err := net.DialTimeout("tcp", address, within)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(within))
	if _, err := conn.Write([]byte("x")); err != nil {
		return false
	}
	_, err = io.ReadFull(conn, make([]byte, 1))
	return err == nil
}

func TestLinksAreDisturbedAndHealed(t *testing.T) {
	t.Parallel()
	p, err := startProxy(newProxyServer(), "here to there", echo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	const long, short = 10 * time.Second, 300 * time.Millisecond
	for _, f := range []Fault{
		{Kind: RefuseLink}, {Kind: ResetLink}, {Kind: SilenceLink}, {Kind: DelayLink, Much: 800},
	} {
		if !hears(p.address, long) {
			t.Fatalf("before %q: no echo", f.Kind)
		}
		if err := p.disturb(f); err != nil {
			t.Fatal(err)
		}
		if hears(p.address, short) {
			t.Errorf("%q changes nothing", f.Kind)
		}
		if err := p.heal(); err != nil {
			t.Fatal(err)
		}
	}
	if !hears(p.address, long) {
		t.Error("no echo in the end")
	}
}
