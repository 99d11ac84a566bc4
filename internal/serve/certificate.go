package serve

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"packhorse/internal/config"
)

// certificate is the API's certificate as its files have it: whoever renews it writes the files, and new connections
// get the new one.
type certificate struct {
	certFile, keyFile string
	logger            *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	tried   [2]version // of the files when they were read last, for better or worse
}

// version is how a file is told from what was written in its place.
type version struct {
	modified time.Time
	size     int64
}

// tlsConfig is for HTTPS with the certificate of the settings; nil: plain HTTP is wanted. An error is a *config.Error.
func tlsConfig(settings config.Gateway, logger *slog.Logger) (*tls.Config, error) {
	if settings.TLSCert == "" && settings.TLSKey == "" {
		return nil, nil
	}
	if settings.TLSCert == "" || settings.TLSKey == "" {
		return nil, &config.Error{Problems: []string{
			"PACKHORSE_TLS_CERT (--tls-cert) and PACKHORSE_TLS_KEY (--tls-key) belong together: set both for HTTPS, " +
				"or none for plain HTTP",
		}}
	}
	c := &certificate{certFile: settings.TLSCert, keyFile: settings.TLSKey, logger: logger}
	c.tried, _ = c.versions() // What can't be looked at can't be read either, and reading says more.
	if err := c.read(); err != nil {
		return nil, &config.Error{Problems: []string{err.Error()}}
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

// get is the certificate for a new connection. One that can't be read, perhaps because only one of the files is written
// yet, changes nothing: the one before stays.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, err := c.versions()
	if err == nil && now == c.tried {
		return c.current, nil
	}
	if err == nil {
		err = c.read()
	}
	switch {
	case err == nil:
		c.logger.Info("The API has a new certificate.", "expires", c.current.Leaf.NotAfter)
	case now != c.tried: // Else every connection would say it.
		c.logger.Warn("The API's new certificate can't be used; the one before stays.", "error", err)
	}
	c.tried = now
	return c.current, nil
}

// versions is the present ones of both files; the zero value of one that isn't there.
func (c *certificate) versions() (now [2]version, err error) {
	for i, file := range []string{c.certFile, c.keyFile} {
		info, statErr := os.Stat(file)
		if statErr != nil {
			err = statErr
			continue
		}
		now[i] = version{info.ModTime(), info.Size()}
	}
	return now, err
}

func (c *certificate) read() error {
	cert, err := os.ReadFile(c.certFile)
	if err != nil {
		return fmt.Errorf("PACKHORSE_TLS_CERT (--tls-cert): %w", err)
	}
	key, err := os.ReadFile(c.keyFile)
	if err != nil {
		return fmt.Errorf("PACKHORSE_TLS_KEY (--tls-key): %w", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("PACKHORSE_TLS_CERT (--tls-cert) and PACKHORSE_TLS_KEY (--tls-key) must be a certificate "+
			"and its private key in PEM form: %w", err)
	}
	c.current = &pair
	return nil
}
