package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// PostgresOptions says what server StartPostgres starts.
type PostgresOptions struct {
	// Folder keeps the data from one start to the next. Empty means a temporary
	// folder that Close removes, and a server that trades durability for speed
	// (no fsync): what is committed survives a crash of the server but not one of
	// the machine. The passwords of the roles are kept beside the data.
	Folder string
	// Port is the wanted port. When it is taken, the next free one is used and
	// Notice is told. 0 means any.
	Port int
	// Log receives the server's log; it is optional.
	Log io.Writer
	// Notice is told what a person should know; the default is standard error.
	Notice Notice
}

// A Postgres is a PostgreSQL server of our own, on a loopback port that stays
// the same from one Start to the next. Its methods may be called from several
// goroutines.
type Postgres struct {
	options   PostgresOptions
	temporary *temporaryFolder // nil when the data is kept.
	data      dataFolder
	passwords passwords
	programs  string
	port      int

	mu      sync.Mutex
	process *Process // The latest one; never nil once started.
}

// StartPostgres finds or installs PostgreSQL, makes the data folder if there is
// none, starts the server and waits until it answers.
func StartPostgres(ctx context.Context, options PostgresOptions) (*Postgres, error) {
	pg := &Postgres{options: options}
	base := options.Folder
	if base == "" {
		var err error
		if pg.temporary, err = newTemporaryFolder(os.TempDir()); err != nil {
			return nil, err
		}
		base = filepath.Join(pg.temporary.path, "postgres")
	}
	err := pg.prepare(ctx, base)
	if err == nil {
		err = pg.startOnFreePort(ctx)
	}
	if err == nil {
		if err = pg.prepareRoles(ctx); err != nil {
			pg.Process().Kill()
		}
	}
	if err != nil {
		if pg.temporary != nil {
			err = errors.Join(err, pg.removeTemporary(base))
		}
		return nil, err
	}
	return pg, nil
}

func (pg *Postgres) prepare(ctx context.Context, base string) error {
	base, err := filepath.Abs(base)
	if err != nil {
		return fmt.Errorf("find PostgreSQL's folder: %w", err)
	}
	if err := pg.prepareData(ctx, base); err != nil {
		return err
	}
	pg.programs, err = postgresPrograms(ctx, majorOf(pg.data.path), pg.options.Notice)
	return err
}

// startOnFreePort tries again elsewhere when somebody was faster on a port.
func (pg *Postgres) startOnFreePort(ctx context.Context) error {
	wanted := pg.options.Port
	for attempt := 1; ; attempt++ {
		var err error
		if pg.port, err = PortOrNext(wanted); err != nil {
			return err
		}
		err = pg.Start(ctx)
		if err == nil {
			break
		}
		if attempt == startAttempts || !strings.Contains(err.Error(), "Address already in use") {
			return err
		}
	}
	if wanted != 0 && pg.port != wanted {
		pg.options.Notice.say("port %d is taken; PostgreSQL is on %d", wanted, pg.port)
	}
	return nil
}

// Start starts the server again after Stop or Kill, with the same data on the
// same port, and waits until it answers. It does nothing while it runs.
func (pg *Postgres) Start(ctx context.Context) error {
	pg.mu.Lock()
	defer pg.mu.Unlock()
	if pg.process != nil && !ended(pg.process) {
		return nil
	}
	if err := pg.waitForFormerServer(ctx); err != nil {
		return err
	}
	process, err := StartProcess(ctx, Command{
		Name: "PostgreSQL", Path: filepath.Join(pg.programs, "postgres"), Args: pg.arguments(),
		Env:    withoutPrefix(os.Environ(), "PG"),
		Folder: pg.data.path, Log: pg.options.Log, User: pg.data.user,
		// Fast, then immediate: see PostgreSQL's manual, "Shutting Down the Server".
		StopSignals: []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT},
	})
	if err != nil {
		return err
	}
	if err := process.insist(ctx, defaultPatience, never, pg.answers); err != nil {
		process.Kill()
		return err
	}
	pg.process = process
	return nil
}

