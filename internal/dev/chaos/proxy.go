package chaos

import (
	"fmt"
	"strings"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"packhorse/internal/dev/devstack"
)

// proxy is a link that can be disturbed: whoever connects to its address reaches the server through it.
type proxy struct {
	*toxiproxy.Proxy // as it was started last
	server           *toxiproxy.ApiServer
	address          string // host:port on loopback
	disturbed        bool
}

// startProxy starts a link to a server.
func startProxy(server *toxiproxy.ApiServer, name, upstream string) (*proxy, error) {
	for attempt := 1; ; attempt++ {
		port, err := devstack.FreePort()
		if err != nil {
			return nil, err
		}
		address := fmt.Sprintf("127.0.0.1:%d", port)
		p := toxiproxy.NewProxy(server, name, address, upstream)
		err = p.Start()
		if err == nil {
			return &proxy{Proxy: p, server: server, address: address}, nil
		}
		if attempt == 3 { // Somebody may have been faster on a port, but not every time.
			return nil, fmt.Errorf("start the proxy from %s: %w", name, err)
		}
	}
}

// newProxyServer is what proxies need to exist. Nothing listens on it, and nothing is logged.
func newProxyServer() *toxiproxy.ApiServer {
	return toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
}

// disturb does to the link what the fault says.
func (p *proxy) disturb(f Fault) error {
	p.disturbed = true
	switch f.Kind {
	case RefuseLink:
		p.Stop()
		return nil
	case ResetLink:
		return p.add(`{"type":"reset_peer","attributes":{"timeout":0}}`)
	case SilenceLink:
		return p.add(`{"type":"timeout","attributes":{"timeout":0}}`)
	case DelayLink:
		return p.add(fmt.Sprintf(`{"type":"latency","attributes":{"latency":%d,"jitter":%d}}`, f.Much, f.Much/3))
	}
	return fmt.Errorf("a link can't be disturbed by %q", f.Kind)
}

// add adds a toxic to both directions.
func (p *proxy) add(toxic string) error {
	for _, direction := range []string{"upstream", "downstream"} {
		body := strings.Replace(toxic, "{", `{"stream":"`+direction+`",`, 1)
		if _, err := p.Toxics.AddToxicJson(strings.NewReader(body)); err != nil {
			return fmt.Errorf("disturb the link %s: %w", p.Name, err)
		}
	}
	return nil
}

// heal makes the link whole again. Its connections end: to take toxics off those that are there can block for ever in
// toxiproxy, where somebody has hung up meanwhile.
func (p *proxy) heal() error {
	if !p.disturbed {
		return nil
	}
	p.Stop()
	p.Proxy = toxiproxy.NewProxy(p.server, p.Name, p.address, p.Upstream)
	if err := p.Start(); err != nil {
		return fmt.Errorf("heal the link %s: %w", p.Name, err)
	}
	p.disturbed = false
	return nil
}
