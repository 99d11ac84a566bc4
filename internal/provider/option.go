package provider

import (
	"fmt"
	"strings"
)

// CheckShips refuses an option that an order can't be shipped by, because it is for goods that come back. An ID that is
// not among the options is for the [Provider] to judge. The error is permanent.
func CheckShips(options []Option, id string) error {
	back := false
	var ship []string
	for _, o := range options {
		switch {
		case !o.Return:
			ship = append(ship, o.ID)
		case o.ID == id:
			back = true
		}
	}
	if !back {
		return nil
	}
	message := fmt.Sprintf("the option %q is for goods that come back, and ships nothing", id)
	if len(ship) > 0 {
		message += ": to ship, there is " + strings.Join(ship[:min(len(ship), maxShip)], ", ")
	}
	return &Error{Class: Permanent, Message: message}
}

// maxShip are how many options are named.
const maxShip = 10
