package telemetry

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

var errShuttingDown = errors.New("the process is shutting down")

// readiness answers /readyz.
type readiness struct {
	checkers []*checker
	warners  []*checker // whose failure is only told
	draining atomic.Bool
}

// A checkResult is how one check ended, as in JSON.
type checkResult struct {
	Name    string `json:"name"`
	Ready   bool   `json:"ready"`
	Error   string `json:"error,omitempty"`
	Warning string `json:"warning,omitempty"`
}

// ServeHTTP runs all checks at the same time and answers 200 when all are ready,
// else 503 with the reasons: as JSON for those who accept it, else as text, with
// ?verbose also what is ready. Warnings are told either way.
func (r *readiness) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	results := make([]checkResult, len(r.checkers)+len(r.warners))
	var group sync.WaitGroup
	for i, c := range r.checkers {
		group.Go(func() { results[i] = newCheckResult(c.check.Name, c.result(request.Context())) })
	}
	for i, c := range r.warners {
		group.Go(func() { results[len(r.checkers)+i] = newWarning(c.check.Name, c.result(request.Context())) })
	}
	group.Wait()
	if r.draining.Load() {
		results = append(results, newCheckResult("shutdown", errShuttingDown))
	}
	status := http.StatusOK
	for _, result := range results {
		if !result.Ready {
			status = http.StatusServiceUnavailable
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	if strings.Contains(request.Header.Get("Accept"), "application/json") {
		writeJSON(w, status, results)
		return
	}
	writeText(w, status, results, request.URL.Query().Has("verbose"))
}

func newCheckResult(name string, err error) checkResult {
	if err != nil {
		return checkResult{Name: name, Error: err.Error()}
	}
	return checkResult{Name: name, Ready: true}
}

func newWarning(name string, err error) checkResult {
	result := checkResult{Name: name, Ready: true}
	if err != nil {
		result.Warning = err.Error()
	}
	return result
}

func writeJSON(w http.ResponseWriter, status int, results []checkResult) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// An error here means that whoever asked is gone.
	_ = json.NewEncoder(w).Encode(struct {
		Ready  bool          `json:"ready"`
		Checks []checkResult `json:"checks"`
	}{status == http.StatusOK, results})
}

func writeText(w http.ResponseWriter, status int, results []checkResult, verbose bool) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	for _, result := range results {
		switch {
		case !result.Ready:
			fmt.Fprintf(w, "[-] %s: %s\n", result.Name, result.Error)
		case result.Warning != "":
			fmt.Fprintf(w, "[!] %s: %s\n", result.Name, result.Warning)
		case verbose:
			fmt.Fprintf(w, "[+] %s\n", result.Name)
		}
	}
	if status == http.StatusOK {
		fmt.Fprintln(w, "ready")
		return
	}
	fmt.Fprintln(w, "not ready")
}
