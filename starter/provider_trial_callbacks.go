package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/pflag"

	"packhorse/internal/callback"
	"packhorse/internal/provider"
	httptrial "packhorse/internal/provider/http/trial"
	"packhorse/internal/standardwebhook"
)

// trialCallbacks are the flags that say how a warehouse's callbacks are tried.
type trialCallbacks struct {
	listen, url, secretName string
	wait                    time.Duration
}

func (t *trialCallbacks) add(flags *pflag.FlagSet) {
	flags.StringVar(&t.listen, "listen", "",
		"`ADDRESS` to take the warehouse's callbacks at, such as 127.0.0.1:8099; port 0: any that is free (default: none, "+
			"callbacks are not tried)")
	flags.StringVar(&t.url, "callback-url", "",
		"`URL` at which the warehouse reaches that address, when it is elsewhere, without the service at its end "+
			"(default: http://ADDRESS/providers/http)")
	flags.StringVar(&t.secretName, "callback-secret-name", "",
		"`NAME` of the secret that signs callbacks (default: that of --secret-name)")
	flags.DurationVar(&t.wait, "callback-wait", 2*time.Minute,
		"how long the news of two requests is waited for, with what is told again of it")
}

// check says what is wrong with the flags.
func (t *trialCallbacks) check() error {
	if t.listen == "" {
		if t.url != "" || t.secretName != "" {
			return &usageError{errors.New("callbacks are only tried with --listen ADDRESS, where they are taken")}
		}
		return nil
	}
	if t.wait <= 0 {
		return &usageError{fmt.Errorf("--callback-wait is %s; it must be longer than 0", t.wait)}
	}
	if t.url != "" {
		// It is the warehouse that calls it, maybe on this machine.
		if err := provider.CheckAddress("--callback-url", t.url, callback.Rules{AllowPrivate: true}); err != nil {
			return &usageError{err}
		}
		return nil
	}
	host, _, err := net.SplitHostPort(t.listen)
	if err != nil {
		return &usageError{fmt.Errorf("--listen %q is no address such as 127.0.0.1:8099", t.listen)}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return &usageError{fmt.Errorf("--listen %s is every address of this machine: say with --callback-url URL "+
			"which one the warehouse calls", t.listen)}
	}
	return nil
}

// open listens, if callbacks are tried. secrets are those of the calls, named reads others.
func (t *trialCallbacks) open(
	secrets standardwebhook.Secrets, named func(name string) (string, error),
) (httptrial.Callbacks, error) {
	if t.listen == "" {
		return httptrial.Callbacks{}, nil
	}
	if t.secretName != "" {
		var err error
		if secrets, err = namedSecrets(named, t.secretName); err != nil {
			return httptrial.Callbacks{}, err
		}
	}
	listener, err := net.Listen("tcp", t.listen)
	if err != nil {
		return httptrial.Callbacks{}, fmt.Errorf("take callbacks: %w", err)
	}
	return httptrial.Callbacks{
		Listener: listener, URL: cmp.Or(t.url, "http://"+listener.Addr().String()+"/providers/http"),
		Secrets: secrets, Wait: t.wait,
	}, nil
}

// namedSecrets reads the secrets with a name.
func namedSecrets(named func(name string) (string, error), name string) (standardwebhook.Secrets, error) {
	text, err := named(name)
	if err != nil {
		return standardwebhook.Secrets{}, err
	}
	secrets, err := standardwebhook.ParseSecrets(text)
	if err != nil {
		return standardwebhook.Secrets{}, fmt.Errorf("the secret %s: %w", name, err)
	}
	return secrets, nil
}
