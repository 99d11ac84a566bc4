package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
)

// The databases of a server that keeps its state in PostgreSQL, and the schemas that its tool gives them.
var temporalDatabases = []struct{ name, schema string }{
	{"temporal", "postgresql/v12/temporal"},
	{"temporal_visibility", "postgresql/v12/visibility"},
}

// ErrNoTemporalServer says what to do when the programs for Temporal on PostgreSQL are missing.
var ErrNoTemporalServer = errors.New(`there is no temporal-server with its temporal-sql-tool in bin/, in PATH, or where go install puts programs. ` +
	`Both are in every release of the Temporal server; to build them (some minutes): GOBIN=$PWD/bin go install ` +
	`go.temporal.io/server/cmd/server@v1.29.1 go.temporal.io/server/cmd/tools/sql@v1.29.1 && ` +
	`mv bin/server bin/temporal-server && mv bin/sql bin/temporal-sql-tool`)

// serverFolder names the folder of a temporal-server and a temporal-sql-tool. It
// stands for the dev server then, wherever none is asked for by name.
const serverFolder = "PACKHORSE_TEMPORAL_SERVER"

// errNothingKept says what a server of serverFolder is not good for.
var errNothingKept = errors.New(serverFolder + " is set: such a server keeps nothing from one start to the next. " +
	"Unset it, or start a stack that keeps nothing (--fresh)")

// startOwnPostgres starts what a server of serverFolder keeps its state in, if
// there is one.
func (t *Temporal) startOwnPostgres(ctx context.Context) (err error) {
	if os.Getenv(serverFolder) == "" || t.options.Postgres != nil {
		return nil
	}
	if t.options.File != "" {
		return errNothingKept
	}
	t.options.UI = false
	t.ownPostgres, err = StartPostgres(ctx, PostgresOptions{Notice: t.options.Notice})
	t.options.Postgres = t.ownPostgres
	return err
}

