package devstack

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// URL is the connection URL of a database of this server, which need not exist
// yet, for the role that databases belong to. It has the role's password.
func (pg *Postgres) URL(database string) string { return pg.url(postgresUser, database) }

// AdminURL is the same for the server's superuser.
func (pg *Postgres) AdminURL(database string) string { return pg.url(postgresAdmin, database) }

// PublicURL is URL without the password, for people to read.
func (pg *Postgres) PublicURL(database string) string {
	return databaseURL(url.User(postgresUser), pg.port, database)
}

func (pg *Postgres) url(role, database string) string {
	password := pg.passwords.user
	if role == postgresAdmin {
		password = pg.passwords.admin
	}
	return databaseURL(url.UserPassword(role, password), pg.port, database)
}

func databaseURL(who *url.Userinfo, port int, database string) string {
	u := url.URL{
		Scheme: "postgres", User: who, Host: address(port), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// CreateDatabase makes an empty database of the role's. One that exists is left as it is.
func (pg *Postgres) CreateDatabase(ctx context.Context, name string) error {
	return pg.createDatabase(ctx, name, "template0")
}

// CopyDatabase makes a database that holds what the template holds. Nobody may
// be connected to the template meanwhile. One that exists is left as it is.
func (pg *Postgres) CopyDatabase(ctx context.Context, name, template string) error {
	return pg.createDatabase(ctx, name, template)
}

func (pg *Postgres) createDatabase(ctx context.Context, name, template string) error {
	err := pg.insist(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		var exists bool
		err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists)
		if err != nil || exists {
			return err
		}
		_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+
			" OWNER "+postgresUser+" TEMPLATE "+pgx.Identifier{template}.Sanitize())
		return err
	})
	if err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

// DropDatabase removes a database, throwing out whoever is connected to it. One
// that doesn't exist is no error.
func (pg *Postgres) DropDatabase(ctx context.Context, name string) error {
	err := pg.insist(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
		return err
	})
	if err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	return nil
}

// insist does something, which can be done twice, with connections to the
// server's own database, until it is done or will never be.
func (pg *Postgres) insist(ctx context.Context, do func(context.Context, *pgx.Conn) error) error {
	return pg.Process().insist(ctx, defaultPatience, isForGood, func(ctx context.Context) error {
		return pg.asAdmin(ctx, func(conn *pgx.Conn) error { return do(ctx, conn) })
	})
}

// isForGood tells an answer of PostgreSQL that no repetition makes better. None
// is one about what others do at the moment (a template that is in use, the same
// database being made), or about the server's own state.
func isForGood(err error) bool {
	answer, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false // There is no answer.
	}
	switch answer.Code {
	case "55006", "42P04", "23505": // object_in_use, duplicate_database, unique_violation
		return false
	}
	class := answer.Code[:2]
	return class != "53" && class != "57" // insufficient resources, operator intervention
}

// asAdmin does something with a connection of the superuser to the server's own database.
func (pg *Postgres) asAdmin(ctx context.Context, do func(*pgx.Conn) error) error {
	return pg.as(ctx, postgresAdmin, "postgres", do)
}
