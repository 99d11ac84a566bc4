package shipbob

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	mostSaid    = 50  // texts of a refusal
	longestSaid = 300 // bytes of one
)

// readRefusal reads the body of a refusal, in whatever of its shapes: a map of fields to texts, {"errors": […]},
// {"errors": {field: […]}}, {"code", "message"}, a problem with title and detail, or a text.
func readRefusal(body []byte) []said {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return nil // A page of some proxy says nothing about the request.
	}
	var list []said
	collect(&list, "", value, 0)
	return list
}

// silent are members that are for programmers.
var silent = map[string]bool{
	"type": true, "status": true, "statuscode": true, "instance": true, "traceid": true, "stacktrace": true,
	"stack_trace": true, "code": true, "$type": true,
}

// general are members that have texts about the whole, or about the fields below.
var general = map[string]bool{
	"errors": true, "error": true, "message": true, "title": true, "detail": true, "details": true,
}

func collect(list *[]said, field string, value any, depth int) {
	if len(*list) >= mostSaid || depth > 4 {
		return
	}
	switch value := value.(type) {
	case string:
		if text := short(value); text != "" {
			*list = append(*list, said{Field: short(field), Text: text})
		}
	case []any:
		for _, element := range value {
			collect(list, field, element, depth+1)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			lower := strings.ToLower(name)
			switch {
			case silent[lower]:
			case general[lower]:
				collect(list, field, value[name], depth+1)
			default:
				collect(list, strings.TrimPrefix(field+"."+name, "."), value[name], depth+1)
			}
		}
	}
}

// short is a text as it can be passed on.
func short(s string) string { return cut(strings.TrimSpace(s), longestSaid) }

// cut cuts a text between two characters.
func cut(s string, limit int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
