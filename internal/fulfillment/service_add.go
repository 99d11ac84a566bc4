package fulfillment

import (
	"slices"
	"strings"
)

// reservedNames are the services that Shopify has built in.
var reservedNames = []string{"manual", "gift_card", "shopify", "amazon"}

// CallbackRules say which callback URLs are allowed.
type CallbackRules interface {
	// Check refuses a URL on the field callbackUrl; nil: it is allowed.
	Check(url string) *Error
}

// Complete fills in what a new service has when nothing else was said: IDs of its own and of its location, a handle
// that follows from its name, the manual provider.
func (s *Service) Complete(mint func() ID) {
	if s.ID == 0 {
		s.ID = mint()
	}
	if s.LocationID == 0 {
		s.LocationID = mint()
	}
	if s.Handle = Handle(s.Name); s.Handle == "" {
		s.Handle = "service-" + s.ID.String()
	}
	if s.Provider == "" {
		s.Provider = ManualProvider
	}
	required := s.NeedsShippingMethod()
	s.RequiresShippingMethod = &required
}

// CheckNew is all that is wrong with a service that is to be added; nil: nothing is. nameTaken says that another
// service has its name, in any case, or the handle of its name.
func (s Service) CheckNew(nameTaken bool, callbacks CallbackRules) Refusals {
	refusals := append(s.nameProblems(nameTaken), s.callbackProblems(callbacks)...)
	if s.AcceptWithin < 0 {
		refusals = append(
			refusals,
			refusal(CodeInvalid, []string{"acceptWithin"}, "The time to accept can't be negative."),
		)
	}
	if s.AcceptPolicy != "" && !slices.Contains(AcceptPolicies, s.AcceptPolicy) {
		refusals = append(refusals,
			unknownWord([]string{"acceptPolicy"}, "an accept policy", s.AcceptPolicy, AcceptPolicies))
	}
	return append(refusals, optionProblems(s.Options, false)...)
}

func (s Service) nameProblems(taken bool) Refusals {
	problems := NameProblems(s.Name)
	if isLong(s.Name) {
		problems = append(problems, &Error{Code: CodeTooLong, Field: []string{"name"}, Message: longText("Name")})
	}
	switch {
	case problems != nil:
		return problems
	case slices.Contains(reservedNames, strings.ToLower(s.Name)), slices.Contains(reservedNames, Handle(s.Name)):
		return Refusals{refusal(CodeInvalid, []string{"name"}, "Name is reserved")}
	case taken:
		return Refusals{s.NameTaken()}
	}
	return nil
}

func (s Service) callbackProblems(rules CallbackRules) Refusals {
	if s.CallbackURL == "" {
		return nil
	}
	if e := rules.Check(s.CallbackURL); e != nil {
		return Refusals{e}
	}
	return nil
}

// SameAs tells whether a stored service with the same ID is this very one, which was added before. Its name may have
// changed since, its handle has not.
func (s Service) SameAs(stored Service) bool {
	return stored.Handle == s.Handle && stored.AppID == s.AppID
}

// NameTaken refuses a service whose name, or its handle, another one has.
func (s Service) NameTaken() *Error {
	return refusal(CodeInvalid, []string{"name"}, "Name has already been taken")
}

// IDTaken refuses a service whose ID another one has.
func (s Service) IDTaken() *Error {
	return refusal(CodeInvalid, []string{"id"}, "There is another service with the ID %d.", s.ID)
}

// LocationTaken refuses a service whose location another one runs.
func (s Service) LocationTaken() *Error {
	return refusal(CodeInvalid, []string{"locationId"}, "The location %d belongs to another service.", s.LocationID)
}

// OwnLocation is the location that is made for a new service which takes over none: under its name, after the
// merchant's own. That of an operator's service stocks everything. That of an app's stocks nothing: orders get there by
// moves, which take them whatever their SKUs, until somebody says what it has.
func (s Service) OwnLocation() Location {
	return Location{ID: s.LocationID, Name: s.Name, Active: true, Priority: servicePriority, StocksAll: s.AppID == 0}
}
