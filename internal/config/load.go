package config

import (
	"fmt"
	"strings"
)

// An Error lists everything that is wrong with the settings, so that one look
// repairs all of it. It never has the value of a secret.
type Error struct {
	Problems []string
}

// Error is one line for one problem, else a line for each below a heading.
func (e *Error) Error() string {
	if len(e.Problems) == 1 {
		return "a setting is wrong: " + e.Problems[0]
	}
	return fmt.Sprintf("%d settings are wrong:\n  %s", len(e.Problems), strings.Join(e.Problems, "\n  "))
}

// A validator is a setting that has more to say about its value than its tags:
// what is wrong, as the end of a sentence that begins with the variable's name.
type validator interface{ validate() string }

// A combination is a struct with rules between its settings.
type combination interface{ problems() []string }

// Load fills structs from the environment. Each argument is a pointer to a struct of
// settings (see the package's text); anything else panics. A variable that is set to nothing counts
// as unset. The error is an *Error with all problems of all structs.
func Load(specs ...any) error {
	var problems []string
	for _, spec := range specs {
		before := len(problems)
		for _, s := range settingsOf(spec) {
			if problem := s.load(); problem != "" {
				problems = append(problems, problem)
			}
		}
		// Rules between settings would repeat what is wrong with one of them.
		if whole, ok := spec.(combination); ok && len(problems) == before {
			problems = append(problems, whole.problems()...)
		}
	}
	if len(problems) > 0 {
		return &Error{Problems: problems}
	}
	return nil
}
