package serve

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/gateway"
	"packhorse/internal/postgres"
)

// files are where a certificate and its key are.
type files struct{ cert, key string }

func newFiles(t *testing.T) files {
	folder := t.TempDir()
	return files{filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")}
}

// renewal is a certificate for 127.0.0.1 that trusts itself, and its key, as PEM.
func renewal(t *testing.T, serial int64) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{{127, 0, 0, 1}},
		IsCA: true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bytes})
}

// put replaces a file as those do who renew certificates: the new one takes the place of the old one at once.
func put(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

func TestHTTPSFollowsItsFiles(t *testing.T) {
	t.Parallel()
	f := newFiles(t)
	firstCert, firstKey := renewal(t, 1)
	put(t, f.cert, firstCert)
	put(t, f.key, firstKey)
	_, address, _ := alone(t, devstacktest.Database(t, postgres.Migrate), func(s *Settings) {
		s.Gateway.TLSCert, s.Gateway.TLSKey = f.cert, f.key
	})
	serves := func(serial int64, when string) {
		t.Helper()
		conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // It looks at it itself.
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if got := conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64(); got != serial {
			t.Errorf("%s: certificate %d, want %d", when, got, serial)
		}
	}
	serves(1, "at first")
	secondCert, secondKey := renewal(t, 2)
	put(t, f.cert, secondCert)
	serves(1, "when only the certificate is new")
	put(t, f.key, secondKey)
	serves(2, "when both are new")
	put(t, f.key, []byte("nothing"))
	serves(2, "when the key is broken")
	if err := os.Remove(f.cert); err != nil {
		t.Fatal(err)
	}
	serves(2, "when the certificate is gone")
	put(t, f.cert, firstCert)
	put(t, f.key, firstKey)
	serves(1, "when both are good again")

	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(firstCert)
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true,
	}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(
		t.Context(), http.MethodPost, "https://"+address+gateway.Endpoint(), strings.NewReader(`{ shop { name } }`),
	)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized || response.ProtoMajor != 2 {
		t.Errorf("a request without a token got %s over %s, want 401 over HTTP/2", response.Status, response.Proto)
	}
}

func TestHTTPSNeedsACertificateAndItsKey(t *testing.T) {
	t.Parallel()
	good, other := newFiles(t), newFiles(t)
	for i, f := range []files{good, other} {
		cert, key := renewal(t, int64(i))
		put(t, f.cert, cert)
		put(t, f.key, key)
	}
	for name, test := range map[string]struct{ cert, key, want string }{
		"no_key":         {good.cert, "", "belong together"},
		"no_certificate": {"", good.key, "belong together"},
		"no_such_cert":   {good.cert + "x", good.key, "PACKHORSE_TLS_CERT (--tls-cert): open " + good.cert + "x"},
		"no_such_key":    {good.cert, good.key + "x", "PACKHORSE_TLS_KEY (--tls-key): open " + good.key + "x"},
		"another's_key":  {good.cert, other.key, "must be a certificate and its private key"},
		"turned_around":  {good.key, good.cert, "must be a certificate and its private key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tlsConfig(config.Gateway{TLSCert: test.cert, TLSKey: test.key}, slog.New(slog.DiscardHandler))
			if !errors.As(err, new(*config.Error)) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a *config.Error with %q", err, test.want)
			}
		})
	}
	if c, err := tlsConfig(config.Gateway{}, nil); c != nil || err != nil {
		t.Errorf("without settings: %v, %v, want plain HTTP", c, err)
	}
}
