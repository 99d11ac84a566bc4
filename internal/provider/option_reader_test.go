package provider_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// settings has every kind of option.
type settings struct {
	Name  string               `json:"name"`
	Note  string               `json:"note" options:"empty"`
	Count int                  `json:"count"`
	Ratio float64              `json:"ratio"`
	Test  bool                 `json:"test"`
	After fulfillment.Duration `json:"after"`
	Names []string             `json:"names"`
	Box   *box                 `json:"box,omitempty"`
}

type box struct {
	Inches int    `json:"inches"`
	Label  string `json:"label"`
}

// TestOptionsOfAnotherShape: what is wrong is said with its path and with what is allowed, in no words of Go, and what
// somebody gave in the wrong place is not repeated.
func TestOptionsOfAnotherShape(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		`{"nome": 1}`:                    `there is no option "nome": there are id, name, note, count, ratio, test, after, names, box`,
		`{"Name": "a"}`:                  `there is no option "Name": there are id, name, note, count, ratio, test, after, names, box`,
		`{"box": {"x": 1}}`:              `there is no option "box.x": there are box.inches, box.label`,
		`{"name": 4711}`:                 `name is a number: it must be text`,
		`{"name": true}`:                 `name is true: it must be text`,
		`{"name": ["hunter2"]}`:          `name is a list: it must be text`,
		`{"name": {"a": "hunter2"}}`:     `name is an object: it must be text`,
		`{"name": " "}`:                  `name is blank: give it a value, or leave it out`,
		`{"name": "a\u0000"}`:            `name has the character NUL: it must be text`,
		`{"count": "hunter2"}`:           `count is text: it must be a whole number`,
		`{"count": 1.5}`:                 `count is 1.5: it must be a whole number`,
		`{"count": 1e30}`:                `count is 1e+30: it must be a whole number`,
		`{"ratio": "0.5"}`:               `ratio is text: it must be a number`,
		`{"test": "true"}`:               `test is text: it must be true or false`,
		`{"test": 1}`:                    `test is a number: it must be true or false`,
		`{"after": 5}`:                   `after is a number: it must be a duration such as 30s, 90m or 36h, in quotes`,
		`{"after": "5"}`:                 `after is "5": it must be a duration such as 30s, 90m or 36h, in quotes`,
		`{"names": "a"}`:                 `names is text: it must be a list`,
		`{"names": ["a", 1, null, ""]}`:  `names[1] is a number: it must be text; names[2] is null: it must be text; names[3] is blank: give it a value, or leave it out`,
		`{"box": [1]}`:                   `box is a list: it must be an object`,
		`{"box": {"inches": "1"}}`:       `box.inches is text: it must be a whole number`,
		`{"box": {"label": ""}, "a": 1}`: `box.label is blank: give it a value, or leave it out; there is no option "a": there are id, name, note, count, ratio, test, after, names, box`,
	} {
		var data map[string]any
		if err := json.Unmarshal([]byte(options), &data); err != nil {
			t.Fatal(err)
		}
		err := provider.ReadOptions("ships", data, &settings{}, nil)
		if provider.Classify(err) != provider.Permanent || err.Error() != "options of the provider ships: "+want {
			t.Errorf("%s:\n%v\nwant a permanent error\n%s", options, err, want)
		}
	}
}

// TestOptionsAreRead: what is given takes the place of the default; what is left out, or null, does not.
func TestOptionsAreRead(t *testing.T) {
	t.Parallel()
	of := settings{Name: "before", Count: 1, Names: []string{"a"}, Box: &box{Inches: 1, Label: "b"}}
	err := provider.ReadOptions("ships", map[string]any{
		"name": nil, "note": "", "count": 7, "ratio": 0.5, "test": true, "after": "1m30s", "names": nil,
		"box": map[string]any{"inches": 9.0, "label": nil},
	}, &of, nil)
	want := settings{Name: "before", Count: 7, Ratio: 0.5, Test: true, After: 90_000_000_000, Names: []string{"a"},
		Box: &box{Inches: 9, Label: "b"}}
	if err != nil || !reflect.DeepEqual(of, want) {
		t.Errorf("read %+v, %v, want %+v", of, err, want)
	}
	if err := provider.ReadOptions("ships", nil, &of, nil); err != nil || !reflect.DeepEqual(of, want) {
		t.Errorf("nothing changes it to %+v, %v", of, err)
	}
}

// TestAllProblemsAreSaidAtOnce: of what could be read the values are checked, too; of what could not, nothing more is
// said.
func TestAllProblemsAreSaidAtOnce(t *testing.T) {
	t.Parallel()
	var of settings
	err := provider.ReadOptions("ships", map[string]any{
		"name": 7, "count": -1, "box": map[string]any{"inches": 5000, "label": 1}, "nome": "x",
	}, &of, func() provider.OptionProblems {
		var p provider.OptionProblems
		if of.Name == "" {
			p.Add("name is missing")
		}
		if of.Box == nil {
			p.Add("box.inches is missing")
		}
		p.Between("count", of.Count, 0, 9, "pieces")
		return p
	})
	const want = `options of the provider ships: box.label is a number: it must be text; count is -1: it must be between 0 ` +
		`and 9 pieces; name is a number: it must be text; there is no option "nome": there are id, name, note, count, ` +
		`ratio, test, after, names, box`
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}

// TestManyProblemsAreBounded: however much is wrong, the error is short enough for people.
func TestManyProblemsAreBounded(t *testing.T) {
	t.Parallel()
	names := make([]string, 5000)
	err := provider.ReadOptions("ships", map[string]any{"names": names, strings.Repeat("x", 5000): 1}, &settings{}, nil)
	if err == nil || !strings.HasSuffix(err.Error(), "; and 4981 more") || len(err.Error()) > 3000 {
		t.Errorf("%v", err)
	}
}

// TestOptionID: an id names one of the provider's options, and is none of the settings.
func TestOptionID(t *testing.T) {
	t.Parallel()
	given := map[string]any{"id": "b", "name": "x"}
	chosen, rest, err := provider.OptionID("ships", given, "a", "b")
	if err != nil || chosen != "b" || len(rest) != 1 || rest["name"] != "x" || len(given) != 2 {
		t.Errorf("%q, %v, %v", chosen, rest, err)
	}
	if chosen, rest, err := provider.OptionID("ships", nil, "a"); err != nil || chosen != "" || len(rest) != 0 {
		t.Errorf("without one: %q, %v, %v", chosen, rest, err)
	}
	for value, want := range map[any]string{
		"c": `id is "c": it must be one of a, b`, "": `id is "": it must be one of a, b`, 7: "id is no text",
		nil: "id is no text",
	} {
		_, _, err := provider.OptionID("ships", map[string]any{"id": value}, "a", "b")
		if provider.Classify(err) != provider.Permanent || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", value, err, want)
		}
	}
}
