package telemetry

import (
	"log/slog"
	"strings"
	"unicode"
)

// redacted stands in logs for what they must not have.
const redacted = "[redacted]"

// sensitive are the words that make a key sensitive. An address is where a
// person lives; addresses of servers are logged under other keys, such as
// "listen" or "server".
var sensitive = map[string]bool{
	"email": true, "phone": true, "address": true, "address1": true, "address2": true,
	"street": true, "zip": true, "postcode": true, "firstname": true, "lastname": true, "birthdate": true,
	"password": true, "passphrase": true, "secret": true, "token": true, "credential": true,
	"authorization": true, "cookie": true, "apikey": true, "privatekey": true,
}

// Redact is a slog ReplaceAttr function: it replaces the value of every
// attribute whose key, or the key of a group around it, has a sensitive word in
// it, however it is written: email, customerEmail, shipping_address, API-Key,
// accessTokens. It sees keys only; a struct logged whole keeps its fields.
func Redact(groups []string, attribute slog.Attr) slog.Attr {
	if len(groups) == 0 {
		switch attribute.Key {
		case slog.TimeKey, slog.LevelKey, slog.MessageKey, slog.SourceKey:
			return attribute
		}
	}
	if !isSensitive(attribute.Key) {
		for i := 0; ; i++ {
			if i == len(groups) {
				return attribute
			}
			if isSensitive(groups[i]) {
				break
			}
		}
	}
	return slog.String(attribute.Key, redacted)
}

func isSensitive(key string) bool {
	words := splitWords(key)
	for i, word := range words {
		if sensitive[word] || sensitive[strings.TrimSuffix(word, "s")] || sensitive[strings.TrimSuffix(word, "es")] {
			return true
		}
		if i > 0 && sensitive[words[i-1]+word] {
			return true
		}
	}
	return false
}

// splitWords splits snake_case, kebab-case, dotted.names and camelCase into words
// of small letters.
func splitWords(key string) []string {
	var words []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	runes := []rune(key)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			end()
			continue
		}
		// A capital begins a word, and so does the last one of several (APIKey).
		if unicode.IsUpper(r) && i > 0 &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			end()
		}
		word = append(word, r)
	}
	end()
	return words
}
