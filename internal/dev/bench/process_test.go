package bench

import (
	"os"
	"testing"
)

func TestParseStat(t *testing.T) {
	t.Parallel()
	got, err := parseStat("4711 (a (b) c) S 17 4711 4711 0 -1 4194560 2 0 0 0 250 50 30 20 20 0 9 0 100 1 1")
	if want := (stat{parent: 17, own: 3, children: 0.5}); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	if _, err := parseStat("4711 (cut off) S 17"); err == nil {
		t.Error("a line that is cut off is read")
	}
}

func TestOwnProcess(t *testing.T) {
	t.Parallel()
	before, err := cpuSeconds(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for used := before; used < before+0.02; {
		if used, err = cpuSeconds(os.Getpid()); err != nil {
			t.Fatal(err)
		}
	}
	m, err := memoryOf(os.Getpid())
	if err != nil || m.resident < 1<<20 || m.peak < m.resident/2 {
		t.Errorf("memory %+v, %v", m, err)
	}
	if _, err := cpuSeconds(-1); err == nil {
		t.Error("there is no process -1")
	}
	if _, err := memoryOf(-1); err == nil {
		t.Error("there is no process -1")
	}
}
