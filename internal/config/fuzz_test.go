package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
)

// marker stands in secrets: nothing that is printed may have it.
const marker = "s3cr3t-m4rk3r"

// FuzzLoad sets any variable to anything: it is loaded, or all that is wrong is said, and no secret is told either way.
func FuzzLoad(f *testing.F) {
	var all []setting
	specs := make([]any, len(groups()))
	for i, group := range groups() {
		specs[i] = group.Settings
		all = append(all, settingsOf(group.Settings)...)
	}
	for n, s := range all {
		for _, value := range []string{"-1", "NaN", "9223372036854775808", "2562047h48m", "\xff", "a,,b", s.fallback} {
			f.Add(n, value)
		}
	}
	for _, s := range all { // The environment of whoever runs the tests is none of theirs.
		f.Setenv(s.name, "")
	}
	f.Fuzz(func(t *testing.T, n int, value string) {
		s := all[max(0, n%len(all))]
		switch s.value.Interface().(type) {
		case Secret:
			value += marker
		case DatabaseURL:
			value = "postgres://me:" + marker + "@" + value
		}
		if strings.ContainsRune(value, 0) { // No environment has it.
			return
		}
		t.Setenv(s.name, value)
		loaded := make([]any, len(specs))
		for i, group := range groups() {
			loaded[i] = group.Settings
		}
		err := Load(loaded...)
		var wrong *Error
		if err != nil && (!errors.As(err, &wrong) || len(wrong.Problems) == 0 || !utf8.ValidString(err.Error())) {
			t.Fatalf("%s=%q is refused with %#v", s.name, value, err)
		}
		body, _ := json.Marshal(loaded)
		shown := fmt.Sprint(err, UnknownVariables(os.Environ()), string(body))
		for _, spec := range loaded {
			shown += fmt.Sprintf("%v %+v %#v", spec, spec, spec)
		}
		if strings.Contains(shown, marker) {
			t.Fatalf("%s=%q is told: %s", s.name, value, shown)
		}
	})
}

// FuzzDatabaseURL: whatever the notation, the password that the driver finds in it is never printed.
func FuzzDatabaseURL(f *testing.F) {
	for _, text := range []string{"postgres://u:%s@h:5432/d", "postgres://u@h/d?password=%s",
		"postgresql://u:p%%20%s@h", "host=h password=%s user=u", "host=h password = '%s\\' x' user=u",
		"password='%s", "PASSWORD=%s", "host=h sslpassword=%s", "user=u\tpassword\n=\n%s",
		"postgres://u@h/d?PASSWORD=%s", "postgres://u@h?a=1&password=%s;b", "Postgres://u:%s@h", " postgres://u:%s@h",
		"password=a\\ %s", "password='a' password=%s", "xpassword=%s", "postgres://%s", "http://u:%s@h",
		"user='a password=%s'", "passfile=/dev/null password=%s",
		"password= %s", "password=''\vpassword=%s", "postgres://u:1?%s@h", "postgres://u:1#%s@h",
		"postgres://u@h?pass%%77ord=%s", "postgres://u:%s@x@h"} {
		f.Add(fmt.Sprintf(text, marker))
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := pgconn.ParseConfig(text)
		if err != nil || !strings.Contains(c.Password, marker) || strings.Count(text, marker) != 1 {
			return
		}
		u := DatabaseURL(text)
		for _, shown := range []string{u.String(), fmt.Sprintf("%v %+v %#v %q %s", u, u, u, u, u)} {
			if strings.Contains(shown, marker) {
				t.Fatalf("the password of %q is shown as %q", text, shown)
			}
		}
	})
}