func (pg *Postgres) arguments() []string {
	settings := []string{
		"listen_addresses=" + loopback,
		"unix_socket_directories=",
		"max_connections=400", // A package of tests has many stacks side by side.
		"timezone=UTC", "log_timezone=UTC",
		"log_line_prefix=%m [%p] %d ",
	}
	if pg.temporary != nil {
		// Not synchronous_commit=off: a commit that was answered has to survive a
		// Kill, which is what tests kill the server for.
		settings = append(settings, "fsync=off", "full_page_writes=off")
	}
	arguments := []string{"-D", pg.data.path, "-p", strconv.Itoa(pg.port)}
	for _, setting := range settings {
		arguments = append(arguments, "-c", setting)
	}
	return arguments
}

// waitForFormerServer waits for a server on the same data that is still shutting
// down because its parent was killed a moment ago.
func (pg *Postgres) waitForFormerServer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, defaultPatience)
	defer cancel()
	ticker := time.NewTicker(readyInterval)
	defer ticker.Stop()
	for {
		text, err := os.ReadFile(filepath.Join(pg.data.path, "postmaster.pid"))
		if err != nil {
			return nil
		}
		first, _, _ := strings.Cut(string(text), "\n")
		pid, err := strconv.Atoi(first)
		if err != nil || !isPostgres(pid) {
			return nil // Left by a crash; PostgreSQL itself removes it.
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("start PostgreSQL: process %d still serves %s", pid, pg.data.path)
		case <-ticker.C:
		}
	}
}

func isPostgres(pid int) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return err == nil && strings.TrimSpace(string(name)) == "postgres"
}

func (pg *Postgres) answers(ctx context.Context) error {
	do := func(conn *pgx.Conn) error { return conn.Ping(ctx) }
	if pg.data.earlier && pg.as(ctx, postgresUser, "postgres", do) == nil {
		return nil // Its superuser is the user still.
	}
	return pg.asAdmin(ctx, do)
}

// Process is the server's latest process; after Stop or Kill, the one that
// ended.
func (pg *Postgres) Process() *Process {
	pg.mu.Lock()
	defer pg.mu.Unlock()
	return pg.process
}

// PID is the ID of the server's latest process.
func (pg *Postgres) PID() int { return pg.Process().PID() }

// Port is the server's port on loopback.
func (pg *Postgres) Port() int { return pg.port }

// Stop shuts the server down, throwing out its clients, and keeps the data:
// Start continues from there.
func (pg *Postgres) Stop(ctx context.Context) error { return pg.Process().Stop(ctx) }

// Kill ends the server as a crash would: it writes nothing more, and the next
// Start recovers from the log. The data survives.
func (pg *Postgres) Kill(ctx context.Context) error {
	process := pg.Process()
	process.expectEnd()
	// SIGQUIT is PostgreSQL's "immediate" mode. SIGKILL would leave its children
	// holding the shared memory, and the next start would refuse.
	if !ended(process) {
		_ = process.Signal(syscall.SIGQUIT)
	}
	select {
	case <-process.Done():
	case <-ctx.Done():
		process.Kill()
	}
	return nil
}

// Close stops the server and removes its data if they were temporary.
func (pg *Postgres) Close(ctx context.Context) error {
	err := pg.Stop(ctx)
	if pg.temporary != nil {
		err = errors.Join(err, pg.removeTemporary(filepath.Join(pg.temporary.path, "postgres")))
	}
	return err
}

func (pg *Postgres) removeTemporary(base string) error {
	return errors.Join(os.RemoveAll(FallbackFolder(base)), pg.temporary.remove())
}

func ended(p *Process) bool {
	select {
	case <-p.Done():
		return true
	default:
		return false
	}
}

// withoutPrefix leaves out the variables whose name starts with the prefix: a
// server started here must not take settings meant for another one.
func withoutPrefix(environment []string, prefix string) []string {
	var kept []string
	for _, variable := range environment {
		if !strings.HasPrefix(variable, prefix) {
			kept = append(kept, variable)
		}
	}
	return kept
}
