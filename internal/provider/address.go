package provider

import (
	"fmt"
	"strings"

	"packhorse/internal/callback"
)

// CheckAddresses holds the options of a service to the rules, as far as they are addresses that the provider calls.
// The error is permanent and names the option. Other options are not looked at.
func (e Entry) CheckAddresses(options map[string]any, rules callback.Rules) error {
	for _, name := range e.Addresses {
		address, isText := options[name].(string)
		if !isText {
			continue // Provider.ValidateOption says what is wrong with it, if anything is.
		}
		if err := CheckAddress(name, address, rules); err != nil {
			return OptionProblems{strings.TrimPrefix(err.Error(), "option ")}.Of(e.ID)
		}
	}
	return nil
}

// CheckAddress says what is wrong with the address that an option names, as a permanent error; nil: nothing is.
func CheckAddress(option, address string, rules callback.Rules) error {
	refuse := func(format string, args ...any) error {
		return &Error{Class: Permanent, Message: "option " + option + ": " + fmt.Sprintf(format, args...)}
	}
	if len(address) > callback.MaxLength {
		return refuse("it has %d bytes; an address has at most %d", len(address), callback.MaxLength)
	}
	u, fault := rules.Judge(address)
	switch fault {
	case callback.None:
		return nil
	case callback.OtherProtocol:
		return refuse("the protocol %q is not supported: write https://… or http://…", u.Scheme)
	case callback.HasUser:
		return refuse("it has a user name or a password in it: leave them out, and name a secret instead")
	case callback.Private:
		return refuse("the host %q is not on the public Internet; PACKHORSE_CALLBACK_ALLOW_PRIVATE=true allows it, "+
			"for development", callback.Host(u))
	case callback.Unlisted:
		return refuse("the host %q is not among PACKHORSE_CALLBACK_HOSTS", callback.Host(u))
	default:
		return refuse("it is no address such as https://warehouse.example.com/packhorse")
	}
}
