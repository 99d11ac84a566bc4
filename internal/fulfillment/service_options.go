package fulfillment

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// MaxSecretName is how many characters the name of a secret may have.
const MaxSecretName = 100

var namedSecret = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

// IsSecretName tells whether a text is the name of a secret of the deployment, such as WAREHOUSE_KEY. The options of a
// service have such names; who may read them sees no secret.
func IsSecretName(text string) bool {
	return len(text) <= MaxSecretName && namedSecret.MatchString(text)
}

// secretValue is how secrets begin that their makers marked as such.
var secretValue = regexp.MustCompile(`^(?i:whsec_|Bearer |Basic |sk_(?:live|test)_|-----BEGIN )|^EZ[AT]K[0-9A-Za-z]{20}|` +
	`^eyJ[\w-]{10,}\.[\w-]+\.`)

// optionProblems refuses options that have a secret where its name belongs. The refusals don't repeat it. named says
// that what they are in has the name of a secret.
func optionProblems(options map[string]any, named bool, path ...string) Refusals {
	var refusals Refusals
	for _, name := range slices.Sorted(maps.Keys(options)) {
		at := append(slices.Clone(path), keyStep(name))
		refusals = append(refusals, optionProblem(options[name], named || secretName.MatchString(name), at)...)
	}
	return refusals
}

// optionProblem judges a value. named says that the option, or what it is in, has the name of a secret.
func optionProblem(value any, named bool, path []string) Refusals {
	switch value := value.(type) {
	case map[string]any:
		return optionProblems(value, named, path...)
	case []any:
		var refusals Refusals
		for i, one := range value {
			refusals = append(refusals, optionProblem(one, named, append(slices.Clone(path), fmt.Sprint(i)))...)
		}
		return refusals
	case string:
		if named && value != "" && !IsSecretName(value) || secretValue.MatchString(value) || hasPassword(value) {
			return Refusals{refusal(CodeInvalid, append([]string{"options"}, path...), "The option %s looks like a "+
				"secret, which options never have. Give the secret a name of capital letters, digits and '_', such as "+
				"WAREHOUSE_KEY, put it where the workers find it (PACKHORSE_PROVIDER_SECRETS, or "+
				"PACKHORSE_SECRET_WAREHOUSE_KEY), and write the name here.", showPath(path))}
		}
	}
	return nil
}

// hasPassword tells whether a text is a URL with a password in it.
func hasPassword(text string) bool {
	if !strings.Contains(text, "://") {
		return false
	}
	u, err := url.Parse(text)
	if err != nil || u.User == nil {
		return false
	}
	_, has := u.User.Password()
	return has
}
