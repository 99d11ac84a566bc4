// Package endtoend tests Packhorse as its users meet it: apps that send HTTP requests to the Admin API, in front of a
// real database, a real Temporal server and a real worker.
package endtoend

import (
	"flag"
	"testing"

	"packhorse/internal/dev/devstack/devstacktest"
)

// wholeWalk makes [TestWalk], [TestSight] and [TestPayloadsShowWhatQueriesShow] as long as they should be where there
// is time for it.
var wholeWalk = flag.Bool(
	"wholewalk", false, "TestWalk sends 200 random sequences of commands, and TestSight goes along every road with each set of "+
		"scopes, and so do payloads: more than every test run has time for",
)

// TestMain lets more tests run at a time than there are processors: they spend their time waiting for servers. Fuzzing
// would start as many processes, each with servers of its own.
func TestMain(m *testing.M) {
	flag.Parse()
	if !fuzzing() {
		setDefault("test.parallel", "8")
	}
	devstacktest.Main(m)
}

// fuzzing tells whether inputs are made up, and not only those run that are kept.
func fuzzing() bool { return flag.Lookup("test.fuzz").Value.String() != "" }

// setDefault sets a flag that was not given.
func setDefault(name, value string) {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if given {
		return
	}
	if err := flag.Set(name, value); err != nil {
		panic(err) // There is no such flag any more.
	}
}
