package callback

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// The names of this machine resolve to loopback, and so would a public name that was pointed there after the check.
func TestDialerRefusesPrivateAddresses(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		conn, err := Rules{}.Dialer().DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if !errors.Is(err, ErrPrivateAddress) {
			t.Errorf("%s: got %v and %v, want ErrPrivateAddress", host, conn, err)
		}
	}

	client := func(rules Rules) *http.Client {
		transport := &http.Transport{DialContext: rules.Dialer().DialContext}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport}
	}
	response, err := client(Rules{AllowPrivate: true}).Get(server.URL)
	if err != nil {
		t.Fatalf("with private addresses allowed: %v", err)
	}
	response.Body.Close()
	if _, err := client(Rules{}).Get(server.URL); !errors.Is(err, ErrPrivateAddress) {
		t.Errorf("got %v, want ErrPrivateAddress", err)
	}
}

func TestDialerSpeaksTCPOnly(t *testing.T) {
	t.Parallel()
	if conn, err := (Rules{AllowPrivate: true}).Dialer().DialContext(t.Context(), "udp", "127.0.0.1:9"); err == nil {
		conn.Close()
		t.Error("a UDP socket was opened")
	}
}
