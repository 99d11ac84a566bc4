// Command warehouse is a warehouse to try Packhorse with, and to read before writing a real one: it serves Packhorse's
// contract for warehouses over HTTP.
//
//	WAREHOUSE_SECRET=whsec_… warehouse --listen 127.0.0.1:8090 --callbacks http://127.0.0.1:8080/providers/http
//
// The secret signs what comes in, and WAREHOUSE_CALLBACK_SECRET (default: the same) what is told.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"packhorse/examples/warehouse/warehouse"
	"packhorse/internal/standardwebhook"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "warehouse:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	var c warehouse.Config
	flags := flag.NewFlagSet("warehouse", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:8090", "`ADDRESS` to serve the contract at")
	flags.StringVar(&c.CallbackURL, "callbacks", "", "`URL` that callbacks go to, without the service at its end")
	flags.BoolVar(&c.Labels, "labels", false, "answer requests with the parcel's label")
	flags.BoolVar(&c.Pending, "pending", false, "answer requests later, by a callback")
	flags.DurationVar(&c.AcceptAfter, "accept-after", 0, "how long that takes")
	flags.DurationVar(&c.ShipAfter, "ship-after", time.Second, "how long it takes to ship what was accepted")
	flags.DurationVar(&c.TravelAfter, "travel-after", time.Second, "the time between two events of a parcel")
	flags.StringVar(&c.File, "file", "", "`FILE` that remembers everything (default: none)")
	flags.Func("out-of-stock", "`SKUS` that are not there, with commas between them", func(text string) error {
		c.OutOfStock = strings.Split(text, ",")
		return nil
	})
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	var err error
	secret := os.Getenv("WAREHOUSE_SECRET")
	if c.Secrets, err = standardwebhook.ParseSecrets(secret); err != nil {
		return fmt.Errorf("WAREHOUSE_SECRET: %w", err)
	}
	secret = cmp.Or(os.Getenv("WAREHOUSE_CALLBACK_SECRET"), secret)
	if c.Callbacks, err = standardwebhook.ParseSecrets(secret); err != nil {
		return fmt.Errorf("WAREHOUSE_CALLBACK_SECRET: %w", err)
	}
	w, err := warehouse.New(c)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	slog.Info("the warehouse is open", "url", "http://"+listener.Addr().String())
	server := &http.Server{Handler: w.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second}
	go func() {
		<-ctx.Done()
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(patience)
	}()
	worked := make(chan struct{})
	go func() { defer close(worked); w.Run(ctx) }()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-worked
	return nil
}
