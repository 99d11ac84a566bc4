package telemetry

import (
	"bytes"
	"log"
	"testing"
)

func TestUnquoted(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	logger := log.New(Unquoted(&logs), "", 0)
	logger.Printf("Unsolicited response received on idle HTTP channel starting with %q; err=%v", "Ada \"Byron\"\n", "x")
	logger.Print("something else")
	const want = "Unsolicited response received on idle HTTP channel starting with …\nsomething else\n"
	if got := logs.String(); got != want {
		t.Errorf("it logs %q, want %q", got, want)
	}
}
