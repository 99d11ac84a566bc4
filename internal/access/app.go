package access

import (
	"fmt"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// App is a program that uses the Admin API: an order system, an order-management app, a fulfillment service. It owns
// the fulfillment services that it made and the holds that it placed.
type App struct {
	ID        fulfillment.ID `json:"id"`
	Handle    string         `json:"handle"` // unique; names the app in holds and histories, and never changes
	Name      string         `json:"name"`
	Scopes    []Scope        `json:"scopes"`
	CreatedAt time.Time      `json:"createdAt"`
}

// maxAppText bounds an app's name and handle, in bytes: what an actor of a command may hold.
const maxAppText = 255

// Complete checks a new app, and fills in what it has when nothing else was said: an ID, and a handle that follows from
// its name. Its scopes are put in order. A refusal is a *[fulfillment.Error].
func (a App) Complete(mint func() fulfillment.ID) (App, error) {
	if problems := fulfillment.NameProblems(a.Name); problems != nil {
		return a, problems[0]
	}
	given := a.Handle
	if given == "" {
		a.Handle = fulfillment.Handle(a.Name)
	} else if fulfillment.Handle(given) != given {
		return a, refused("handle",
			"A handle has lower-case letters, digits, _ and single hyphens between them; %q has not.", given)
	}
	if len(a.Name) > maxAppText || len(a.Handle) > maxAppText {
		return a, refused("name", "An app's name and handle have at most %d bytes.", maxAppText)
	}
	if a.Handle == fulfillment.System.App {
		return a, refused("handle", "The handle %q is reserved.", a.Handle)
	}
	var err error
	if a.Scopes, err = CheckScopes(a.Scopes); err != nil {
		return a, err
	}
	if a.ID == 0 {
		a.ID = mint()
	}
	if a.Handle == "" {
		a.Handle = "app-" + a.ID.String()
	}
	return a, nil
}

// CheckScopes is [CleanScopes] for an app that is to have them: its error is a *[fulfillment.Error].
func CheckScopes(scopes []Scope) ([]Scope, error) {
	cleaned, err := CleanScopes(scopes)
	if err != nil {
		return nil, refused("scopes", "The scopes are wrong: %s.", err.Error())
	}
	return cleaned, nil
}

// Differs refuses an app whose handle a stored one has, if that is not this very one, which was made before; nil: it
// is. idTaken says that a stored app has its ID, be it the same one.
func (a App) Differs(stored App, idTaken bool) *fulfillment.Error {
	switch {
	case stored.Name != a.Name:
		return refused("handle", "There is another app with the handle %q: %s.", a.Handle, stored.Name)
	case !slices.Equal(stored.Scopes, a.Scopes):
		return refused("scopes", "The app %s is there already, with other scopes; update it to change them.", a.Name)
	case idTaken && stored.ID != a.ID:
		return a.IDTaken()
	}
	return nil
}

// IDTaken refuses an app whose ID another one has.
func (a App) IDTaken() *fulfillment.Error {
	return refused("id", "There is another app with the ID %d.", a.ID)
}

func refused(field, format string, args ...any) *fulfillment.Error {
	return &fulfillment.Error{
		Code:    fulfillment.CodeInvalid,
		Field:   []string{field},
		Message: fmt.Sprintf(format, args...),
	}
}
