package http

import (
	"math/big"
	"regexp"
)

// decimal is an amount of money.
var decimal = regexp.MustCompile(`^[0-9]{1,18}(\.[0-9]{1,18})?$`)

// compareAmounts compares two amounts exactly.
func compareAmounts(a, b string) int {
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	if !okX || !okY {
		return 0
	}
	return x.Cmp(y)
}
