package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
)

// ReadOptions reads the options of a service of the provider with this ID into settings, a pointer to a struct that has
// the defaults. What is left out, or null, stays as it is. It is the one reader of options, so that whatever is wrong
// with their shape is said of every provider in the same words: names that there are not, values of another kind, and
// texts that are blank, where the field's tag `options:"empty"` doesn't allow it. The error is permanent, and names
// each option with its path. It repeats no text: one may be a secret in the wrong place.
//
// check says what is wrong with the values, once they are read; nil: nothing can be. It is said with the rest, but for
// options that could not be read, which have their defaults then.
//
// Fields are texts, numbers, truth values, [fulfillment.Duration]s, and lists, structs and pointers of such.
func ReadOptions(id string, options map[string]any, settings any, check func() OptionProblems) error {
	var given map[string]any
	body, err := json.Marshal(options)
	if err == nil {
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		err = decoder.Decode(&given)
	}
	if err != nil {
		names := slices.Sorted(maps.Keys(options))
		return OptionProblems{"there is something among " + few(names) + " that JSON can't hold"}.Of(id)
	}
	var r optionReader
	unread := r.members(given, reflect.TypeOf(settings).Elem())
	if body, err = json.Marshal(given); err == nil {
		err = json.Unmarshal(body, settings)
	}
	if err != nil {
		return OptionProblems{"they can't be read"}.Of(id)
	}
	if check != nil {
		r.problems = append(r.problems, slices.DeleteFunc(check(), func(problem string) bool {
			return slices.Contains(unread, first(problem))
		})...)
	}
	return r.problems.Of(id)
}

// members holds the options to the fields of settings. What can't be read is removed, and returned; so is what is null.
func (r *optionReader) members(given map[string]any, t reflect.Type) (unread []string) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		before := len(r.problems)
		one := map[string]any{name: given[name]}
		r.object("", one, t, false)
		if len(r.problems) > before {
			unread = append(unread, name)
		}
		if len(r.problems) > before || len(one) == 0 {
			delete(given, name)
		}
	}
	return unread
}

// first is the name of the option that a problem begins with.
func first(problem string) string {
	end := strings.IndexAny(problem, " :.[")
	if end < 0 {
		return problem
	}
	return problem[:end]
}

// OptionID is which of the provider's options "id" names, and the options without it: it is none of a service's
// settings. Empty: it is not given. The error is permanent.
func OptionID(id string, options map[string]any, known ...string) (chosen string, rest map[string]any, err error) {
	value, given := options["id"]
	if !given {
		return "", options, nil
	}
	chosen, isText := value.(string)
	var problems OptionProblems
	if isText {
		problems.OneOf("id", chosen, known...)
	} else {
		problems.Add("id is no text: it must be one of %s", strings.Join(known, ", "))
	}
	if len(problems) > 0 {
		return "", nil, problems.Of(id)
	}
	rest = maps.Clone(options)
	delete(rest, "id")
	return chosen, rest, nil
}

// optionReader finds what is wrong with the shape of options.
type optionReader struct{ problems OptionProblems }

var durationType = reflect.TypeFor[fulfillment.Duration]()

// object holds the members of an object to the fields of a struct, and removes what is null.
func (r *optionReader) object(path string, members map[string]any, t reflect.Type, empty bool) {
	fields := make(map[string]reflect.StructField, t.NumField())
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		fields[name] = t.Field(i)
		names = append(names, name)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		at := path + name
		field, known := fields[name]
		switch value := members[name]; {
		case !known:
			r.problems.Add("there is no option %s: there %s", quoted(at), these(path, names))
		case value == nil:
			delete(members, name)
		default:
			r.value(at, value, field.Type, empty || field.Tag.Get("options") == "empty")
		}
	}
}

// value holds a value to a type.
func (r *optionReader) value(path string, value any, t reflect.Type, empty bool) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	number, isNumber := value.(json.Number)
	switch kind := t.Kind(); {
	case t == durationType:
		if text, isText := value.(string); !isText {
			r.want(path, value, aDuration)
		} else if _, err := time.ParseDuration(text); err != nil {
			r.problems.Add("%s is %s: it must be %s", path, quoted(text), aDuration)
		}
	case kind == reflect.String:
		r.text(path, value, empty)
	case kind == reflect.Bool:
		if _, isBool := value.(bool); !isBool {
			r.want(path, value, "true or false")
		}
	case kind == reflect.Int:
		if !isNumber {
			r.want(path, value, "a whole number")
		} else if _, err := strconv.ParseInt(number.String(), 10, 64); err != nil {
			r.problems.Add("%s is %.50s: it must be a whole number", path, number)
		}
	case kind == reflect.Float64:
		if !isNumber {
			r.want(path, value, "a number")
		} else if _, err := number.Float64(); err != nil {
			r.problems.Add("%s is %.50s: it is too large a number", path, number)
		}
	case kind == reflect.Slice:
		list, isList := value.([]any)
		if !isList {
			r.want(path, value, "a list")
		}
		for i, element := range list {
			r.value(fmt.Sprintf("%s[%d]", path, i), element, t.Elem(), empty)
		}
	case kind == reflect.Struct:
		members, isObject := value.(map[string]any)
		if !isObject {
			r.want(path, value, "an object")
		}
		r.object(path+".", members, t, empty)
	default:
		panic("options can't have a " + t.String())
	}
}

const aDuration = "a duration such as 30s, 90m or 36h, in quotes"

func (r *optionReader) text(path string, value any, empty bool) {
	switch text, isText := value.(string); {
	case !isText:
		r.want(path, value, "text")
	case !empty && strings.TrimSpace(text) == "":
		r.problems.Add("%s is blank: give it a value, or leave it out", path)
	case strings.ContainsRune(text, 0):
		r.problems.Add("%s has the character NUL: it must be text", path)
	}
}

// want says what there should be in the place of a value of another kind.
func (r *optionReader) want(path string, value any, want string) {
	kind := "an object"
	switch v := value.(type) {
	case nil:
		kind = "null"
	case bool:
		kind = strconv.FormatBool(v)
	case string:
		kind = "text"
	case json.Number:
		kind = "a number"
	case []any:
		kind = "a list"
	}
	r.problems.Add("%s is %s: it must be %s", path, kind, want)
}

// these are the options that there are below a path, "" being the top, where "id" is one, too.
func these(path string, names []string) string {
	if path == "" && !slices.Contains(names, "id") {
		names = append([]string{"id"}, names...)
	}
	verb := "are "
	if len(names) == 1 {
		verb = "is "
	}
	listed := make([]string, len(names))
	for i, name := range names {
		listed[i] = path + name
	}
	return verb + strings.Join(listed, ", ")
}

// quoted is a text that somebody gave, cut.
func quoted(text string) string { return strconv.Quote(clip(text, longestQuote)) }

// few are the first of the names.
func few(names []string) string {
	short := make([]string, min(len(names), 10))
	for i := range short {
		short[i] = quoted(names[i])
	}
	return strings.Join(short, ", ")
}

// longestQuote is how much is repeated of what somebody gave, in bytes.
const longestQuote = 50
