package callback

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// privateDomains are names that no public resolver knows: of this machine, of the local network, of a cloud's inside.
var privateDomains = []string{"localhost", "local", "internal", "intranet", "lan", "home", "corp", "private",
	"home.arpa", "onion",
	"localdomain", "svc", "test", "invalid"}

// publicHost tells whether a host, in lower case, may be on the public Internet: a public address, or a name that is
// not known to be private.
func publicHost(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return Public(addr)
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if endsInNumber(last) {
		addr, ok := parseLoose(host)
		return ok && Public(addr)
	}
	if !validName(host) || last == host {
		return false // A name without a dot is one of the local network.
	}
	return !slices.ContainsFunc(privateDomains, func(domain string) bool {
		return strings.HasSuffix(host, "."+domain)
	})
}

// endsInNumber tells whether the last label of a host makes it an IPv4 address for resolvers, whatever its notation.
func endsInNumber(label string) bool {
	if digits, isHex := strings.CutPrefix(label, "0x"); isHex {
		return strings.Trim(digits, "0123456789abcdef") == ""
	}
	return label != "" && strings.Trim(label, "0123456789") == ""
}

// parseLoose reads the IPv4 notations that C libraries accept beside the usual one: one to four numbers, each decimal,
// octal (0…) or hexadecimal (0x…), of which the last fills all bytes that are left.
func parseLoose(host string) (netip.Addr, bool) {
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var value uint64
	for i, part := range parts {
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts))
		}
		base, digits := 10, part
		switch {
		case strings.HasPrefix(part, "0x"):
			base, digits = 16, part[2:]
			if digits == "" {
				digits = "0"
			}
		case len(part) > 1 && part[0] == '0':
			base, digits = 8, part[1:]
		}
		n, err := strconv.ParseUint(digits, base, bits)
		if err != nil {
			return netip.Addr{}, false
		}
		value = value<<bits | n
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), true
}

var (
	// specialIPv4 are the blocks that are not reachable from everywhere (IANA's registry of special-purpose addresses),
	// beside those that netip knows.
	specialIPv4 = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4")
	// globalIPv6 is all that is given out for use on the Internet; specialIPv6 are the exceptions inside of it.
	globalIPv6  = netip.MustParsePrefix("2000::/3")
	specialIPv6 = prefixes("2001::/23", "2001:db8::/32", "3fff::/20")
	// These carry an IPv4 address that the packets end up at: NAT64 behind its 96 bits, 6to4 behind its 16 bits.
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
	sixTo4 = netip.MustParsePrefix("2002::/16")
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// Public tells whether an address is on the public Internet: no loopback, private, link-local (where clouds keep their
// metadata), shared, multicast, reserved or documentation address, also not as IPv4 inside of IPv6.
func Public(addr netip.Addr) bool {
	if addr.Zone() != "" {
		return false
	}
	addr = addr.Unmap()
	if !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	within := func(p netip.Prefix) bool { return p.Contains(addr) }
	if addr.Is4() {
		return !slices.ContainsFunc(specialIPv4, within)
	}
	bytes := addr.As16()
	switch {
	case nat64.Contains(addr):
		return Public(netip.AddrFrom4([4]byte(bytes[12:16])))
	case sixTo4.Contains(addr):
		return Public(netip.AddrFrom4([4]byte(bytes[2:6])))
	}
	return globalIPv6.Contains(addr) && !slices.ContainsFunc(specialIPv6, within)
}
