package config

import (
	"net/url"
	"strings"
)

// Temporal says how to reach the Temporal service. The variables are those that
// the temporal CLI and Temporal's SDKs read, with the same meaning.
type Temporal struct {
	Address   string `envconfig:"TEMPORAL_ADDRESS" default:"127.0.0.1:7233" required:"true" desc:"host:port of the Temporal service"`
	Namespace string `envconfig:"TEMPORAL_NAMESPACE" default:"default" required:"true" desc:"Temporal namespace"`
	UIURL     string `envconfig:"PACKHORSE_TEMPORAL_UI_URL" desc:"base URL of the Temporal UI, such as http://127.0.0.1:8233: then whatever shows something shows where its workflow is"`
	APIKey    Secret `envconfig:"TEMPORAL_API_KEY" desc:"API key for Temporal; turns TLS on unless TEMPORAL_TLS=false"`

	// TLS is nil when nothing was said; UseTLS decides then.
	TLS                        *bool  `envconfig:"TEMPORAL_TLS" desc:"speak TLS to Temporal; unset: when another TEMPORAL_TLS_* or an API key is set"`
	TLSClientCertPath          string `envconfig:"TEMPORAL_TLS_CLIENT_CERT_PATH" desc:"file of the client certificate (PEM), read again for each connection"`
	TLSClientCertData          string `envconfig:"TEMPORAL_TLS_CLIENT_CERT_DATA" desc:"the client certificate itself (PEM)"`
	TLSClientKeyPath           string `envconfig:"TEMPORAL_TLS_CLIENT_KEY_PATH" desc:"file of the client certificate's private key (PEM)"`
	TLSClientKeyData           Secret `envconfig:"TEMPORAL_TLS_CLIENT_KEY_DATA" desc:"the private key itself (PEM)"`
	TLSServerCACertPath        string `envconfig:"TEMPORAL_TLS_SERVER_CA_CERT_PATH" desc:"file of the authorities (PEM) that may sign the server's certificate; unset: the system's"`
	TLSServerCACertData        string `envconfig:"TEMPORAL_TLS_SERVER_CA_CERT_DATA" desc:"the authorities themselves (PEM)"`
	TLSServerName              string `envconfig:"TEMPORAL_TLS_SERVER_NAME" desc:"name the server's certificate must have; unset: the host of TEMPORAL_ADDRESS"`
	TLSDisableHostVerification bool   `envconfig:"TEMPORAL_TLS_DISABLE_HOST_VERIFICATION" desc:"accept any certificate from the server; for tests only"`
}

// UseTLS tells whether connections are to use TLS: what TLS says, else whether an
// API key or another TLS setting is there.
func (t Temporal) UseTLS() bool {
	if t.TLS != nil {
		return *t.TLS
	}
	return t.APIKey != "" || t.TLSClientCertPath != "" || t.TLSClientCertData != "" ||
		t.TLSClientKeyPath != "" || t.TLSClientKeyData != "" ||
		t.TLSServerCACertPath != "" || t.TLSServerCACertData != "" ||
		t.TLSServerName != "" || t.TLSDisableHostVerification
}

// WorkflowURL is where the Temporal UI shows a workflow; empty when nobody said where the UI is.
func (t Temporal) WorkflowURL(workflowID string) string {
	if t.UIURL == "" {
		return ""
	}
	return strings.TrimRight(t.UIURL, "/") + "/namespaces/" + url.PathEscape(t.Namespace) + "/workflows/" +
		url.PathEscape(workflowID)
}

func (t Temporal) problems() []string {
	var problems []string
	if u, err := url.Parse(t.UIURL); t.UIURL != "" &&
		(err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		problems = append(problems, "PACKHORSE_TEMPORAL_UI_URL must be a web address such as http://127.0.0.1:8233")
	}
	both := func(first, second string, has bool) {
		if has {
			problems = append(problems, first+" and "+second+" are both set: keep one of them")
		}
	}
	both(
		"TEMPORAL_TLS_CLIENT_CERT_PATH", "TEMPORAL_TLS_CLIENT_CERT_DATA",
		t.TLSClientCertPath != "" && t.TLSClientCertData != "",
	)
	both(
		"TEMPORAL_TLS_CLIENT_KEY_PATH", "TEMPORAL_TLS_CLIENT_KEY_DATA",
		t.TLSClientKeyPath != "" && t.TLSClientKeyData != "",
	)
	both(
		"TEMPORAL_TLS_SERVER_CA_CERT_PATH", "TEMPORAL_TLS_SERVER_CA_CERT_DATA",
		t.TLSServerCACertPath != "" && t.TLSServerCACertData != "",
	)
	certificate := t.TLSClientCertPath != "" || t.TLSClientCertData != ""
	key := t.TLSClientKeyPath != "" || t.TLSClientKeyData != ""
	if certificate != key {
		problems = append(problems, "a client certificate needs its private key and the key its certificate: "+
			"set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH (or the _DATA ones), or none")
	}
	return problems
}
