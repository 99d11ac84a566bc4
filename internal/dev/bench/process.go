package bench

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ticks is how many of the kernel's clock ticks are a second of CPU time (USER_HZ, the same on all Linux machines).
const ticks = 100

// stat is the fields of /proc/PID/stat that tell of CPU time and descent.
type stat struct {
	parent        int
	own, children float64 // CPU seconds, of the process and of children that have ended
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, fmt.Errorf("read what process %d has used: %w", pid, err)
	}
	return parseStat(string(text))
}

// parseStat reads the line of proc(5). The program's name may have spaces and brackets; the last bracket ends it.
func parseStat(text string) (stat, error) {
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 15 {
		return stat{}, fmt.Errorf("read what a process has used: %d fields are too few", len(fields))
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(fields[i])
		return n
	}
	return stat{
		parent:   number(1),
		own:      float64(number(11)+number(12)) / ticks,
		children: float64(number(13)+number(14)) / ticks,
	}, nil
}

// cpuSeconds is the CPU time that a process has used since it started.
func cpuSeconds(pid int) (float64, error) {
	s, err := readStat(pid)
	return s.own, err
}

// cpuSecondsOfServer is that of a server that has a process for each connection, such as PostgreSQL.
func cpuSecondsOfServer(pid int) (float64, error) {
	s, err := readStat(pid)
	if err != nil {
		return 0, err
	}
	total := s.own + s.children
	others, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, path := range others {
		id, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		if child, err := readStat(id); err == nil && child.parent == pid {
			// One that has ended meanwhile is the server's.
			total += child.own
		}
	}
	return total, nil
}

// memory is what a process has in memory, in bytes.
type memory struct{ resident, peak int64 }

func memoryOf(pid int) (memory, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return memory{}, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	defer file.Close()
	var m memory
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			m.resident = kilobytes << 10
		case "VmHWM":
			m.peak = kilobytes << 10
		}
	}
	return m, lines.Err()
}

// forgetPeak lets the peak of a process' memory begin anew. Where that isn't allowed, the peak is since its start.
func forgetPeak(pid int) {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
}
