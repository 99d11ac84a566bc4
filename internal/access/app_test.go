package access

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
)

func TestCompleteApp(t *testing.T) {
	t.Parallel()
	mint := func() fulfillment.ID { return 7 }
	for name, test := range map[string]struct{ given, want App }{
		"the handle of the name, and scopes in order": {
			App{Name: "Web Shop", Scopes: []Scope{ReadLocations, WriteOrders, ReadLocations}},
			App{ID: 7, Name: "Web Shop", Handle: "web-shop", Scopes: []Scope{WriteOrders, ReadLocations}}},
		"a handle of its own": {
			App{ID: 3, Name: "Warehouse", Handle: "3pl", Scopes: Scopes()},
			App{ID: 3, Name: "Warehouse", Handle: "3pl", Scopes: Scopes()}},
		"a name without a handle": {
			App{Name: "倉庫", Scopes: Scopes()},
			App{ID: 7, Name: "倉庫", Handle: "app-7", Scopes: Scopes()}},
	} {
		got, err := test.given.Complete(mint)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v; -want +got:\n%s", name, err, diff)
		}
	}
}

func TestCompleteAppRefuses(t *testing.T) {
	t.Parallel()
	one := []Scope{ReadOrders}
	for name, test := range map[string]struct {
		app  App
		want *fulfillment.Error
	}{
		"no name": {App{Scopes: one},
			&fulfillment.Error{Code: fulfillment.CodeBlank, Field: []string{"name"}, Message: "Name can't be blank"}},
		"space before the name": {App{Name: " X", Scopes: one},
			refused("name", "Name cannot begin with a whitespace character")},
		"the system's handle": {App{Name: "Packhorse", Scopes: one},
			refused("handle", `The handle "packhorse" is reserved.`)},
		"no handle": {App{Name: "X", Handle: "Not A Handle", Scopes: one},
			refused("handle",
				`A handle has lower-case letters, digits, _ and single hyphens between them; "Not A Handle" has not.`)},
		"a long handle": {App{Name: "X", Handle: strings.Repeat("x", 256), Scopes: one},
			refused("name", "An app's name and handle have at most 255 bytes.")},
		"a long name": {App{Name: strings.Repeat("ö", 128), Handle: "x", Scopes: one},
			refused("name", "An app's name and handle have at most 255 bytes.")},
	} {
		_, err := test.app.Complete(nil)
		got, _ := fulfillment.AsError(err)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	for want, scopes := range map[string][]Scope{
		`The scopes are wrong: there is no scope "write_all"; there are read`: {"write_all"},
		"The scopes are wrong: at least one scope is needed":                  nil,
	} {
		_, err := App{Name: "X", Scopes: scopes}.Complete(nil)
		if got, ok := fulfillment.AsError(err); !ok || !strings.HasPrefix(got.Message, want) ||
			!cmp.Equal(got.Field, []string{"scopes"}) {
			t.Errorf("%v: %v", scopes, err)
		}
	}
}

func TestAppDiffers(t *testing.T) {
	t.Parallel()
	stored := App{ID: 3, Name: "Shop", Handle: "shop", Scopes: []Scope{ReadOrders}}
	for name, test := range map[string]struct {
		change  func(*App)
		idTaken bool
		want    *fulfillment.Error
	}{
		"the same again":        {func(a *App) { a.ID = 9 }, false, nil},
		"the same again, by ID": {func(*App) {}, true, nil},
		"another name": {func(a *App) { a.Name = "SHOP" }, false,
			refused("handle", `There is another app with the handle "shop": Shop.`)},
		"other scopes": {func(a *App) { a.Scopes = Scopes() }, false,
			refused("scopes",
				"The app Shop is there already, with other scopes; update it to change them.")},
		"the ID of yet another one": {func(a *App) { a.ID = 9 }, true,
			refused("id", "There is another app with the ID 9.")},
	} {
		app := stored
		test.change(&app)
		if diff := cmp.Diff(test.want, app.Differs(stored, test.idTaken)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}
