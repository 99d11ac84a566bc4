package access

import "strings"

// Code is the extensions.code of a denial in an answer.
const Code = "ACCESS_DENIED"

const documentation = "https://shopify.dev/api/usage/access-scopes"

// Denied is a refusal for want of a scope or of ownership: a top-level error of the answer, whose field is null. It is
// an error; beware of a nil *Denied in a variable of type error.
type Denied struct {
	Operation string  // the mutation or query
	Required  []Scope // any one of them would do; empty for an operation that nobody may call
	OwnerOnly bool    // besides, the app must own the fulfillment service, and doesn't
}

func deny(operation string, required []Scope, ownerOnly bool) *Denied {
	return &Denied{Operation: operation, Required: required, OwnerOnly: ownerOnly}
}

// Error is the message, in the words of Shopify's API.
func (d *Denied) Error() string {
	message := "Access denied for " + d.Operation + " field."
	if access := d.RequiredAccess(); access != "" {
		message += " Required access: " + access
	}
	return message
}

// RequiredAccess is what is missing, in the words of Shopify's API: "`a` access scope or `b` access scope."
func (d *Denied) RequiredAccess() string {
	texts := make([]string, len(d.Required))
	for i, s := range d.Required {
		texts[i] = "`" + string(s) + "` access scope"
	}
	text := ""
	switch last := len(texts) - 1; {
	case last == 0:
		text = texts[0] + "."
	case last > 0:
		text = strings.Join(texts[:last], ", ") + " or " + texts[last] + "."
	}
	if d.OwnerOnly && text != "" {
		text += " Also: "
	}
	if d.OwnerOnly {
		text += "The app must own the fulfillment service."
	}
	return text
}

// Extensions is the extensions object of the error.
func (d *Denied) Extensions() map[string]any {
	extensions := map[string]any{"code": Code, "documentation": documentation}
	if access := d.RequiredAccess(); access != "" {
		extensions["requiredAccess"] = access
	}
	return extensions
}
