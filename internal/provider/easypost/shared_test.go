package easypost_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// recorded is where what others have recorded is, on machines that have it.
const recorded = "../../../../shared/data/providers"

// readShared reads a file of it.
func readShared(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(recorded, name))
	if os.IsNotExist(err) {
		t.Skipf("%s is not at hand", name)
	}
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
