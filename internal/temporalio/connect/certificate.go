package connect

import (
	"crypto/tls"
	"fmt"
	"os"

	"packhorse/internal/config"
)

// clientCertificate reads the certificate and its key as they are now.
func clientCertificate(settings config.Temporal) (*tls.Certificate, error) {
	certificate, err := pemText("TEMPORAL_TLS_CLIENT_CERT_PATH", settings.TLSClientCertPath, settings.TLSClientCertData)
	if err != nil {
		return nil, err
	}
	key, err := pemText("TEMPORAL_TLS_CLIENT_KEY_PATH", settings.TLSClientKeyPath, settings.TLSClientKeyData.Reveal())
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf(
			"use the client certificate of TEMPORAL_TLS_CLIENT_CERT_* with the key of TEMPORAL_TLS_CLIENT_KEY_*: %w",
			err,
		)
	}
	return &pair, nil
}

// pemText is the content of the file if there is a path, else the data.
func pemText(variable, path, data string) ([]byte, error) {
	if path == "" {
		return []byte(data), nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the file of %s: %w", variable, err)
	}
	return content, nil
}
