package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kelseyhightower/envconfig"
)

// A setting is one field of a struct of settings.
type setting struct {
	name     string // of the variable
	fallback string // the default, as text
	what     string
	required bool
	allowed  []string // nil: any value
	min, max string   // "": no limit
	value    reflect.Value
	field    reflect.StructField
}

// settingsOf lists the settings of a struct in the order of its fields.
func settingsOf(spec any) []setting {
	value := reflect.ValueOf(spec).Elem()
	var list []setting
	for i := range value.NumField() {
		field := value.Type().Field(i)
		s := setting{
			name:     field.Tag.Get("envconfig"),
			fallback: field.Tag.Get("default"),
			what:     field.Tag.Get("desc"),
			required: field.Tag.Get("required") == "true",
			min:      field.Tag.Get("min"),
			max:      field.Tag.Get("max"),
			value:    value.Field(i),
			field:    field,
		}
		if allowed := field.Tag.Get("allowed"); allowed != "" {
			s.allowed = strings.Split(allowed, ",")
		}
		list = append(list, s)
	}
	return list
}

// load sets the field from the environment and says what is wrong with the
// value, if anything is.
func (s setting) load() string {
	value := os.Getenv(s.name)
	if value == "" && s.fallback == "" {
		if s.required {
			return fmt.Sprintf("%s is not set: %s", s.name, s.what)
		}
		return ""
	}
	field := s.field
	if value == "" {
		// envconfig takes a variable that is set to nothing for a value. No variable
		// has such a name, so it takes the default.
		field.Tag = reflect.StructTag(fmt.Sprintf(`envconfig:"=" default:%q`, s.fallback))
	}
	// envconfig stops at a struct's first problem; in a struct of its own, each
	// field gets its turn.
	one := reflect.New(reflect.StructOf([]reflect.StructField{field}))
	if err := envconfig.Process("", one.Interface()); err != nil {
		return s.problem(value, s.parseProblem(err))
	}
	parsed := one.Elem().Field(0)
	if problem := s.check(cmp.Or(value, s.fallback), parsed); problem != "" {
		return s.problem(value, problem)
	}
	s.value.Set(parsed)
	return ""
}

// check says why a value that could be read is not allowed.
func (s setting) check(text string, parsed reflect.Value) string {
	if v, ok := parsed.Interface().(validator); ok {
		return v.validate()
	}
	if s.allowed != nil && !slices.Contains(s.allowed, text) {
		return "is not allowed"
	}
	if s.min != "" && s.compare(parsed, s.min) < 0 {
		return "is too small"
	}
	if s.max != "" && s.compare(parsed, s.max) > 0 {
		return "is too large"
	}
	return ""
}

// compare compares a value with a limit of its tags. Limits that can't be read
// are a mistake in the struct.
func (s setting) compare(parsed reflect.Value, limit string) int {
	if d, ok := parsed.Interface().(time.Duration); ok {
		other, err := time.ParseDuration(limit)
		if err != nil {
			panic(err)
		}
		return cmp.Compare(d, other)
	}
	other, err := strconv.ParseFloat(limit, 64)
	if err != nil {
		panic(err)
	}
	if parsed.CanFloat() {
		// Not a number is below every number, so it is always out of range.
		return cmp.Compare(parsed.Float(), other)
	}
	return cmp.Compare(float64(parsed.Int()), other)
}

func (s setting) parseProblem(err error) string {
	var parse *envconfig.ParseError
	if !errors.As(err, &parse) {
		return "can't be read"
	}
	switch s.value.Interface().(type) {
	case time.Duration:
		return "is not a duration such as 500ms, 25s or 1m30s"
	case bool, *bool:
		return "is neither true nor false"
	case float64:
		return "is not a number"
	case int, int32, uint64:
		return "is not a whole number, or out of all range"
	}
	if s.allowed != nil {
		return "is not allowed"
	}
	return "can't be read: " + parse.Err.Error()
}

// problem is a whole sentence on a wrong value: what, why, what is allowed, and
// what to do. The value of a secret is left out.
func (s setting) problem(value, why string) string {
	text := s.name
	switch s.value.Interface().(type) {
	case Secret, DatabaseURL, SealKeys:
	default:
		text += fmt.Sprintf("=%q", value)
	}
	text += " " + why
	if limits := s.limits(); limits != "" {
		text += " (" + limits + ")"
	}
	text += ": " + s.what
	if s.fallback != "" {
		text += "; unset it for the default " + s.fallback
	}
	return text
}

// limits is what values are allowed, or "".
func (s setting) limits() string {
	switch {
	case s.allowed != nil:
		return strings.Join(s.allowed, ", ")
	case s.min != "" && s.max != "":
		return s.min + " to " + s.max
	case s.min != "":
		return "at least " + s.min
	case s.max != "":
		return "at most " + s.max
	}
	return ""
}
