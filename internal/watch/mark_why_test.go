package watch

import (
	"testing"

	"packhorse/internal/postgres"
)

// TestWhySetBack tells a database that was set back from one that goes on.
func TestWhySetBack(t *testing.T) {
	kept := &mark{Database: "one", Mark: 5, Server: "a start"}
	for name, test := range map[string]struct {
		kept           *mark
		here           postgres.Mark
		found, certain bool
	}{
		"nothing is known yet":       {nil, postgres.Mark{}, false, false},
		"Temporal is new":            {nil, postgres.Mark{Database: "one", Mark: 5}, false, false},
		"it goes on":                 {kept, postgres.Mark{Database: "one", Mark: 5, Server: "a start"}, false, false},
		"it is ahead":                {kept, postgres.Mark{Database: "one", Mark: 6, Server: "a start"}, false, false},
		"it is behind":               {kept, postgres.Mark{Database: "one", Mark: 4, Server: "a start"}, true, true},
		"it has no mark":             {kept, postgres.Mark{Server: "a start"}, true, true},
		"its server was started":     {kept, postgres.Mark{Database: "one", Mark: 5, Server: "another"}, true, false},
		"its server can't be told":   {kept, postgres.Mark{Database: "one", Mark: 5}, false, false},
		"it is behind after a start": {kept, postgres.Mark{Database: "one", Mark: 4, Server: "another"}, true, true},
		"the server was not told yet": {
			&mark{Database: "one", Mark: 5}, postgres.Mark{Database: "one", Mark: 5, Server: "a"}, false, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if why, certain := setBack(test.kept, test.here); (why != "") != test.found || certain != test.certain {
				t.Errorf("%q, certain: %v", why, certain)
			}
		})
	}
}
