package pooler

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// TestADeadServerIsNoticed: the system is told to look after a silent connection soon, and not to send for a quarter of
// an hour to where nobody is.
func TestADeadServerIsNoticed(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	config, err := ParseConfig("postgres://" + listener.Addr().String() + "/book")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := config.ConnConfig.DialFunc(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) {
		for option, want := range map[int]int{
			unix.TCP_KEEPIDLE: 15, unix.TCP_KEEPINTVL: 5, unix.TCP_KEEPCNT: 3, unix.TCP_USER_TIMEOUT: 30_000,
		} {
			if got, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, option); err != nil || got != want {
				t.Errorf("option %d is %d, not %d: %v", option, got, want, err)
			}
		}
		if on, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_KEEPALIVE); err != nil || on == 0 {
			t.Errorf("nobody looks whether the other end is there: %v", err)
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// TestADatabaseBesideIsReached without options that only TCP has.
func TestADatabaseBesideIsReached(t *testing.T) {
	t.Parallel()
	socket := t.TempDir() + "/.s.PGSQL.5432"
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := dial(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}
