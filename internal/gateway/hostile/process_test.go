package hostile

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"packhorse/internal/config"
	"packhorse/internal/serve"
	"packhorse/internal/worker/workertest"
)

// servesAPI is set for the test binary that is the API's process.
const servesAPI = "PACKHORSE_TEST_SERVES_API"

// usage is what a process has used.
type usage struct {
	CPU  time.Duration // by all its threads, ever
	Peak int           // bytes of memory at the most, since it was settled
}

// process is an API on its own.
type process struct {
	api, metrics, control string // host:port
	logged                atomic.Int64
}

// startAPI starts the API in front of an engine until the test ends.
func startAPI(t *testing.T, s *workertest.Stack) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), servesAPI+"=yes",
		"PACKHORSE_DATABASE_URL="+string(s.Settings.Database.URL), "TEMPORAL_ADDRESS="+s.Settings.Temporal.Address,
		"TEMPORAL_NAMESPACE="+s.Settings.Temporal.Namespace, "PACKHORSE_LOG_FORMAT=json",
		"PACKHORSE_SECRETS_KEYS="+workertest.SecretsKey,
		"PACKHORSE_API_ADDRESS=127.0.0.1:0", "PACKHORSE_METRICS_ADDRESS=127.0.0.1:0",
		"PACKHORSE_COST_RESTORE_RATE=0.1") // So that what a request has cost can be read afterwards.
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil { // It closes with this process, whatever ends it.
		t.Fatal(err)
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{}
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		p.readLog(t, logs, ready)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		_ = cmd.Wait()
	})
	select {
	case <-ready:
	case <-ended:
		t.Fatal("the API ended at its start")
	}
	return p
}

// readLog counts what is logged, and finds the addresses.
func (p *process) readLog(t *testing.T, logs io.Reader, ready chan<- struct{}) {
	lines := bufio.NewReader(logs)
	for {
		text, err := lines.ReadString('\n')
		p.logged.Add(int64(len(text)))
		var line struct{ Msg, Level, Listen, Metrics, Control string }
		if json.Unmarshal([]byte(text), &line) != nil {
			fmt.Fprint(t.Output(), text)
		}
		switch {
		case line.Msg == "control":
			p.control = line.Listen
		case line.Metrics != "":
			p.api, p.metrics = line.Listen, line.Metrics
			close(ready)
		case line.Level == "ERROR":
			fmt.Fprintf(t.Output(), "%.2000s\n", text)
		}
		if err != nil {
			return
		}
	}
}

// use asks the process what it has used. Settled first, it starts without garbage, and counts its peak anew.
func (p *process) use(t *testing.T, settle bool) usage {
	t.Helper()
	path := "/usage"
	if settle {
		path = "/settle"
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.control+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var used usage
	if err := json.NewDecoder(response.Body).Decode(&used); err != nil {
		t.Fatal(err)
	}
	return used
}

// runAPI is the main program of such a process.
func runAPI() error {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, `{"msg":"control","listen":%q}`+"\n", control.Addr())
	mux := http.NewServeMux()
	mux.HandleFunc("/usage", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(used()) })
	mux.HandleFunc("/settle", func(w http.ResponseWriter, _ *http.Request) {
		debug.FreeOSMemory()
		_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // VmHWM starts from now.
		_ = json.NewEncoder(w).Encode(used())
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(control) }()
	var settings serve.Settings
	if err := config.Load(settings.Specs()...); err != nil {
		return err
	}
	return serve.Run(ctx, settings, os.Stderr, nil)
}

// used is what this process has used.
func used() usage {
	var u usage
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err == nil {
		u.CPU = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			u.Peak = kib << 10
		}
	}
	return u
}
