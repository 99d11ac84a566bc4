package provider

import (
	"fmt"
	"maps"
	"slices"
)

// MissingSecrets says which secrets a service with these options names and secrets doesn't find, each with its option,
// its name, and how it is given; never what it is. They are for people to read: whoever asks may have other secrets
// than the workers that call the service's system.
func (e Entry) MissingSecrets(options map[string]any, secrets Secrets) []string {
	var missing []string
	for _, option := range slices.Sorted(maps.Keys(e.Secrets)) {
		name := e.Secrets[option]
		if given, ok := options[option].(string); ok {
			name = given
		}
		if name == "" || CheckSecretName(name) != nil { // Provider.ValidateOption says what is wrong with a name.
			continue
		}
		if _, err := secrets.All(name); err != nil {
			missing = append(missing, fmt.Sprintf(
				"option %s: %s Whoever serves the provider %s needs it; this process can't find it.", option, err, e.ID,
			))
		}
	}
	return missing
}
