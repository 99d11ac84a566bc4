package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/config"
	"packhorse/internal/provider"
	"packhorse/internal/provider/catalogue"
	"packhorse/internal/provider/http"
	httptrial "packhorse/internal/provider/http/trial"
)

// trialPage is what became of a trial, as programs get it.
type trialPage struct {
	URL      string             `json:"url"`
	Version  string             `json:"version"` // of the contract
	Holds    int                `json:"holds"`
	Broken   int                `json:"broken"`
	NotTried int                `json:"notTried"`
	Items    []httptrial.Result `json:"items"`
}

func (a *app) newProviderTest() *cobra.Command {
	c := &cobra.Command{
		Use: "test http", Short: "Tell whether a warehouse keeps the contract",
		Long: `Talks to a warehouse that serves Packhorse's contract (docs/warehouse-contract.md), as Packhorse does and as nobody
should, and tells of each point of the contract whether it holds. It needs no service, no database and no Temporal.

It takes requests on, cancels some, and asks for returns: try a warehouse where nothing is shipped. The secret is that
which signs what the warehouse is sent: --secret-name is its name, as in the options of a service, and its value is in
the folder PACKHORSE_PROVIDER_SECRETS or in the environment variable PACKHORSE_SECRET_<name>.

Callbacks are tried with --listen: let the warehouse call that address, as it will call Packhorse's, and tell something
of each request within --callback-wait. It is told the service 1. Some callbacks are answered 500, some not at all.

Exit status: 0 all points hold or could not be tried, 1 some do not hold or the warehouse can't be tried.`,
		Args: oneArgument("provider", func(id string) error {
			if _, err := catalogue.New().Find(id); err != nil {
				return err
			}
			if id != http.ID {
				return fmt.Errorf("the provider %s has no contract that others serve: only %s has", id, http.ID)
			}
			return nil
		}),
		ValidArgs: []string{http.ID},
		Example: `  PACKHORSE_SECRET_NORTH_WAREHOUSE=whsec_… packhorse provider test http --url https://warehouse.example.com/packhorse --secret-name NORTH_WAREHOUSE
  packhorse provider test http --url http://127.0.0.1:8090 --secret-name TRY --output json |
    jq '.items[] | select(.verdict == "BROKEN")'
  packhorse provider test http --url http://127.0.0.1:8090 --secret-name TRY --listen 127.0.0.1:8099  # warehouse --callbacks http://127.0.0.1:8099/providers/http`,
	}
	var url, name string
	t := httptrial.Config{}
	var told trialCallbacks
	c.Flags().StringVar(&url, "url", "", "where the warehouse serves the contract, as the option `URL` of a service")
	c.Flags().StringVar(&name, "secret-name", "", "`NAME` of the secret that signs what the warehouse is sent")
	c.Flags().StringVar(&t.SKU, "sku", "TEST", "`SKU` that is asked for: one that the warehouse has")
	told.add(c.Flags())
	for _, flag := range []string{"url", "secret-name"} {
		_ = c.MarkFlagRequired(flag) // Only fails for a flag that isn't there.
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		var callbacks config.CallbackConfig
		var named config.ProviderSecrets
		if err := config.Load(&callbacks, &named); err != nil {
			return err
		}
		if err := told.check(); err != nil {
			return err
		}
		read := provider.NamedSecrets(named.Folder)
		var err error
		if t.Secrets, err = namedSecrets(read, name); err != nil {
			return err
		}
		if t.Callbacks, err = told.open(t.Secrets, read); err != nil {
			return err
		}
		if t.Callbacks.Listener != nil {
			fmt.Fprintf(a.errOut, "callbacks are taken at %s: the warehouse has to call %s/%s\n",
				t.Callbacks.Listener.Addr(), strings.TrimRight(t.Callbacks.URL, "/"), httptrial.Service)
		}
		t.URL, t.Rules, t.Timeout = url, callbacks.Rules(), min(a.settings.Timeout, http.DefaultTimeout)
		return a.tryWarehouse(c, t)
	}
	return c
}

func (a *app) tryWarehouse(c *cobra.Command, t httptrial.Config) error {
	page := trialPage{URL: t.URL, Version: http.Version, Items: []httptrial.Result{}}
	began := time.Now()
	err := httptrial.Run(c.Context(), t, func(r httptrial.Result) {
		page.Items = append(page.Items, r)
		switch r.Verdict {
		case httptrial.Holds:
			page.Holds++
		case httptrial.Broken:
			page.Broken++
		default:
			page.NotTried++
		}
	})
	if err != nil && isUnreachable(err) {
		return &stoppedError{
			err: err, again: true,
			goOn: fmt.Sprintf(
				"Look whether the warehouse is up at %s, and whether --url says the right address.", t.URL,
			),
		}
	}
	if err != nil {
		return err
	}
	if a.json() {
		err = writeJSON(a.out, page)
	} else {
		err = a.tellTrial(page, time.Since(began))
	}
	if err != nil || page.Broken == 0 {
		return err
	}
	return &stoppedError{
		errors.New(count(page.Broken, "point") + " of the contract broken"),
		"What the contract says: docs/warehouse-contract.md. A warehouse that keeps it: examples/warehouse", false,
	}
}

func (a *app) tellTrial(page trialPage, took time.Duration) error {
	t := a.newTable("POINT", "VERDICT", "WHY")
	for _, r := range page.Items {
		why := r.Why
		if r.Verdict == httptrial.Broken {
			why = r.Rule + " " + r.Why // What is to be, and what is.
		}
		t.row(r.Point, string(r.Verdict), why)
	}
	if err := t.flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.out, "\n%d of %d points hold, %d do not, %d could not be tried; it took %s.\n",
		page.Holds, len(page.Items), page.Broken, page.NotTried, took.Round(time.Millisecond))
	return err
}
