package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// prefix is what all variables of ours begin with.
const prefix = "PACKHORSE_"

// namedSecret is the variable of a secret that a provider asks for by its name.
var namedSecret = regexp.MustCompile(`^PACKHORSE_SECRET_[A-Z][A-Z0-9_]*$`)

// serviceLink is what Kubernetes adds to the environment for a Service whose
// name begins with packhorse; nobody set it.
var serviceLink = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_.+)?)$`)

// UnknownVariables warns of variables that look like ours and are none, most
// likely misspelt, each with the known name closest to it. The environment is
// NAME=value strings, as from os.Environ; values are not repeated. More is settings that other packages have.
func UnknownVariables(environment []string, more ...Group) []string {
	var known []string
	for _, group := range slices.Concat(groups(), more) {
		for _, s := range settingsOf(group.Settings) {
			if strings.HasPrefix(s.name, prefix) && !slices.Contains(known, s.name) {
				known = append(known, s.name)
			}
		}
	}
	var warnings []string
	for _, variable := range environment {
		name, _, _ := strings.Cut(variable, "=")
		// Names are compared with their case: to the operating system, and so to
		// envconfig, packhorse_timeout is another variable.
		if !strings.HasPrefix(strings.ToUpper(name), prefix) || slices.Contains(known, name) ||
			serviceLink.MatchString(name) || namedSecret.MatchString(name) {
			continue
		}
		warnings = append(
			warnings,
			fmt.Sprintf(
				"%q is not a setting of Packhorse and does nothing; did you mean %s?", name, closest(name, known),
			),
		)
	}
	slices.Sort(warnings)
	return warnings
}

// closest is the known name that takes the fewest edits.
func closest(name string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int {
		return levenshtein.ComputeDistance(strings.ToUpper(name), a) -
			levenshtein.ComputeDistance(strings.ToUpper(name), b)
	})
}
