package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
)

// asker is who sends a command, and under which name the command can be repeated.
type asker struct {
	commandID string
	actor     fulfillment.Actor
	service   string // ID or handle of the service, for RoleService
}

func (a *app) askerFlags(c *cobra.Command) *asker {
	who := &asker{actor: fulfillment.Actor{Role: fulfillment.RoleOperator}}
	c.Flags().StringVar(
		&who.commandID, "command-id", "",
		"`NAME` of this command: sent again with the same name, it is done once and answered the same (default: a "+
			"new one). Times from now on, such as 90m, are others every time: write out the time then",
	)
	a.roleFlags(c, who)
	return who
}

// roleFlags says who asks, where nothing is sent.
func (a *app) roleFlags(c *cobra.Command, who *asker) {
	c.Flags().Var(
		&value{"WHO", who.setRole, func() string { return "operator" }}, "as",
		"who asks: operator, merchant, or service:ID (or service:HANDLE)",
	)
	c.Flags().StringVar(&who.actor.App, "app", "", "`HANDLE` of the app that asks; holds belong to their app")
	completesFlag(c, "as", a.askers())
}

func (who *asker) setRole(text string) error {
	role, service, isService := strings.Cut(text, ":")
	switch {
	case strings.EqualFold(text, "operator"):
		who.actor.Role = fulfillment.RoleOperator
	case strings.EqualFold(text, "merchant"):
		who.actor.Role = fulfillment.RoleMerchant
	case strings.EqualFold(role, "service") && isService && service != "":
		who.actor.Role, who.service = fulfillment.RoleService, service
	default:
		return fmt.Errorf("it is none of operator, merchant, service:ID")
	}
	return nil
}

// resolve is the actor, with a service named by its handle looked up.
func (who *asker) resolve(ctx context.Context, b book) (fulfillment.Actor, error) {
	actor := who.actor
	if actor.Role != fulfillment.RoleService {
		return actor, nil
	}
	services, err := b.Services(ctx)
	if err != nil {
		return actor, err
	}
	service, err := only(
		services, who.service, "service",
		func(s fulfillment.Service) []string { return []string{s.ID.String(), s.Handle, s.Name} },
	)
	actor.ServiceID = service.ID
	return actor, err
}

// fill puts the asker into the command's envelope.
func (who *asker) fill(ctx context.Context, b book, meta *fulfillment.Meta) error {
	actor, err := who.resolve(ctx, b)
	if err != nil {
		return err
	}
	meta.Actor = actor
	meta.CommandID = who.name()
	return nil
}

// name is the command's ID: the one given, or a new one.
func (who *asker) name() string {
	who.commandID = cmp.Or(who.commandID, "cli-"+strings.ToLower(rand.Text()))
	return who.commandID
}
