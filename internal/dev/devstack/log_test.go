package devstack

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLogRotates(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "logs")
	file := filepath.Join(folder, "a-server.log")
	for run := range 2 {
		log, err := OpenLog(folder, "a server")
		if err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(file); err != nil || len(text) != 0 {
			t.Errorf("run %d begins with %d bytes, %v", run, len(text), err)
		}
		line := []byte(strings.Repeat("x", 1<<20) + "\n")
		for range 6 * logMegabytes {
			if _, err := log.Write(line); err != nil {
				t.Fatal(err)
			}
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// What is too much is removed in the background.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		files, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 1+formerLogs {
			for _, file := range files {
				info, err := os.Stat(file)
				if err != nil {
					t.Fatal(err)
				}
				if info.Mode().Perm() != 0o600 || info.Size() > logMegabytes<<20 {
					t.Errorf("%s: %v, %d bytes", filepath.Base(file), info.Mode(), info.Size())
				}
			}
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%d files, want the log and %d former ones: %q", len(files), formerLogs, files)
		case <-time.After(readyInterval):
		}
	}
}