// temporalServer finds the programs of a Temporal server that is not the dev server.
func temporalServer(ctx context.Context) (server, sqlTool string, err error) {
	if folder := os.Getenv(serverFolder); folder != "" {
		server, sqlTool = filepath.Join(folder, "temporal-server"), filepath.Join(folder, "temporal-sql-tool")
		if !isProgram(server) || !isProgram(sqlTool) {
			return "", "", fmt.Errorf("%s=%s has no temporal-server with its temporal-sql-tool", serverFolder, folder)
		}
		return server, sqlTool, nil
	}
	root, err := RepositoryRoot()
	if err != nil {
		return "", "", err
	}
	find := func(name string) string {
		if path := filepath.Join(root, "bin", name); isProgram(path) {
			return path
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
		return installedByGo(ctx, name)
	}
	server, sqlTool = find("temporal-server"), find("temporal-sql-tool")
	if server == "" || sqlTool == "" {
		return "", "", ErrNoTemporalServer
	}
	return server, sqlTool, nil
}

// prepareDatabases makes the server's databases on PostgreSQL, with their tables.
func (t *Temporal) prepareDatabases(ctx context.Context, sqlTool string) error {
	pg := t.options.Postgres
	for _, database := range temporalDatabases {
		if err := pg.CreateDatabase(ctx, database.name); err != nil {
			return err
		}
		for _, step := range [][]string{
			{"setup-schema", "--version", "0.0"},
			{"update-schema", "--schema-name", database.schema},
		} {
			arguments := append([]string{"--plugin", "postgres12", "--endpoint", loopback, "--port",
				strconv.Itoa(pg.Port()),
				"--user", postgresUser, "--database", database.name}, step...)
			tool := exec.CommandContext(ctx, sqlTool, arguments...)
			// It takes its connection from such variables, too.
			tool.Env = append(withoutPrefix(os.Environ(), "SQL_"), "SQL_PASSWORD="+pg.passwords.user)
			if said, err := tool.CombinedOutput(); err != nil {
				return fmt.Errorf(
					"make the tables of %s: %s: %w\n%s", database.name, step[0], err, strings.TrimSpace(string(said)),
				)
			}
		}
	}
	return nil
}

// serverConfig is the configuration of a Temporal server with all services in one process.
var serverConfig = template.Must(template.New("server").Parse(`
log: {stdout: true, level: {{.LogLevel}}}
persistence:
  defaultStore: default
  visibilityStore: visibility
  numHistoryShards: 4
  datastores:
    default: {sql: &sql {pluginName: postgres12, databaseName: temporal, connectAddr: "127.0.0.1:{{.Postgres}}",
      connectProtocol: tcp, user: {{.User}}, password: "{{.Password}}", maxConns: 20, maxIdleConns: 20,
      maxConnLifetime: 1h}}
    visibility: {sql: {<<: *sql, databaseName: temporal_visibility}}
global:
  membership: {maxJoinDuration: 30s, broadcastAddress: 127.0.0.1}
services:
  frontend: {rpc: {grpcPort: {{.Frontend}}, membershipPort: {{index .Ports 0}}, bindOnLocalHost: true,
    httpPort: {{.HTTP}}}}
  matching: {rpc: {grpcPort: {{index .Ports 1}}, membershipPort: {{index .Ports 2}}, bindOnLocalHost: true}}
  history: {rpc: {grpcPort: {{index .Ports 3}}, membershipPort: {{index .Ports 4}}, bindOnLocalHost: true}}
  worker: {rpc: {grpcPort: {{index .Ports 5}}, membershipPort: {{index .Ports 6}}, bindOnLocalHost: true}}
clusterMetadata:
  enableGlobalNamespace: false
  failoverVersionIncrement: 10
  masterClusterName: active
  currentClusterName: active
  clusterInformation:
    active: {enabled: true, initialFailoverVersion: 1, rpcName: frontend, rpcAddress: "127.0.0.1:{{.Frontend}}"}
dcRedirectionPolicy: {policy: noop}
publicClient: {hostPort: "127.0.0.1:{{.Frontend}}"}
dynamicConfigClient: {filepath: {{.Dynamic}}, pollInterval: 60s}
`))

// dynamicConfig lets one frontend take what the dev server's does, which has no limits worth the name, lets people
// pause workflows where the server can (from 1.31 on), and says whether it reads search attributes for every request.
const dynamicConfig = `
frontend.namespaceRPS: [{value: 100000}]
frontend.namespaceRPS.visibility: [{value: 1000}]
frontend.rps: [{value: 100000}]
frontend.persistenceMaxQPS: [{value: 100000}]
history.persistenceMaxQPS: [{value: 100000}]
matching.persistenceMaxQPS: [{value: 100000}]
matching.rps: [{value: 100000}]
history.rps: [{value: 100000}]
history.maxInFlightUpdates: [{value: %d}]
frontend.WorkflowPauseEnabled: [{value: true}]
system.forceSearchAttributesCacheRefreshOnRead: [{value: %t}]
`

// writeServerConfig writes the configuration for the present ports.
func (t *Temporal) writeServerConfig() error {
	ports := make([]int, 7)
	for i := range ports {
		var err error
		if ports[i], err = FreePort(); err != nil {
			return err
		}
	}
	dynamic := filepath.Join(t.temporary.path, "dynamic.yaml")
	settings := fmt.Sprintf(dynamicConfig, inFlightUpdates, !t.options.CacheSearchAttributes)
	if err := os.WriteFile(dynamic, []byte(settings), 0o600); err != nil {
		return fmt.Errorf("write Temporal's configuration: %w", err)
	}
	file, err := os.OpenFile(
		filepath.Join(t.temporary.path, "packhorse.yaml"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600,
	)
	if err == nil {
		err = errors.Join(serverConfig.Execute(file, map[string]any{
			"LogLevel": t.options.LogLevel, "Postgres": t.options.Postgres.Port(), "User": postgresUser,
			"Password": t.options.Postgres.passwords.user,
			"Frontend": t.port, "HTTP": t.httpPort, "Ports": ports, "Dynamic": dynamic,
		}), file.Close())
	}
	if err != nil {
		return fmt.Errorf("write Temporal's configuration: %w", err)
	}
	return nil
}

// serverArguments start the server with the configuration that was written.
func (t *Temporal) serverArguments() []string {
	return []string{"--root", t.temporary.path, "--config", ".", "--env", "packhorse", "--allow-no-auth", "start"}
}
