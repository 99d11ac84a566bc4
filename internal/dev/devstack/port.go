package devstack

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"syscall"
)

// Ports are taken from below the range that the kernel gives to outgoing
// connections (32768 and up on Linux): a client that keeps trying to reach a
// server that is down would otherwise sooner or later be given that very port.
const (
	firstPort = 15000
	lastPort  = 32000
)

var handedOut = struct {
	sync.Mutex
	ports map[int]bool
}{ports: map[int]bool{}}

// FreePort is a loopback port on which nothing listens, and which this process
// hasn't been given before. Another process may take it before it is used, so
// whoever starts a server on it must be ready to try another one.
func FreePort() (int, error) {
	handedOut.Lock()
	defer handedOut.Unlock()
	for range 1000 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		if !handedOut.ports[port] && portIsFree(port) {
			handedOut.ports[port] = true
			return port, nil
		}
	}
	return 0, errors.New("find a free port: none in a thousand tries")
}

// PortOrNext is the wanted port, or the next one above it on which nothing
// listens. A wanted port of 0 means any.
func PortOrNext(wanted int) (int, error) {
	if wanted == 0 {
		return FreePort()
	}
	handedOut.Lock()
	defer handedOut.Unlock()
	for port := wanted; port < wanted+100 && port <= 65535; port++ {
		if !handedOut.ports[port] && portIsFree(port) {
			handedOut.ports[port] = true
			return port, nil
		}
	}
	return 0, fmt.Errorf("find a free port: none from %d on", wanted)
}

func portIsFree(port int) bool {
	// A child that is forked while the listener is open keeps it open until it
	// executes its program, and the port would be taken for a moment longer.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	listener, err := net.Listen("tcp", address(port))
	if err != nil {
		return false
	}
	_ = listener.Close()
	return true
}

func address(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }
