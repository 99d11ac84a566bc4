package fulfillment

import (
	"strings"
	"testing"
)

// Options of a service name secrets, and never have them.
func TestOptionsHaveNoSecrets(t *testing.T) {
	t.Parallel()
	refused := map[string]map[string]any{
		"apiKey":             {"apiKey": "hunter2"},
		"webhook.secret":     {"webhook": map[string]any{"secret": "hunter2"}},
		"credentials.key":    {"credentials": map[string]any{"key": "hunter2"}},
		"tokens[1]":          {"tokens": []any{"A_TOKEN", "hunter2"}},
		"signing":            {"signing": "whsec_hunter2"},
		"header":             {"header": "Bearer hunter2"},
		"url":                {"url": "https://ada:hunter2@example.com/x"},
		"list[0].url":        {"list": []any{map[string]any{"url": "https://ada:hunter2@example.com"}}},
		"certificate":        {"certificate": "-----BEGIN PRIVATE KEY-----\nhunter2"},
		"easy":               {"easy": "EZTKhunter2hunter2hunter2hunter2"},
		"Authorization":      {"Authorization": "hunter2"},
		"secretNameOfTheKey": {"secretNameOfTheKey": "key-hunter2"},
	}
	for path, options := range refused {
		refusals := Service{Name: "Ship Co", Options: options}.CheckNew(false, noFTP{})
		if len(refusals) != 1 || refusals[0].Code != CodeInvalid || refusals[0].Field[0] != "options" ||
			!strings.Contains(refusals[0].Message, "The option "+path+" looks like a secret") {
			t.Errorf("%s: %v", path, told(refusals...))
			continue
		}
		if strings.Contains(refusals[0].Message, "hunter2") {
			t.Errorf("%s: the secret is repeated: %s", path, refusals[0].Message)
		}
	}
	for _, options := range []map[string]any{
		nil, {}, {"apiKey": "WAREHOUSE_KEY"}, {"webhook": map[string]any{"secret": "HOOK_2"}}, {"apiKey": ""},
		{"tokens": []any{"NEW", "OLD"}}, {"url": "https://ada@example.com/"}, {"shipAfter": "30s", "rate": 0.5},
		{"note": "Basically nothing"}, {"secretRequired": true},
	} {
		if refusals := (Service{Name: "Ship Co", Options: options}).CheckNew(false, noFTP{}); refusals != nil {
			t.Errorf("%v: %v", options, told(refusals...))
		}
	}
}
