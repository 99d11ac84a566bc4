package devstack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// busyShare is the share of one processor from which on a process counts as one
// that works. An idle Temporal server takes a fiftieth.
const busyShare = 0.25

// An effort is what a process has done since its start, or would have done if
// the machine had let it.
type effort struct {
	ran, waited time.Duration // On a processor, and for one, by all threads.
	onDisk      bool          // A thread waits for the disk at the moment.
}

// effortOf reads proc(5). What can't be read counts as none.
func effortOf(pid int) effort {
	var e effort
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	for _, thread := range threads {
		var ran, waited time.Duration
		text, _ := os.ReadFile(filepath.Join(thread, "schedstat"))
		if _, err := fmt.Sscan(string(text), &ran, &waited); err == nil {
			e.ran, e.waited = e.ran+ran, e.waited+waited
		}
		// The state follows the program's name, which may have brackets of its own.
		text, _ = os.ReadFile(filepath.Join(thread, "stat"))
		if state := string(text[strings.LastIndexByte(string(text), ')')+1:]); strings.HasPrefix(state, " D") {
			e.onDisk = true
		}
	}
	return e
}

// since says how busy the process was in this time, since an earlier effort, or
// "" if it was not.
func (e effort) since(earlier effort, elapsed time.Duration) string {
	least := time.Duration(busyShare * float64(elapsed))
	switch ran, waited := e.ran-earlier.ran, e.waited-earlier.waited; {
	case e.onDisk:
		return "waits for the disk"
	case ran > least:
		return fmt.Sprintf("works (it took the processor for %v)", ran.Round(time.Millisecond))
	case ran+waited > least:
		return fmt.Sprintf("waits for the processor, which others have (for %v)", waited.Round(time.Millisecond))
	}
	return ""
}
