package callback

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
)

const (
	notAllowed = "Callback url is not allowed"
	invalid    = "Callback url is invalid"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	public := Rules{}
	private := Rules{AllowPrivate: true}
	listed := Rules{Hosts: []string{"hooks.example.com", "*.Example.net", "10.1.2.3"}}
	both := Rules{Hosts: []string{"hooks.example.com", "10.1.2.3"}, AllowPrivate: true}
	for _, test := range []struct {
		rules     Rules
		url, want string
	}{
		{public, "https://example.com/hook", ""},
		{public, "HTTP://Example.COM:8080/hook?x=1", ""},
		{public, "https://example.com.", ""},
		{public, "http://1.1.1.1/", ""},
		{public, "http://[2606:4700::1111]:443/", ""},
		{public, "ftp://example.com/hook", "Callback url protocol ftp:// is not supported"},
		{public, "JavaScript:alert(1)", "Callback url protocol javascript:// is not supported"},
		{public, "file:///etc/passwd", "Callback url protocol file:// is not supported"},
		{public, "", invalid},
		{public, "example.com/hook", invalid},
		{public, "https:///hook", invalid},
		{public, "https://example.com:0/", invalid},
		{public, "https://example.com:99999/", invalid},
		{public, "https://exa mple.com/", invalid},
		{public, "https://example.com/\x00", invalid},
		{
			public, "https://example.com/" + strings.Repeat("x", MaxLength),
			"Callback url is too long (maximum is 2048 characters)",
		},
		{public, "https://user@example.com/", notAllowed},
		{public, "https://user:secret@example.com/", notAllowed},
		{public, "https://ex_ample!.com/", notAllowed},
		{public, "https://１２７.0.0.1/", notAllowed},
		{private, "http://localhost:3000/hook", ""},
		{private, "http://10.1.2.3/hook", ""},
		{private, "http://warehouse/hook", ""},
		{private, "http://user@localhost/", notAllowed},
		{listed, "https://hooks.example.com/x", ""},
		{listed, "https://a.example.net/x", ""},
		{listed, "https://a.b.EXAMPLE.net/x", ""},
		{listed, "https://example.net/x", notAllowed},
		{listed, "https://notexample.net/x", notAllowed},
		{listed, "https://example.com/x", notAllowed},
		{listed, "https://hooks.example.com.evil.org/x", notAllowed},
		{listed, "http://10.1.2.3/x", notAllowed},
		{both, "http://10.1.2.3/x", ""},
		{both, "http://10.1.2.4/x", notAllowed},
	} {
		t.Run(fmt.Sprintf("%.60s", test.url), func(t *testing.T) {
			t.Parallel()
			got := ""
			if refused := test.rules.Check(test.url); refused != nil {
				got = refused.Message
				if fmt.Sprint(refused.Field) != "[callbackUrl]" {
					t.Errorf("refused on the field %v", refused.Field)
				}
			}
			if got != test.want {
				t.Errorf("%+v says %q, want %q", test.rules, got, test.want)
			}
		})
	}
}

// A private address stays private however it is written.
func TestCheckRefusesPrivateHosts(t *testing.T) {
	t.Parallel()
	for _, host := range []string{
		"localhost", "LOCALHOST.", "api.localhost", "printer.local", "metadata.google.internal", "postgres",
		"db.home.arpa",
		"localhost.localdomain", "gateway.default.svc", "api.test", "api.invalid",
		"127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "127.0.0.1.", "0",
		"0.0.0.0", "0x",
		"10.0.0.1", "172.16.0.1", "192.168.1.1", "192.168.257", "100.64.0.1", "169.254.169.254", "2852039166",
		"0xa9fea9fe",
		"224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "240.0.0.1", "256.1.1.1", "1.2.3.4.5", "4294967296",
		"08.1.1.1",
		"[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[fe80::1]",
		"[fe80::1%25eth0]",
		"[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "[64:ff9b::7f00:1]", "[64:ff9b::a00:1]", "[2002:7f00:1::]",
		"[2002:a9fe:a9fe::1]",
		"[2001:db8::1]", "[2001::1]", "[fec0::1]",
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			refused := Rules{}.Check("http://" + host + "/hook")
			if refused == nil || refused.Message != notAllowed {
				t.Errorf("got %v, want %q", refused, notAllowed)
			}
		})
	}
	for _, host := range []string{
		"8.8.8.8", "134744072", "0x08080808", "[64:ff9b::808:808]", "[::ffff:8.8.8.8]", "localhost.example.com",
		"127.example.com",
	} {
		if refused := (Rules{}).Check("http://" + host + "/hook"); refused != nil {
			t.Errorf("%s: %v", host, refused)
		}
	}
}

func TestCheckPattern(t *testing.T) {
	t.Parallel()
	for pattern, valid := range map[string]bool{
		"example.com": true, "*.example.com": true, "localhost": true, "10.0.0.1": true, "::1": true,
		"a_b.example": true,
		"":            false, "*": false, "*.": false, "*example.com": false, "a.*.com": false,
		"https://example.com": false,
		"example.com:8080":    false, "example.com/x": false, "a..b": false, "ex ample.com": false,
	} {
		if got := CheckPattern(pattern); (got == "") != valid {
			t.Errorf("CheckPattern(%q) = %q", pattern, got)
		}
	}
}

// FuzzCheck judges any URL: it is refused plainly, or it names a host that can be called back and can be kept as text
// by PostgreSQL; and no notation of an address makes a private one public.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"https://example.com/", "http://0x7f.1", "http://[::ffff:127.0.0.1]",
		"http://127.0.0.1.", "//x", "http://[fe80::1%25en0]",
		"https://example.com/\xff", "https://example.com/%00", "https://example.com/\u2028?\u00a0#\x7f",
		"http://example.com:0080/", "http://127.0.0.1\t/", "http://１２７.0.0.1/",
		"http://10.1.2.3.nip.io/", "https:/\\\\example.com", "http://[::1", "HTTPS://EXAMPLE.COM.:443",
		strings.Repeat("\xff", MaxLength)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		strict, loose := Rules{}.Check(raw), Rules{AllowPrivate: true}.Check(raw)
		if strict == nil && loose != nil {
			t.Errorf("%q is allowed only without private addresses", raw)
		}
		for _, refused := range []*fulfillment.Error{strict, loose} {
			if refused != nil &&
				(refused.Code != fulfillment.CodeInvalid || refused.Message == "" ||
					!utf8.ValidString(refused.Message)) {
				t.Errorf("%q is refused with %#v", raw, refused)
			}
		}
		if loose != nil {
			return
		}
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || len(raw) > MaxLength || !utf8.ValidString(raw) ||
			strings.ContainsRune(raw, 0) {
			t.Fatalf("%q is allowed, but %v", raw, err)
		}
		if addr, err := netip.ParseAddr(u.Hostname()); err == nil && strict == nil && !Public(addr) {
			t.Errorf("%q is allowed, but %s is not public", raw, addr)
		}
		if again := (Rules{AllowPrivate: true}).Check(u.String()); again != nil && len(u.String()) <= MaxLength {
			t.Errorf("%q is allowed, but as %q it is not: %v", raw, u, again)
		}
	})
}
