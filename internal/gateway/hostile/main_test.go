package hostile

import (
	"fmt"
	"os"
	"testing"

	"packhorse/internal/dev/devstack/devstacktest"
)

func TestMain(m *testing.M) {
	if os.Getenv(servesAPI) != "" {
		fmt.Fprintln(os.Stderr, runAPI())
		os.Exit(1)
	}
	devstacktest.Main(m)
}
