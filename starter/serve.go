package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/config"
	"packhorse/internal/graphql/schema"
	"packhorse/internal/provider/catalogue"
	"packhorse/internal/serve"
)

func (a *app) newServe() *cobra.Command {
	settings := serve.Settings{Providers: catalogue.New()}
	var usage strings.Builder
	if err := config.Usage(&usage, settings.Specs()...); err != nil {
		usage.WriteString(err.Error()) // A strings.Builder takes everything.
	}
	c := &cobra.Command{
		Use: "serve", Short: "Serve the Admin API over HTTP", Args: cobra.NoArgs,
		Long: `Serves the Admin API: POST /admin/api/{version}/graphql.json, with a token (packhorse token create) in the header
X-Shopify-Access-Token, until SIGTERM or Ctrl-C. Running requests may end then, for PACKHORSE_STOP_TIMEOUT; a second
signal ends them at once. Any number of these processes may run. The flags --output and --timeout mean nothing here.

With --tls-cert and --tls-key it speaks HTTPS, which Shopify's own clients insist on. A certificate that is renewed in
its files is taken up by the next connection; one that can't be read changes nothing. Metrics and health stay HTTP.

The environment variables that it reads:

` + usage.String(),
		Example: `  packhorse migrate && packhorse serve
  PACKHORSE_API_ADDRESS=:8080 PACKHORSE_GRAPHIQL=true packhorse serve
  PACKHORSE_API_ADDRESS=:443 packhorse serve --tls-cert tls.crt --tls-key tls.key`,
	}
	var cert, key string
	c.Flags().StringVar(&cert, "tls-cert", "", "`FILE` with the certificate and its chain (PEM); else PACKHORSE_TLS_CERT")
	c.Flags().StringVar(&key, "tls-key", "", "`FILE` with the certificate's private key (PEM); else PACKHORSE_TLS_KEY")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := config.Load(settings.Specs()...); err != nil {
			return err
		}
		settings.Gateway.TLSCert = cmp.Or(cert, settings.Gateway.TLSCert)
		settings.Gateway.TLSKey = cmp.Or(key, settings.Gateway.TLSKey)
		for _, warning := range config.UnknownVariables(os.Environ(), catalogue.New().Settings()...) {
			fmt.Fprintln(a.errOut, "packhorse:", warning)
		}
		return serve.Run(c.Context(), settings, a.errOut, nil)
	}
	return c
}

func (a *app) newSchema() *cobra.Command {
	c := &cobra.Command{
		Use: "schema", Short: "Print the GraphQL schema of the Admin API", Args: cobra.NoArgs,
		Long:    `Prints the schema definition (SDL) with its descriptions, for editors and code generators.`,
		Example: `  packhorse schema > admin.graphql`,
	}
	c.RunE = func(*cobra.Command, []string) error {
		if a.json() {
			return writeJSON(a.out, map[string]string{"schema": schema.SDL()})
		}
		if _, err := io.WriteString(a.out, schema.SDL()); err != nil {
			return fmt.Errorf("write the answer: %w", err)
		}
		return nil
	}
	return c
}
